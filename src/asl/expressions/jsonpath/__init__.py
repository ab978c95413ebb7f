"""JSONPath as Step Functions understands it."""

from __future__ import annotations

from asl.expressions.jsonpath.failures import invalid_path, path_not_in_input
from asl.expressions.jsonpath.parser import ParsedPath, parse_path
from asl.expressions.jsonpath.paths import compile_flow_path, compile_path
from asl.expressions.jsonpath.result_path import Put, compile_result_path
from asl.expressions.jsonpath.tokens import is_definite

__all__ = [
    "ParsedPath",
    "Put",
    "compile_flow_path",
    "compile_path",
    "compile_result_path",
    "invalid_path",
    "is_definite",
    "parse_path",
    "path_not_in_input",
]
