"""What a file really is, by its first bytes, whatever its name says.

Binary formats have magic numbers (puremagic's tables); text has none, so that a text is what it can be read as:
any text may be `text/plain`, any text without markup may be `text/csv`, and only text that begins as JSON does
may be `application/json`.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

HEAD_SIZE = 64 * 1024
"""Bytes of a file's beginning that decide."""

_ALIASES = {
    "application/x-gzip": "application/gzip",
    "application/x-zip-compressed": "application/zip",
    "application/x-pdf": "application/pdf",
    "application/x-zstd": "application/zstd",
    "application/jsonl": "application/x-ndjson",
    "application/ndjson": "application/x-ndjson",
    "application/jsonlines": "application/x-ndjson",
    "application/parquet": "application/vnd.apache.parquet",
    "application/x-parquet": "application/vnd.apache.parquet",
    "application/csv": "text/csv",
    "text/json": "application/json",
    "text/xml": "application/xml",
    "application/pgp": "application/pgp-encrypted",
}
_SURE_MAGIC = (
    (b"\x1f\x8b", "application/gzip"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"PAR1", "application/vnd.apache.parquet"),
    (b"%PDF-", "application/pdf"),
    (b"%!PS", "application/postscript"),
    (b"{\\rtf", "application/rtf"),
    (b"-----BEGIN PGP PUBLIC", "application/pgp-keys"),
    (b"-----BEGIN PGP SIGNATURE", "application/pgp-signature"),
    (b"-----BEGIN PGP", "application/pgp-encrypted"),
)
_OFFICE = (
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class RealType:
    """The media types that the content fits: the best name first, then those that it may also go by."""

    names: tuple[str, ...]

    def fits(self, allowed: Sequence[str]) -> bool:
        """Whether one of `allowed` (media types; `image/*` stands for a family) names this content."""
        wanted = [canonical(name) for name in allowed]
        return any(fnmatchcase(name, pattern) for name in self.names for pattern in wanted)

    def __str__(self) -> str:
        return self.names[0]


def canonical(name: str) -> str:
    """One spelling for a media type: lower case, without parameters, aliases resolved."""
    plain = name.split(";")[0].strip().lower()
    return _ALIASES.get(plain, plain)


def real_type(head: bytes, encoding: str | None = None) -> RealType:
    """The type of a file that begins with `head`; `encoding` is that of its text if it is text."""
    for magic, name in _SURE_MAGIC:
        if head.startswith(magic):
            return RealType((name,))
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(head)
    text = _as_text(head, encoding)
    return _text_type(text) if text is not None else _binary_type(head)


def _zip_type(head: bytes) -> RealType:
    if b"[Content_Types].xml" in head:
        for folder, name in _OFFICE:
            if folder in head:
                return RealType((name, "application/zip"))
    return RealType(("application/zip",))


def _as_text(head: bytes, encoding: str | None) -> str | None:
    named = next((codec for bom, codec in _BOMS if head.startswith(bom)), encoding or "utf-8")
    try:
        text = codecs.getincrementaldecoder(named)("strict").decode(head)
    except (UnicodeDecodeError, LookupError):
        return None
    return None if _CONTROL.search(text) else text


def _text_type(text: str) -> RealType:
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        return RealType(("text/plain", "text/csv", "text/tab-separated-values", "application/x-ndjson"))
    if start[0] == "<":
        return RealType((_markup(start), "text/plain"))
    names = [name for name, is_one in _TEXT_KINDS if is_one(start)]
    return RealType((*names, "text/plain") if names else ("text/plain", "text/csv", "text/tab-separated-values"))


def _markup(start: str) -> str:
    beginning = start[:1024].lower()
    if beginning.startswith(("<!doctype html", "<html")):
        return "text/html"
    return "image/svg+xml" if "<svg" in beginning else "application/xml"


def _is_ndjson(start: str) -> bool:
    first, newline, rest = start.partition("\n")
    return bool(newline) and start[0] == "{" and _parses(first) and (not rest.strip() or rest.lstrip()[0] == "{")


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_json(start: str) -> bool:
    if start[0] == "[":
        return bool(re.match(r'\[\s*(?:[\[{"\]\-0-9]|true|false|null|$)', start))
    return bool(re.match(r'\{\s*(?:"|\}|$)', start)) and not (_is_ndjson(start) and start.count("\n") > 1)


def _is_delimited(start: str) -> bool:
    lines = start.split("\n")[:-1][:20] or [start]
    return any(min(line.count(mark) for line in lines) > 0 for mark in ",;\t|")


def _may_be_csv(start: str) -> bool:
    return start[0] not in "{[" and _is_delimited(start)


_TEXT_KINDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("application/x-ndjson", lambda start: _is_ndjson(start) or (start[0] == "{" and _parses(start))),
    ("application/json", _is_json),
    ("text/csv", _may_be_csv),
    ("text/tab-separated-values", lambda start: start[0] not in "{[" and "\t" in start),
)


def _binary_type(head: bytes) -> RealType:
    if name := _openpgp(head):
        return RealType((name, "application/octet-stream"))
    import puremagic

    try:
        guesses = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        guesses = []
    best = max((guess.confidence for guess in guesses), default=0.0)
    names = [canonical(guess.mime_type) for guess in guesses if guess.mime_type and guess.confidence == best]
    return RealType((*dict.fromkeys(names), "application/octet-stream"))


def _openpgp(head: bytes) -> str:
    """Binary OpenPGP messages begin with a session key packet (RFC 9580, 4.2 and 5.1): tag, length, version."""
    if len(head) < 4 or not head[0] & 0x80:
        return ""
    new_format = bool(head[0] & 0x40)
    tag = head[0] & 0x3F if new_format else (head[0] >> 2) & 0x0F
    sizes = 1 + (0 if head[1] < 192 else 1) if new_format else (1, 2, 4, 0)[head[0] & 0x03]
    version = head[1 + sizes] if len(head) > 1 + sizes else 0
    return "application/pgp-encrypted" if tag in (1, 3) and version in (3, 4, 5, 6) else ""
