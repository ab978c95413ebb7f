"""A tenant's SQL: one SELECT over `input`, and nothing that reads anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fileferry.errors import ConfigurationError

from .database import Connection, shortened

INPUT = "input"
_TABLE_FUNCTIONS = {"unnest", "range", "generate_series"}
_FORBIDDEN_FUNCTIONS = {"current_setting", "getenv", "getvariable", "nextval", "currval", "write_log"}
_TODO = "write one SELECT whose only table is `input`."


def check_sql(connection: Connection, sql: str) -> str:
    """The statement without a semicolon at its end. Raises ConfigurationError when it is not what is allowed.

    The statement is looked at as DuckDB parsed it: every table must be `input` or one of its own WITH, every table
    function one that makes rows of its arguments. The database's settings would stop the rest; this tells why.
    """
    import duckdb

    try:
        statements = connection.extract_statements(sql)
    except duckdb.Error as error:
        raise ConfigurationError(f"The operation's sql is no SQL: {shortened(str(error))}", todo=_TODO) from error
    if len(statements) != 1 or str(statements[0].type).rpartition(".")[2] != "SELECT":
        raise ConfigurationError("The operation's sql is not a single SELECT.", todo=_TODO)
    tree = json.loads(connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()[0])
    if tree.get("error"):
        raise ConfigurationError(f"The operation's sql is refused: {tree.get('error_message')}", todo=_TODO)
    nodes = list(_nodes(tree))
    tables = {INPUT} | {entry["key"].lower() for node in nodes for entry in _common_tables(node)}
    for node in nodes:
        if problem := _problem(node, tables):
            raise ConfigurationError(f"The operation's sql is refused: {problem}.", todo=_TODO)
    return sql.strip().rstrip(";")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _common_tables(node: dict[str, Any]) -> list[dict[str, Any]]:
    ctes = node.get("cte_map")
    return ctes.get("map", []) if isinstance(ctes, dict) else []


def _problem(node: dict[str, Any], tables: set[str]) -> str:
    kind = node.get("type")
    if kind == "BASE_TABLE":
        name = str(node.get("table_name", ""))
        if node.get("schema_name") or node.get("catalog_name") or name.lower() not in tables:
            return f"it reads the table {name[:60]!r}"
    elif kind == "TABLE_FUNCTION":
        name = str((node.get("function") or {}).get("function_name", ""))
        if name.lower() not in _TABLE_FUNCTIONS:
            return f"it calls the table function {name[:60]!r}"
    elif kind == "FUNCTION" and str(node.get("function_name", "")).lower() in _FORBIDDEN_FUNCTIONS:
        return f"it calls {node['function_name']!r}"
    elif kind == "SHOW_REF":
        return "DESCRIBE, SHOW and SUMMARIZE are no SELECT"
    return ""
