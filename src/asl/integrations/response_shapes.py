"""What the APIs behind integrations answer, as far as a mocked result can be checked against it.

The shapes are those of botocore's models, written down by `scripts/asl_response_shapes.py` into `response_shapes.zip`,
one member a service, so that a check gives the same everywhere and the engine needs no SDK. It holds the services that
have optimised integrations and those that workflows call most by SDK integrations; `Models` adds others.

A shape is `"string"` (text, and what JSON has no type for: times, bytes), `"boolean"`, `"number"`, `"any"`,
`["number", least, most]`, `["list", shape]`, `["map", shape]`, or the name of a structure, `"#Name"`. A service is
`{"operations": {"getObject": "#Answer"}, "structures": {"Answer": [{"Body": "string"}, ["Required"]]}}`, with members
in the Pascal case that Step Functions gives them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from asl.integrations.resource import Kind, Pattern, Resource

Service = Mapping[str, Any]
Models = Callable[[str], Service | None]
"""(service's name in ARNs of SDK integrations, lower case: `s3`, `dynamodb`, `sfn`) → its shapes; None: not known."""

_OPTIMISED = {
    "elasticmapreduce": "emr",
    "emr-containers": "emrcontainers",
    "emr-serverless": "emrserverless",
    "events": "eventbridge",
    "states": "sfn",
}
_FREE = {
    ("lambda", "invoke"): "Payload",
    ("bedrock", "invokeModel"): "Body",
}
"""What optimised integrations parse: members that hold any JSON."""

_NAMES = {"string": "a string", "number": "a number", "boolean": "a boolean", "list": "an array"}


def response_trouble(resource: Resource, result: Any, *, complete: bool, models: Models | None = None) -> str | None:
    """AWS's words for what is wrong with `result` as the answer of an integration; None: nothing is.

    With `complete` required members must be there. Members that the API does not have are let pass, as AWS lets them.
    Functions and activities give anything, and so does who returns a task token; the end of a job (`.sync`) is not
    checked, nor is a service whose shapes are not known.
    """
    if resource.kind is not Kind.SERVICE or resource.pattern is not Pattern.REQUEST_RESPONSE:
        return None
    name = resource.resource_type.removeprefix("aws-sdk:")
    key = (name, resource.action)
    if not resource.sdk:
        name = "bedrockruntime" if key == ("bedrock", "invokeModel") else _OPTIMISED.get(name, name)
    service = _packaged(name.lower()) or (models(name.lower()) if models is not None else None)
    shape = None if service is None else service["operations"].get(resource.action)
    if service is None or shape is None:
        return None
    free = None if resource.sdk else _FREE.get(key)
    if isinstance(result, dict) and free in result:
        result = {**result, free: ""}  # there, and of whatever type
    return _Check(service["structures"], complete).structure_trouble(shape, result, None)


@cache
def _packaged(name: str) -> Service | None:
    from importlib.resources import files
    from io import BytesIO
    from zipfile import ZipFile

    with ZipFile(BytesIO(files("asl.integrations").joinpath("response_shapes.zip").read_bytes())) as shapes:
        if f"{name}.json" not in shapes.namelist():
            return None
        service: Service = json.loads(shapes.read(f"{name}.json"))
        return service


class _Check:
    """One check of a result; the first trouble that is found is told."""

    def __init__(self, structures: Mapping[str, Any], complete: bool) -> None:
        self._structures = structures
        self._complete = complete

    def trouble(self, shape: Any, value: Any, field: str) -> str | None:
        if shape == "any" or value is None:
            return None
        if isinstance(shape, list):
            return self._compound_trouble(shape, value, field)
        if shape.startswith("#"):
            return self.structure_trouble(shape, value, field)
        return None if _is(shape, value) else f"Field '{field}' must be {_NAMES[shape]}"

    def structure_trouble(self, shape: str, value: Any, field: str | None) -> str | None:
        if not isinstance(value, dict):
            return "The result must be an object" if field is None else f"Field '{field}' must be an object"
        members, required = self._structures[shape[1:]]
        if self._complete:
            for name in required:
                if value.get(name) is None:
                    return f"Required field '{name}' is missing"
        troubles = (self.trouble(members[name], inner, name) for name, inner in value.items() if name in members)
        return next((trouble for trouble in troubles if trouble is not None), None)

    def _compound_trouble(self, shape: list[Any], value: Any, field: str) -> str | None:
        kind, *details = shape
        if kind == "number":
            return _number_trouble(value, field, *details)
        if kind == "list":
            if not isinstance(value, list):
                return f"Field '{field}' must be an array"
            inner = value
        else:
            if not isinstance(value, dict):
                return f"Field '{field}' must be an object"
            inner = list(value.values())
        troubles = (self.trouble(details[0], element, field) for element in inner)
        return next((trouble for trouble in troubles if trouble is not None), None)


def _is(kind: str, value: Any) -> bool:
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, str if kind == "string" else bool)


def _number_trouble(value: Any, field: str, least: float | None, most: float | None) -> str | None:
    if not _is("number", value):
        return f"Field '{field}' must be a number"
    if least is not None and value < least:
        return f"Field '{field}' is less than the minimum value"
    if most is not None and value > most:
        return f"Field '{field}' is greater than the maximum value"
    return None
