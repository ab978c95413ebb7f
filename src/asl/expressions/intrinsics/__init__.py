"""The intrinsic functions of JSONPath states: `States.Format('{}', $.name)`."""

from __future__ import annotations

from asl.expressions.intrinsics.compiler import compile_intrinsic
from asl.expressions.intrinsics.parser import Call, Literal, Node, PathNode, parse_intrinsic

__all__ = ["Call", "Literal", "Node", "PathNode", "compile_intrinsic", "parse_intrinsic"]
