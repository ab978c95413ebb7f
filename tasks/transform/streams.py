"""gzip and zstd, in both directions, as streams of blocks."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from .content import BLOCK, Blocks
from .limits import Expansion, refused

_GZIP = 16 + zlib.MAX_WBITS
_ZSTD_PIECE = 512
"""Bytes given to the zstd decoder at once. It has no bound on its output: a block of 4 bytes becomes 128 KiB at
worst (RFC 8878, 3.1.1.2), so that this piece becomes 16 MiB at most."""
_ZSTD_WINDOW = 128 * 1024**2


def unpack_gzip(blocks: Blocks, expansion: Expansion) -> Blocks:
    """The expanded bytes of one or more gzip members. Raises ContentRefused for broken ones and bombs."""
    decoder = zlib.decompressobj(_GZIP)
    begun = False
    for block in blocks:
        expansion.add(packed=len(block))
        rest = block
        while rest:
            if decoder.eof:
                # Another member, or the zeros that tapes are padded with (RFC 1952, 2.2; gzip(1)).
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                decoder = zlib.decompressobj(_GZIP)
            begun = True
            data, rest = _inflated(decoder, rest)
            expansion.add(expanded=len(data))
            yield data
    if not begun or not decoder.eof:
        raise refused("gzip", "the gzip data is cut off" if begun else "the file is empty, not gzip")


def _inflated(decoder: zlib._Decompress, data: bytes) -> tuple[bytes, bytes]:
    try:
        expanded = decoder.decompress(data, BLOCK)
    except zlib.error as error:
        raise refused("gzip", f"this is not good gzip data: {error}") from error
    return expanded, decoder.unused_data if decoder.eof else decoder.unconsumed_tail


def pack_gzip(blocks: Blocks, level: int) -> Blocks:
    """One gzip member without time or name."""
    encoder = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    for block in blocks:
        yield encoder.compress(block)
    yield encoder.flush()


def unpack_zstd(blocks: Blocks, expansion: Expansion) -> Blocks:
    """The expanded bytes of one or more zstd frames. Raises ContentRefused for broken ones and bombs."""
    import zstandard

    codec = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    decoder = codec.decompressobj()
    begun = False
    for piece in _pieces(blocks, _ZSTD_PIECE):
        expansion.add(packed=len(piece))
        rest = piece
        while rest:
            if begun and decoder.eof:
                decoder = codec.decompressobj()
            begun = True
            try:
                data = decoder.decompress(rest)
            except zstandard.ZstdError as error:
                raise refused("zstd", f"this is not good zstd data: {error}") from error
            rest = decoder.unused_data if decoder.eof else b""
            expansion.add(expanded=len(data))
            yield data
    if not begun or not decoder.eof:
        raise refused("zstd", "the zstd data is cut off" if begun else "the file is empty, not zstd")


def _pieces(blocks: Blocks, size: int) -> Iterator[bytes]:
    for block in blocks:
        for at in range(0, len(block), size):
            yield block[at : at + size]


def pack_zstd(blocks: Blocks, level: int) -> Blocks:
    """One zstd frame with a checksum."""
    import zstandard

    encoder = zstandard.ZstdCompressor(level=level, write_checksum=True).compressobj()
    for block in blocks:
        yield encoder.compress(block)
    yield encoder.flush()
