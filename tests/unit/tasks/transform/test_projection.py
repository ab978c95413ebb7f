"""A tenant's SQL: what it may do, and every way out of the database that it tries in vain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from fileferry.errors import ConfigurationError, ContentRefused
from tasks.transform.database import database
from tests.unit.tasks.transform.pipelines import Pipeline

CSV = b"id,amount,region\n1,2.50,eu\n2,4.00,us\n3,1.00,eu\n"


def query(run: Pipeline, sql: str, **more: Any) -> bytes:
    return run(CSV, {"op": "convert", "source": "csv", "target": "csv", "sql": sql, **more})


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT id, region FROM input WHERE amount > 2", b"id,region\n1,eu\n2,us\n"),
        ("select sum(amount) as total from INPUT;", b"total\n7.50\n"),
        ("FROM input SELECT id LIMIT 1", b"id\n1\n"),
        (
            "WITH eu AS (SELECT * FROM input WHERE region = 'eu') SELECT count(*) AS n FROM eu",
            b"n\n2\n",
        ),
        ("SELECT a.id FROM input a JOIN input b ON a.id = b.id + 1 ORDER BY a.id DESC", b"id\n3\n2\n"),
        ("SELECT id FROM input WHERE amount = (SELECT max(amount) FROM input)", b"id\n2\n"),
        ("SELECT unnest([1, 2]) AS n", b"n\n1\n2\n"),
        ("SELECT id FROM input -- ; a comment\n LIMIT 1", b"id\n1\n"),
        ("SELECT ';' AS semicolon FROM input LIMIT 1", b"semicolon\n;\n"),
        ("SELECT id FROM input WHERE false", b"id\n"),
    ],
)
def test_one_select_over_the_input_is_done(run: Pipeline, sql: str, expected: bytes) -> None:
    assert query(run, sql) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "COPY input TO '{out}'",
        "COPY (SELECT * FROM input) TO '{out}' (FORMAT parquet)",
        "EXPORT DATABASE '{out}'",
        "ATTACH '{out}' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO input VALUES (1)",
        "EXPLAIN SELECT * FROM input",
        "SELECT 1; SELECT 2",
        "SELECT * FROM input; COPY input TO '{out}'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'https://example.org/x.parquet'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/proc/self/environ')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
        "SELECT (SELECT content FROM read_text('/etc/passwd')) FROM input",
        "SELECT * FROM input WHERE id IN (SELECT 1 FROM glob('/*'))",
        "SELECT * FROM input JOIN read_text('/etc/passwd') ON true",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('duckdb_settings')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM sqlite_master",
        "SELECT getenv('AWS_SECRET_ACCESS_KEY')",
        "SELECT current_setting('temp_directory')",
        "DESCRIBE input",
        "SUMMARIZE input",
        "not sql at all",
        "",
    ],
)
def test_anything_else_is_the_configurations_fault_and_does_nothing(run: Pipeline, tmp_path: Path, sql: str) -> None:
    out = tmp_path / "out"
    with pytest.raises(ConfigurationError, match="operation 1 of 1: convert"):
        query(run, sql.format(out=out))
    assert not out.exists()


@pytest.mark.parametrize(
    "sql", ["SELECT nope FROM input", "SELECT nope(id) FROM input", "SELECT id + region FROM input", "SELECT id FROM"]
)
def test_a_query_that_does_not_fit_the_table_is_the_configurations_fault(run: Pipeline, sql: str) -> None:
    with pytest.raises((ConfigurationError, ContentRefused), match="operation 1 of 1: convert"):
        query(run, sql)


class TestDatabase:
    """The database itself is shut, whatever the look at the SQL would have missed."""

    @pytest.mark.parametrize(
        "sql",
        [
            "COPY (SELECT 1) TO '{folder}/evil.csv'",
            "COPY (SELECT 1) TO '{folder}/out.csv.evil'",
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM read_text('/etc/passwd')",
            "SELECT * FROM read_csv('{folder}/../secret')",
            "SELECT * FROM glob('/etc/*')",
            "SELECT * FROM 'https://example.org/x.csv'",
            "ATTACH '{folder}/evil.db'",
            "INSTALL httpfs",
            "INSTALL httpfs FROM community",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SET allowed_paths = ['/etc/passwd']",
            "SET allowed_directories = ['/']",
            "SET memory_limit = '100GB'",
            "SET temp_directory = '/tmp'",
            "SET lock_configuration = false",
            "RESET memory_limit",
            "SET threads = 64",
            "PRAGMA enable_profiling",
            "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
            "EXPORT DATABASE '{folder}/evil'",
        ],
    )
    def test_every_way_out_is_shut(self, tmp_path: Path, sql: str) -> None:
        (tmp_path / "secret").write_text("a\n1\n")
        folder = tmp_path / "scratch"
        folder.mkdir()
        with (
            pytest.raises((ConfigurationError, ContentRefused)),
            database(folder, 128 * 1024**2, [folder / "out.csv"]) as connection,
        ):
            connection.execute(sql.format(folder=folder)).fetchall()
        assert sorted(path.name for path in folder.iterdir()) == ["spill"]

    def test_the_named_paths_can_be_used_and_python_variables_cannot(self, tmp_path: Path) -> None:
        out = tmp_path / "out.csv"
        frame = duckdb.sql("SELECT 1 AS a")
        assert frame is not None
        with database(tmp_path, 128 * 1024**2, [out]) as connection:
            connection.execute(f"COPY (SELECT 42 AS answer) TO '{out}' (USE_TMP_FILE false)")
        assert out.read_text() == "answer\n42\n"
        with pytest.raises(ConfigurationError), database(tmp_path, 128 * 1024**2, [out]) as connection:
            connection.execute("SELECT * FROM frame")

    @pytest.mark.parametrize(("memory", "threads"), [(64, 1), (256, 1), (512, 2), (3008, 2)])
    def test_there_are_no_more_threads_than_their_memory_allows(
        self, tmp_path: Path, memory: int, threads: int
    ) -> None:
        with database(tmp_path, memory * 1024**2, []) as connection:
            assert connection.execute("SELECT current_setting('threads')").fetchone() == (threads,)
