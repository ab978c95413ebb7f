"""Tables between CSV, NDJSON, JSON and Parquet, with values that must not change on the way."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from fileferry.errors import ConfigurationError, ContentRefused
from tests.unit.tasks.transform.pipelines import Pipeline

CSV = """id,name,amount,day,code
1,"Miller, ""Jo""
B",2.25,2026-01-31,007
2,Öl,3.25,2026-02-01,010
3,,4.75,,+5
""".encode()
ROWS = [
    {"id": 1, "name": 'Miller, "Jo"\nB', "amount": 2.25, "day": "2026-01-31", "code": "007"},
    {"id": 2, "name": "Öl", "amount": 3.25, "day": "2026-02-01", "code": "010"},
    {"id": 3, "name": None, "amount": 4.75, "day": None, "code": "+5"},
]
FORMATS = ("csv", "ndjson", "json", "parquet")


def convert(source: str, target: str, **more: Any) -> dict[str, Any]:
    return {"op": "convert", "source": source, "target": target, **more}


def rows_of(data: bytes, form: str, folder: Path) -> list[dict[str, Any]]:
    """The rows as another reader sees them."""
    if form == "ndjson":
        return [json.loads(line) for line in data.splitlines()]
    if form == "json":
        return list(json.loads(data))
    path = folder / "read.parquet"
    path.write_bytes(data)
    relation = duckdb.sql(f"SELECT * FROM read_parquet('{path}')")
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


@pytest.mark.parametrize("target", ["ndjson", "json"])
def test_a_csv_becomes_json_records(run: Pipeline, tmp_path: Path, target: str) -> None:
    assert rows_of(run(CSV, convert("csv", target)), target, tmp_path) == ROWS
    assert run.told == [{"op": "convert", "filename": f"orders.{target}", "rows": 3, "columns": 5}]


def test_a_csv_becomes_parquet_with_types(run: Pipeline, tmp_path: Path) -> None:
    data = run(CSV, convert("csv", "parquet"))
    path = tmp_path / "typed.parquet"
    path.write_bytes(data)
    described = duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()
    assert {row[0]: row[1] for row in described} == {
        "id": "BIGINT",
        "name": "VARCHAR",
        "amount": "DECIMAL(18,2)",
        "day": "DATE",
        "code": "VARCHAR",
    }


@pytest.mark.parametrize(("there", "back"), itertools.permutations(FORMATS, 2))
def test_what_is_converted_forth_is_the_same_when_it_comes_back(
    run: Pipeline, tmp_path: Path, there: str, back: str
) -> None:
    data = CSV if there == "csv" else run(CSV, convert("csv", there))
    again = run(run(data, convert(there, back)), convert(back, there))
    if there == "parquet":  # JSON has no dates and no decimals
        assert rows_of(run(again, convert("parquet", "ndjson")), "ndjson", tmp_path) == ROWS
    else:
        assert again == data


@pytest.mark.parametrize(
    "value",
    [
        "007",
        "+5",
        "1e400",
        "1e-400",
        "1234567890123456e5",
        "1/2/2026",
        "2026-01-31T10:00:00Z",
        "-0",
        "-0.00",
        "1_000",
        "0x10",
        "inf",
        "nan",
        " 1",
        "12345678901234567890123456789012345678901",
    ],
)
def test_values_that_only_look_like_numbers_or_dates_stay_text(run: Pipeline, value: str) -> None:
    out = json.loads(run(f"id,v\n1,{value}\n".encode(), convert("csv", "ndjson")))
    assert out == {"id": 1, "v": value}


@pytest.mark.parametrize("value", ["0", "-5", "1.50", "0.10", "12345678901234567890.123456789", "true", "2.5e3"])
def test_numbers_keep_their_digits(run: Pipeline, value: str) -> None:
    assert run(f"id,v\n1,{value}\n".encode(), convert("csv", "ndjson")).decode() in (
        f'{{"id":1,"v":{value}}}\n',
        '{"id":1,"v":2500.0}\n',
    )


def test_strings_in_json_stay_strings_although_they_look_like_dates(run: Pipeline) -> None:
    data = b'{"day":"2026-01-31","n":"1","at":"2026-01-31 10:00:00"}\n'
    assert run(data, convert("ndjson", "ndjson")) == data
    assert run(data, convert("ndjson", "csv")) == b"day,n,at\n2026-01-31,1,2026-01-31 10:00:00\n"


def test_lists_and_objects_become_json_in_csv_fields(run: Pipeline) -> None:
    data = b'{"id":1,"tags":["a","b"],"at":{"x":1}}\n'
    assert run(data, convert("ndjson", "csv")) == b'id,tags,at\n1,"[""a"",""b""]","{""x"":1}"\n'


def test_the_routes_types_replace_the_guessed_ones(run: Pipeline) -> None:
    assert run(b"a,b\n1,2\n", convert("csv", "ndjson", columns={"a": "VARCHAR"})) == b'{"a":"1","b":"2"}\n'
    assert run(b"a,b\n1,2\n", convert("csv", "ndjson", columns={"b": "DOUBLE"})) == b'{"a":"1","b":2.0}\n'


def test_another_delimiter_is_read_and_written(run: Pipeline) -> None:
    assert run(b"a;b\n1;x,y\n", convert("csv", "ndjson", delimiter=";")) == b'{"a":1,"b":"x,y"}\n'
    assert run(b'{"a":1,"b":"x,y"}\n', convert("ndjson", "csv", delimiter=";")) == b"a;b\n1;x,y\n"


class TestRefused:
    @pytest.mark.parametrize(
        ("data", "rule", "line"),
        [
            (b"a,b\n1,2\n3\n", "transform.csv.row_width", 3),
            (b'a,b\n1,"x\n', "transform.csv.quoting", 2),
            (b"a,a\n1,2\n", "transform.csv.header", None),
            (b"a,A\n1,2\n", "transform.csv.header", None),
            (b"a,\n1,2\n", "transform.csv.header", None),
            (b"", "transform.csv.header", None),
            (b"a,b\n1,\xff\n", "transform.charset", 2),
        ],
    )
    def test_a_csv_that_is_none(self, run: Pipeline, data: bytes, rule: str, line: int | None) -> None:
        with pytest.raises(ContentRefused, match="operation 1 of 1: convert") as caught:
            run(data, convert("csv", "parquet"))
        (violation,) = caught.value.violations
        assert (violation["rule"], violation.get("line")) == (rule, line)

    @pytest.mark.parametrize("form", ["ndjson", "json", "parquet"])
    @pytest.mark.parametrize("data", [b"nonsense", b'{"a":', b"[1,2]", b""])
    def test_what_is_no_table_of_the_source_format(self, run: Pipeline, form: str, data: bytes) -> None:
        with pytest.raises(ContentRefused):
            run(data, convert(form, "csv"))

    def test_a_value_that_does_not_fit_the_routes_type_is_named_by_line(self, run: Pipeline) -> None:
        with pytest.raises(ContentRefused) as caught:
            run(b"a\n1\nx\n", convert("csv", "parquet", columns={"a": "BIGINT"}))
        (violation,) = caught.value.violations
        assert violation["line"] == 3
        assert "/tmp" not in str(caught.value)

    @pytest.mark.parametrize("columns", [{"a": "NOTYPE"}, {"a": "BIGINT; DROP TABLE x"}])
    def test_a_type_that_is_none_is_a_configuration_error(self, run: Pipeline, columns: dict[str, str]) -> None:
        with pytest.raises(ConfigurationError, match="cannot be done"):
            run(b"a\n1\n", convert("csv", "parquet", columns=columns))

    def test_a_column_that_is_not_there_is_refused(self, run: Pipeline) -> None:
        with pytest.raises(ContentRefused, match="no column 'b'"):
            run(b"a\n1\n", convert("csv", "parquet", columns={"b": "BIGINT"}))


def test_a_table_of_a_header_alone_has_no_rows(run: Pipeline) -> None:
    assert run(b"a,b\n", convert("csv", "ndjson")) == b""
    assert run(b"a,b\n", convert("csv", "csv")) == b"a,b\n"


def test_the_conversion_keeps_to_its_memory(tmp_path: Path) -> None:
    """In a process of its own, whose peak is read from the kernel: 60 MB of CSV sorted with 128 MiB in all."""
    program = """
import resource, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from tests.unit.tasks.transform.pipelines import Pipeline
import duckdb
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
run = Pipeline(Path(sys.argv[1]))
run.memory = 128 * 1024**2
def blocks():
    yield b"id,text\\n"
    for block in range(150):
        yield b"".join(b"%d,%0400d\\n" % ((block * 1000 + row) * 7919 % 150001, row) for row in range(1000))
size = sum(map(len, run.stream(blocks(), {"op": "convert", "source": "csv", "target": "parquet",
    "sql": "SELECT * FROM input ORDER BY id"})))
print(run.told[0]["rows"], (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    root = str(Path(__file__).parents[4])
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "folder"), root, f"{root}/src"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    rows, mebibytes = map(int, done.stdout.split())
    assert rows == 150_000
    assert mebibytes < 128


def test_a_query_that_does_not_fit_memory_and_disk_is_a_configuration_error(
    run: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.transform.database._LEAST", 4 * 1024**2)
    run.memory = 8 * 1024**2
    data = io.BytesIO()
    data.write(b"a\n")
    for number in range(200_000):
        data.write(b"%032d\n" % number)
    sql = "SELECT list(a || repeat('x', 1000)) AS all_of_it FROM input"
    with pytest.raises(ConfigurationError, match=r"more memory|scratch disk"):
        run(data.getvalue(), convert("csv", "parquet", sql=sql))
