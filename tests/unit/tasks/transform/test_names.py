"""What each operation does to the file's name."""

from __future__ import annotations

from typing import Any

import pytest

from fileferry.errors import ConfigurationError, ContentRefused
from tasks.transform.names import name_after
from tests.unit.tasks.transform.pipelines import JOB, OPERATIONS


def _after(operation: dict[str, Any], name: str) -> str:
    (parsed,) = OPERATIONS.validate_python([operation])
    return name_after(parsed, name, JOB)


@pytest.mark.parametrize(
    ("operation", "name", "expected"),
    [
        ({"op": "pack", "format": "gzip"}, "a.csv", "a.csv.gz"),
        ({"op": "pack", "format": "zstd"}, "a", "a.zst"),
        ({"op": "pack", "format": "zip"}, "a.csv", "a.csv.zip"),
        ({"op": "unpack", "format": "gzip"}, "a.csv.GZ", "a.csv"),
        ({"op": "unpack", "format": "gzip"}, "a.tgz", "a.tar"),
        ({"op": "unpack", "format": "gzip"}, "a.csv", "a.csv"),
        ({"op": "unpack", "format": "gzip"}, ".gz", ".gz"),
        ({"op": "unpack", "format": "zstd"}, "a.zst", "a"),
        ({"op": "encrypt", "recipients": ["x"]}, "a.csv", "a.csv.pgp"),
        ({"op": "encrypt", "recipients": ["x"], "armor": True}, "a.csv", "a.csv.asc"),
        ({"op": "sign", "key_secret": "k"}, "a.csv", "a.csv.pgp"),
        ({"op": "decrypt", "key_secret": "k"}, "a.csv.gpg", "a.csv"),
        ({"op": "verify", "signers": ["x"]}, "a.csv.asc", "a.csv"),
        ({"op": "charset"}, "a.csv", "a.csv"),
        ({"op": "convert", "source": "csv", "target": "parquet"}, "a.CSV", "a.parquet"),
        ({"op": "convert", "source": "ndjson", "target": "csv"}, "a.jsonl", "a.csv"),
        ({"op": "convert", "source": "csv", "target": "csv"}, "a.csv", "a.csv"),
        ({"op": "convert", "source": "csv", "target": "json"}, "a.dat", "a.dat.json"),
        ({"op": "rename", "to": "{stem}_{date}_{time}{suffix}"}, "a.b.csv", "a.b_20260131_102030.csv"),
        ({"op": "rename", "to": "{tenant}-{user}-{job_id}-{name}"}, "ü x.csv", "acme-ann-j1-ü x.csv"),
        ({"op": "rename", "to": "{{{stem}}}"}, "a.csv", "{a}"),
    ],
)
def test_an_operation_changes_the_name(operation: dict[str, Any], name: str, expected: str) -> None:
    assert _after(operation, name) == expected


@pytest.mark.parametrize(
    "template", ["{nope}", "{", "{name!r}", "{name:>9}", "{}", "{0}", "out/{name}", "a\\{name}", "{name.x}"]
)
def test_a_template_that_cannot_be_used_is_the_configurations_fault(template: str) -> None:
    with pytest.raises(ConfigurationError, match="template"):
        _after({"op": "rename", "to": template}, "a.csv")


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{suffix}", "noext"),
        ("{stem}", ".."),
        (".{stem}", "."),
        ("{name}", "a\nb.csv"),
        ("{name}", "x" * 256),
        ("{stem} ", " "),
    ],
)
def test_a_new_name_that_is_no_file_name_is_refused(template: str, name: str) -> None:
    with pytest.raises(ContentRefused, match="gives no file name"):
        _after({"op": "rename", "to": template}, name)
