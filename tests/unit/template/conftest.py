"""The template as CloudFormation sees it: read, expanded, and translated by SAM's own translator."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from samtranslator.translator.transform import transform

ROOT = Path(__file__).parents[3]
Resources = dict[str, dict[str, Any]]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if suffix == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


def _expanded(resources: dict[str, Any]) -> Resources:
    """Resources with each Fn::ForEach written out, as AWS::LanguageExtensions does it."""
    result: Resources = {}
    for name, value in resources.items():
        if not name.startswith("Fn::ForEach::"):
            result[name] = value
            continue
        variable, items, body = value
        for item in items:
            text = json.dumps(body).replace(f"${{{variable}}}", item)
            result.update(json.loads(text.replace(f"&{{{variable}}}", "".join(filter(str.isalnum, item)))))
    return result


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """template.yaml with Fn::ForEach written out."""
    loaded = yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)  # a SafeLoader
    return {**loaded, "Resources": _expanded(loaded["Resources"])}


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> Resources:
    resources: Resources = template["Resources"]
    return resources


@pytest.fixture(scope="session")
def functions(resources: Resources) -> Resources:
    """Properties of every function, with the globals' under its own."""
    return {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


@pytest.fixture(scope="session")
def translate(template: dict[str, Any]) -> Callable[..., Resources]:
    """`translate(Parameter=value)`: what SAM makes of the packaged template; `layer` stands for the layer's content."""

    @functools.cache
    def translated(*, layer: str = "1", **parameters: str) -> Resources:
        given = copy.deepcopy(template)
        given["Transform"] = "AWS::Serverless-2016-10-31"
        for resource in given["Resources"].values():
            properties = resource["Properties"]
            for local in ("CodeUri", "ContentUri", "DefinitionUri"):
                if local in properties:  # as `sam package` leaves it
                    properties[local] = f"s3://packaged/{properties[local]}"
        given["Resources"]["FileferryLayer"]["Properties"]["ContentUri"] = f"s3://packaged/layer-{layer}"
        values = {name: value.get("Default", "") for name, value in given["Parameters"].items()}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
            result: Resources = transform(given, {**values, **parameters}, _NoManagedPolicies())["Resources"]
        return result

    return translated


class _NoManagedPolicies:
    """SAM asks for AWS's managed policies by name; the template uses none."""

    def load(self) -> dict[str, str]:
        return {}
