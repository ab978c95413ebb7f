"""Archives inside of archives: refused, unless the route unpacks them too."""

from __future__ import annotations

from .content import Blocks
from .limits import refused

_MAGIC = ((b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"PK\x03\x04", "zip"))
_ENOUGH = 64
_DOCUMENTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"mimetype", b"META-INF/", b"xl/", b"word/")
"""First entries of zip files that are documents: Office, OpenDocument, EPUB, Java."""


def without_nested(blocks: Blocks) -> Blocks:
    """`blocks`, unless they begin as an archive does: then ContentRefused."""
    head = b""
    for block in blocks:
        head += block
        if len(head) >= _ENOUGH:
            break
    for magic, name in _MAGIC:
        if head.startswith(magic) and not _is_document(head):
            raise refused("nested", f"inside of it is another archive ({name}), which the route does not unpack")
    yield head
    yield from blocks


def _is_document(head: bytes) -> bool:
    return head.startswith(b"PK\x03\x04") and head[30:].startswith(_DOCUMENTS)
