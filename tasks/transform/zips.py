"""Zip archives: one entry out of an untrusted one, and one entry into a new one.

An archive comes from a stranger: names that lead elsewhere, links, encryption, more entries or bytes than allowed,
and compression whose memory nobody can bound are refused (PKWARE APPNOTE 6.3.10; the hazards of D. Fifield,
"A better zip bomb").
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from wcmatch import glob

from fileferry.model.route import Unpack

from .content import BLOCK, Blocks, Content, Done, Scratch, read_blocks
from .limits import Expansion, refused
from .names import name_problem

_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCATOR_SIZE = 20
_ENTRY_BYTES = 1024
"""Bytes of the central directory that an entry may take on average; Python reads the whole directory into memory."""
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1
_EPOCH = (1980, 1, 1, 0, 0, 0)
_GLOB = glob.GLOBSTAR | glob.BRACE | glob.DOTGLOB | glob.CASE | glob.FORCEUNIX


def unpack_zip(operation: Unpack, content: Content, scratch: Scratch) -> Done:
    """The chosen entry as a stream, under its own name. Raises ContentRefused."""
    path = scratch.file(content)
    _check_directory(path, operation.max_entries)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise refused("zip", f"this is not a good zip archive: {error}") from error
    with archive:
        entries = archive.infolist()
    _check_entries(entries, operation, path.stat().st_size)
    entry = _chosen(entries, operation.entry)
    name = PurePosixPath(entry.filename).name
    if problem := name_problem(name):
        raise refused("zip_name", f"the name of entry {entry.filename[:60]!r} {problem}")
    blocks = _read_entry(path, entry, Expansion(operation.max_size, operation.max_ratio, packed=entry.compress_size))
    return Done(Content(name, blocks), {"entry": entry.filename[:200], "entries": len(entries)})


def _check_directory(path: Path, max_entries: int) -> None:
    """Refuse a central directory that is too large to be read, by the end record's own words."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END_SIZE - 0xFFFF - _LOCATOR_SIZE))
        tail = file.read()
        at = tail.rfind(_END)
        if at < 0:
            raise refused("zip", "this is not a zip archive, or its end is cut off")
        entries = int.from_bytes(tail[at + 10 : at + 12], "little")
        directory = int.from_bytes(tail[at + 12 : at + 16], "little")
        if directory == 0xFFFFFFFF or entries == 0xFFFF:
            entries, directory = _zip64(file.name, tail[max(0, at - _LOCATOR_SIZE) : at], entries, directory)
    if entries > max_entries or directory > _ENTRY_BYTES * (max_entries + 64):
        raise refused("entries", f"the archive has more than the {max_entries} entries allowed")


def _zip64(name: str | int, locator: bytes, entries: int, directory: int) -> tuple[int, int]:
    """(entries, bytes of the directory) by the zip64 end record, if there is one."""
    if not locator.startswith(b"PK\x06\x07"):
        return entries, directory
    with Path(str(name)).open("rb") as file:
        file.seek(int.from_bytes(locator[8:16], "little"))
        record = file.read(56)
    return int.from_bytes(record[32:40], "little"), int.from_bytes(record[40:48], "little")


def _check_entries(entries: Sequence[zipfile.ZipInfo], operation: Unpack, packed: int) -> None:
    if len(entries) > operation.max_entries:
        raise refused("entries", f"the archive has {len(entries)} entries, {operation.max_entries} are allowed")
    for entry in entries:
        if problem := _entry_problem(entry):
            raise refused("zip_entry", f"entry {entry.filename[:60]!r} {problem}")
    Expansion(operation.max_size, operation.max_ratio, packed=packed).add(
        expanded=sum(entry.file_size for entry in entries)
    )


def _entry_problem(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    if ".." in re.split(r"[/\\]", name):
        return "leads out of its folder"
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "has an absolute name"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link"
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a special file"
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if entry.compress_type not in _METHODS:
        return f"is compressed by method {entry.compress_type}; only stored and deflated ones are taken"
    return ""


def _chosen(entries: Sequence[zipfile.ZipInfo], pattern: str | None) -> zipfile.ZipInfo:
    files = [entry for entry in entries if not entry.is_dir()]
    fitting = files if pattern is None else [e for e in files if glob.globmatch(e.filename, pattern, flags=_GLOB)]
    if len(fitting) == 1:
        return fitting[0]
    wanted = "exactly one" if pattern is None else f"exactly one that matches {pattern!r}"
    raise refused("zip_choice", f"of its {len(files)} files {wanted} is expected, {len(fitting)} are there")


def _read_entry(path: Path, entry: zipfile.ZipInfo, expansion: Expansion) -> Blocks:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(entry) as stream:
            for block in read_blocks(stream):
                expansion.add(expanded=len(block))
                yield block
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise refused("zip", f"entry {entry.filename[:60]!r} is damaged: {error}") from error


def pack_zip(content: Content, level: int, scratch: Scratch) -> Path:
    """A zip whose one entry has the content's name, and no time but the format's first.

    It is written to a file, where sizes can be filled in: archives with data descriptors are refused by some readers.
    """
    source = scratch.file(content)
    entry = zipfile.ZipInfo(content.name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    entry.file_size = source.stat().st_size
    entry.create_system = 3
    target = scratch.new(".zip")
    with zipfile.ZipFile(target, "w", compresslevel=level) as archive, source.open("rb") as file:
        # The level is taken from the entry when it is given as a ZipInfo.
        entry._compresslevel = level  # type: ignore[attr-defined]
        with archive.open(entry, "w") as out:
            while block := file.read(BLOCK):
                out.write(block)
    return target
