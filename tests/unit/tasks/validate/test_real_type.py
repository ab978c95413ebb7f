"""What files really are, whatever they are called."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from tasks.validate.real_type import real_type

Check = Callable[..., list[dict[str, Any]]]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0" * 20
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 60


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (gzip.compress(b"x", mtime=0), "application/gzip"),
        (zstandard.ZstdCompressor().compress(b"x"), "application/zstd"),
        (zipped("a.csv"), "application/zip"),
        (
            zipped("[Content_Types].xml", "xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PAR1" + b"\0" * 20, "application/vnd.apache.parquet"),
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 20, "image/jpeg"),
        (b"-----BEGIN PGP MESSAGE-----\n", "application/pgp-encrypted"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "application/pgp-keys"),
        (b"a,b\n1,2\n", "text/csv"),
        ("Straße;Öl\nx;y\n".encode(), "text/csv"),
        (b'{"a": 1}', "application/json"),
        (b"[1, 2]", "application/json"),
        (b'{"a": 1}\n{"a": 2}\n', "application/x-ndjson"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"<!DOCTYPE html><html></html>", "text/html"),
        (b"just words", "text/plain"),
        (b"just words", "text/csv"),
        ("a,b\n1,ü\n".encode("utf-16"), "text/csv"),
    ],
)
def test_content_is_told_by_its_bytes(data: bytes, name: str) -> None:
    assert real_type(data).fits([name]), str(real_type(data))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (ELF, "text/csv"),
        (PNG, "text/csv"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "text/csv"),
        (zipped("a.csv"), "text/csv"),
        (b"<html></html>", "text/csv"),
        (b'{"a": 1}', "text/csv"),
        (b"a,b\n1,2\n", "application/json"),
        (b"a,b\0\n1,2\n", "text/plain"),
        (b"%PDF-1.7\n", "text/plain"),
        (b"a,b\n\xff\xfe\xfd", "text/csv"),
    ],
)
def test_what_something_is_not(data: bytes, name: str) -> None:
    assert not real_type(data).fits([name]), str(real_type(data))


def test_families_and_other_spellings_are_understood() -> None:
    assert real_type(PNG).fits(["image/*"])
    assert not real_type(PNG).fits(["text/*"])
    assert real_type(gzip.compress(b"x")).fits(["Application/X-GZIP; charset=binary"])
    assert real_type(b'{"a":1}\n{"a":2}\n').fits(["application/jsonl"])


def test_the_encoding_of_the_route_says_what_text_is() -> None:
    data = "a;ü\n1;ö\n".encode("cp1252")
    assert not real_type(data).fits(["text/csv"])
    assert real_type(data, "cp1252").fits(["text/csv"])


def test_a_parquet_file_is_known(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    duckdb.sql(f"COPY (SELECT 1 AS a) TO '{path}' (FORMAT parquet)")
    assert real_type(path.read_bytes()).fits(["application/parquet"])


class TestStep:
    def test_a_disguised_file_is_refused_and_its_records_are_not_looked_at(self, violations: Check) -> None:
        validation = {"types": ["text/csv"], "csv": {"columns": [{"name": "a"}]}, "encoding": "utf-8"}
        (found,) = violations(ELF, validation, name="orders.csv")
        assert found["rule"] == "type"
        assert "not text/csv" in found["message"]

    def test_the_right_type_passes(self, validated: Any) -> None:
        result = validated(b"a\n1\n", {"types": ["text/csv"], "csv": {"columns": [{"name": "a"}]}})
        assert result["checks"] == ["type", "encoding", "csv"]

    def test_a_long_file_is_cut_within_a_character_without_harm(self, validated: Any) -> None:
        data = b"a" + "é".encode() * 40_000 + b"\n"
        assert validated(data, {"types": ["text/plain"]})["checks"] == ["type"]
