"""gzip, zstd and zip forth and back, and what is dangerous in them."""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zstandard

from fileferry.errors import ConfigurationError, ContentRefused
from tests.unit.tasks.transform.pipelines import Pipeline

DATA = b"".join(b"%d,%x\n" % (number, number * 7919) for number in range(5000))
FORMATS = ["gzip", "zip", "zstd"]
MIB = 1024**2


def pack(form: str, **more: Any) -> dict[str, Any]:
    return {"op": "pack", "format": form, **more}


def unpack(form: str, **more: Any) -> dict[str, Any]:
    return {"op": "unpack", "format": form, **more}


def rule(run: Pipeline, data: bytes, *operations: dict[str, Any]) -> str:
    """The rule under which the pipeline refuses the data."""
    with pytest.raises(ContentRefused) as caught:
        run(data, *operations)
    assert caught.value.where == f"operation 1 of {len(operations)}: unpack"
    return str(caught.value.violations[0]["rule"])


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


class TestForthAndBack:
    @pytest.mark.parametrize("form", FORMATS)
    @pytest.mark.parametrize("data", [b"", b"x", DATA], ids=["empty", "byte", "data"])
    @pytest.mark.parametrize("block", [7, 65536])
    def test_what_is_packed_can_be_unpacked(self, run: Pipeline, form: str, data: bytes, block: int) -> None:
        packed = run(data, pack(form), block=block)
        name = run.name
        assert run(packed, unpack(form), name=name, block=block) == data
        assert run.name == "orders.csv"

    @pytest.mark.parametrize("form", FORMATS)
    def test_packing_is_deterministic(self, run: Pipeline, form: str) -> None:
        assert run(DATA, pack(form), block=1000) == run(DATA, pack(form), block=1000)

    def test_others_read_what_is_packed(self, run: Pipeline) -> None:
        assert gzip.decompress(run(DATA, pack("gzip"))) == DATA
        assert zstandard.ZstdDecompressor().decompressobj().decompress(run(DATA, pack("zstd"))) == DATA
        with zipfile.ZipFile(io.BytesIO(run(DATA, pack("zip")))) as archive:
            assert archive.namelist() == ["orders.csv"]
            assert archive.testzip() is None
            assert archive.read("orders.csv") == DATA

    def test_members_behind_each_other_are_one_file(self, run: Pipeline) -> None:
        frame = zstandard.ZstdCompressor()
        assert run(gzip.compress(b"a") + gzip.compress(b"b") + b"\0" * 100, unpack("gzip"), block=3) == b"ab"
        assert run(frame.compress(b"a") + frame.compress(b"b"), unpack("zstd"), block=3) == b"ab"

    def test_a_higher_level_packs_smaller_and_an_impossible_one_is_refused(self, run: Pipeline) -> None:
        text = b"".join(b"row %d of the table of orders\n" % number for number in range(3000))
        for form in FORMATS:
            assert len(run(text, pack(form, level=9))) < len(run(text, pack(form, level=1)))
        with pytest.raises(ConfigurationError, match="gzip has no level 12"):
            run(DATA, pack("gzip", level=12))


class TestBombs:
    @pytest.mark.parametrize("form", FORMATS)
    def test_too_large_a_ratio_is_refused(self, run: Pipeline, form: str) -> None:
        assert rule(run, run(b"\0" * 3 * MIB, pack(form)), unpack(form, max_ratio=100)) == "transform.ratio"

    @pytest.mark.parametrize("form", FORMATS)
    def test_too_large_a_result_is_refused(self, run: Pipeline, form: str) -> None:
        packed = run(os.urandom(2 * MIB), pack(form))
        assert rule(run, packed, unpack(form, max_size=MIB)) == "transform.expanded_size"

    @pytest.mark.parametrize("form", FORMATS)
    def test_a_small_file_of_spaces_is_no_bomb(self, run: Pipeline, form: str) -> None:
        assert run(run(b" " * 500_000, pack(form)), unpack(form, max_ratio=2)) == b" " * 500_000

    @pytest.mark.parametrize(
        ("form", "bomb"),
        [
            ("gzip", lambda: gzip.compress(b"\0" * 64 * MIB)),
            ("zstd", lambda: zstandard.ZstdCompressor().compress(b"\0" * 64 * MIB)),
            ("zip", lambda: zipped(("a", b"\0" * 64 * MIB))),
        ],
    )
    def test_a_bomb_is_never_expanded_in_memory(self, run: Pipeline, form: str, bomb: Callable[[], bytes]) -> None:
        packed = bomb()
        tracemalloc.start()
        try:
            assert rule(run, packed, unpack(form, max_size=8 * MIB, max_ratio=1e9)) == "transform.expanded_size"
            assert tracemalloc.get_traced_memory()[1] < 24 * MIB
        finally:
            tracemalloc.stop()

    def test_an_entry_that_lies_about_its_size_is_refused(self, run: Pipeline) -> None:
        data = bytearray(zipped(("a.csv", b"x" * 3000)))
        for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            struct.pack_into("<I", data, data.index(signature) + offset, 10)
        assert rule(run, bytes(data), unpack("zip")) == "transform.zip"

    @pytest.mark.parametrize("form", ["gzip", "zstd"])
    def test_an_archive_inside_of_an_archive_is_refused_unless_the_route_unpacks_it(
        self, run: Pipeline, form: str
    ) -> None:
        nested = run(gzip.compress(DATA), pack(form))
        assert rule(run, nested, unpack(form)) == "transform.nested"
        assert run(nested, unpack(form), unpack("gzip")) == DATA

    @pytest.mark.parametrize("form", FORMATS)
    def test_memory_is_bounded_by_blocks_not_by_the_file(self, run: Pipeline, form: str) -> None:
        block = os.urandom(256 * 1024)

        def blocks() -> Iterator[bytes]:
            for _ in range(96):
                yield block

        tracemalloc.start()
        try:
            size = sum(map(len, run.stream(blocks(), pack(form, level=1), unpack(form))))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert size == 24 * MIB
        assert peak < 12 * MIB


class TestBroken:
    @pytest.mark.parametrize("form", FORMATS)
    def test_what_is_cut_off_damaged_or_something_else_is_refused(self, run: Pipeline, form: str) -> None:
        packed = run(DATA, pack(form))
        damaged = bytearray(packed)
        damaged[len(packed) // 2] ^= 0xFF
        for data in (packed[: len(packed) // 2], bytes(damaged), DATA, b""):
            assert rule(run, data, unpack(form)) == f"transform.{form}"

    def test_garbage_behind_a_gzip_member_is_refused(self, run: Pipeline) -> None:
        assert rule(run, gzip.compress(DATA) + b"garbage", unpack("gzip")) == "transform.gzip"


class TestZipEntries:
    @pytest.mark.parametrize(
        "name", ["../a.csv", "x/../../a.csv", "/etc/passwd", "C:/a.csv", "C:a.csv", "..\\a.csv", "\\\\host\\a.csv"]
    )
    def test_names_that_lead_elsewhere_are_refused(self, run: Pipeline, name: str) -> None:
        assert rule(run, zipped((name, b"1")), unpack("zip")) == "transform.zip_entry"
        assert rule(run, zipped(("ok.csv", b"1"), (name, b"1")), unpack("zip", entry="ok.csv")) == "transform.zip_entry"

    @pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
    def test_links_and_special_files_are_refused(self, run: Pipeline, kind: int) -> None:
        entry = zipfile.ZipInfo("a.csv")
        entry.external_attr = (kind | 0o777) << 16
        assert rule(run, zipped((entry, b"/etc/passwd")), unpack("zip")) == "transform.zip_entry"

    def test_encrypted_entries_are_refused(self, run: Pipeline) -> None:
        data = bytearray(zipped(("a.csv", b"1")))
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            data[data.index(signature) + offset] |= 1
        assert rule(run, bytes(data), unpack("zip")) == "transform.zip_entry"

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_methods_whose_memory_nobody_bounds_are_refused(self, run: Pipeline, method: int) -> None:
        assert rule(run, zipped(("a.csv", b"1"), method=method), unpack("zip")) == "transform.zip_entry"

    def test_too_many_entries_are_refused_before_they_are_read(self, run: Pipeline) -> None:
        many = zipped(*((f"{number}.csv", b"") for number in range(21)))
        assert rule(run, many, unpack("zip", max_entries=20, entry="3.csv")) == "transform.entries"
        assert run(many, unpack("zip", max_entries=21, entry="3.csv")) == b""

    def test_a_directory_that_is_larger_than_it_says_is_refused(self, run: Pipeline) -> None:
        data = bytearray(zipped(*((f"{number}.csv", b"") for number in range(5))))
        at = data.rindex(b"PK\x05\x06")
        struct.pack_into("<HH", data, at + 8, 1, 1)
        assert rule(run, bytes(data), unpack("zip", max_entries=3)) == "transform.entries"

    def test_all_entries_together_must_not_be_too_large(self, run: Pipeline) -> None:
        data = zipped(("a.csv", os.urandom(MIB)), ("b.csv", os.urandom(MIB)))
        assert rule(run, data, unpack("zip", entry="a.csv", max_size=int(1.5 * MIB))) == "transform.expanded_size"

    def test_the_entry_is_chosen_by_its_pattern_and_gives_its_name(self, run: Pipeline) -> None:
        data = zipped(("in/a.csv", b"a"), ("in/b.txt", b"b"), ("readme", b"r"), ("in/", b""))
        assert run(data, unpack("zip", entry="**/*.txt"), name="x.zip") == b"b"
        assert run.name == "b.txt"
        assert run.told[0] == {"op": "unpack", "filename": "b.txt", "entry": "in/b.txt", "entries": 4}

    @pytest.mark.parametrize("entry", [None, "**/*.csv", "none"])
    def test_no_entry_or_several_are_refused(self, run: Pipeline, entry: str | None) -> None:
        data = zipped(("a.csv", b"a"), ("b.csv", b"b"))
        operation = unpack("zip") if entry is None else unpack("zip", entry=entry)
        assert rule(run, data, operation) == "transform.zip_choice"

    def test_a_document_that_is_a_zip_itself_is_no_nested_archive(self, run: Pipeline) -> None:
        document = zipped(("[Content_Types].xml", b"<Types/>" * 20), ("xl/workbook.xml", b"<x/>"))
        assert run(zipped(("book.xlsx", document)), unpack("zip")) == document

    def test_a_wrong_checksum_is_refused(self, run: Pipeline) -> None:
        data = bytearray(zipped(("a.csv", b"12345"), method=zipfile.ZIP_STORED))
        struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 16, zlib.crc32(b"other"))
        assert rule(run, bytes(data), unpack("zip")) == "transform.zip"
