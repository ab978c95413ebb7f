"""Which code does which operation. Heavy libraries are imported by those that need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fileferry.errors import ConfigurationError, FerryError
from fileferry.model.job import JobRef
from fileferry.model.route import Charset, Convert, Decrypt, Encrypt, Operation, Pack, Rename, Sign, Unpack, Verify

from .content import Blocks, Content, Done, Scratch, located
from .limits import Expansion
from .names import name_after
from .nested import without_nested
from .pgp_keys import KeySource

_LEVELS = {"gzip": (6, 9), "zip": (6, 9), "zstd": (3, 19)}
"""Default and highest level of each format."""


@dataclass(frozen=True)
class Workshop:
    """What operations work with; `memory` in bytes is the function's."""

    job: JobRef
    scratch: Scratch
    memory: int
    keys: KeySource


def pipeline(operations: Sequence[Operation], content: Content, shop: Workshop) -> Done:
    """The output of all operations, one after the other.

    Streams do their work when they are read, so that errors may come then. `told["operations"]` has one entry an
    operation: its `op`, the `filename` after it and what it found out. Errors tell which operation they come from.
    """
    told = []
    for number, operation in enumerate(operations, 1):
        where = f"operation {number} of {len(operations)}: {operation.op}"
        try:
            done = _perform(operation, content, shop, unpacked_next=_unpacks(operations[number:]))
        except FerryError as error:
            error.where = error.where or where
            raise
        content = done.content
        if content.blocks is not None:
            content = replace(content, blocks=located(content.blocks, where))
        told.append({"op": operation.op, "filename": content.name, **done.told})
    return Done(content, {"operations": told})


def _unpacks(following: Sequence[Operation]) -> bool:
    """Whether the next operation that touches the bytes unpacks them."""
    return isinstance(next((one for one in following if not isinstance(one, Rename)), None), Unpack)


def _perform(operation: Operation, content: Content, shop: Workshop, unpacked_next: bool) -> Done:
    done = _output(operation, content, shop)
    out = replace(done.content, name=name_after(operation, done.content.name, shop.job))
    if isinstance(operation, Unpack) and not unpacked_next:
        out = replace(out, blocks=without_nested(out.read()))
    return replace(done, content=out)


def _output(operation: Operation, content: Content, shop: Workshop) -> Done:
    match operation:
        case Decrypt() | Verify():
            from .pgp import open_message

            return open_message(operation, content, shop.keys, shop.scratch)
        case Encrypt() | Sign():
            from .pgp import seal

            return seal(operation, content, shop.keys, shop.scratch)
        case Unpack():
            return _unpacked(operation, content, shop.scratch)
        case Pack():
            return Done(_packed(operation, content, shop.scratch))
        case Charset():
            from .charset import recode

            return Done(Content(content.name, recode(operation, content.read())))
        case Convert():
            from .convert import convert

            return convert(operation, content, shop.scratch, shop.memory)
        case Rename():
            return Done(content)


def _unpacked(operation: Unpack, content: Content, scratch: Scratch) -> Done:
    if operation.format == "zip":
        from .zips import unpack_zip

        return unpack_zip(operation, content, scratch)
    from .streams import unpack_gzip, unpack_zstd

    unpack = unpack_gzip if operation.format == "gzip" else unpack_zstd
    expansion = Expansion(operation.max_size, operation.max_ratio)
    return Done(Content(content.name, unpack(content.read(), expansion)))


def _packed(operation: Pack, content: Content, scratch: Scratch) -> Content:
    usual, highest = _LEVELS[operation.format]
    level = operation.level or usual
    if level > highest:
        raise ConfigurationError(
            f"{operation.format} has no level {level}.", todo=f"give pack a level of 1 to {highest}, or none."
        )
    if operation.format == "zip":
        from .zips import pack_zip

        return Content(content.name, path=pack_zip(content, level, scratch))
    from .streams import pack_gzip, pack_zstd

    pack: Callable[[Blocks, int], Blocks] = pack_gzip if operation.format == "gzip" else pack_zstd
    return Content(content.name, pack(content.read(), level))
