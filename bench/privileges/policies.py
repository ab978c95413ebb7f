"""A role's policy taken apart: what can be taken away from it, and what stands in the list of what only AWS checks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Trial:
    """One part of a statement that is taken away: an action, or one of several resources."""

    sid: str
    member: str
    value: str

    @property
    def shown(self) -> str:
        """The action, or the resource as its service names it."""
        return self.value if self.member == "Action" else f"on {self.value.split(':', 5)[-1]}"


@dataclass(frozen=True)
class OnlyAws:
    """An entry of only_aws.toml; `role`, `sid` and `part` (an action or the end of an ARN) may hold `*`."""

    role: str
    sid: str
    part: str
    reason: str
    source: str

    def covers(self, role: str, trial: Trial) -> bool:
        wanted, found = (self.role, self.sid, self.part), (role, trial.sid, trial.value)
        return all(fnmatchcase(value, pattern) for value, pattern in zip(found, wanted, strict=True))


def read_only_aws(path: Path) -> tuple[OnlyAws, ...]:
    """The list. Raises TypeError when an entry lacks a member or has one too many."""
    return tuple(OnlyAws(**{"part": "*", **entry}) for entry in tomllib.loads(path.read_text())["only_aws"])


def trials(document: Document) -> Iterator[Trial]:
    """Each action of each statement, and each resource of those that name several."""
    for statement in document["Statement"]:
        for action in as_list(statement["Action"]):
            yield Trial(statement["Sid"], "Action", action)
        resources = as_list(statement["Resource"])
        if len(resources) > 1:
            for resource in resources:
                yield Trial(statement["Sid"], "Resource", resource)


def without(document: Document, trial: Trial) -> Document:
    """The policy without the trial's part; a statement that has nothing else goes whole."""
    statements = []
    for statement in document["Statement"]:
        if statement["Sid"] != trial.sid:
            statements.append(statement)
            continue
        rest = [value for value in as_list(statement[trial.member]) if value != trial.value]
        if rest:
            statements.append({**statement, trial.member: rest})
    return {**document, "Statement": statements}


def as_list(value: str | Sequence[str]) -> list[str]:
    """IAM writes one value as itself."""
    return [value] if isinstance(value, str) else list(value)


def template_statements(template: Path) -> Iterator[tuple[str, Document]]:
    """(logical id of the role, statement) of every statement in template.yaml, those behind conditions too.

    CloudFormation's functions are not resolved: of them only where a statement stands in `!If` is understood.
    """
    resources = yaml.load(template.read_text(), _Loader)["Resources"]
    for name, resource in resources.items():
        if isinstance(resource, dict) and resource.get("Type") == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield name, statement[1] if isinstance(statement, list) else statement


class _Loader(yaml.SafeLoader):
    """Reads a template without resolving its functions; `!If [condition, a, b]` is the list."""


def _unresolved(loader: yaml.SafeLoader, function: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return f"!{function}"


_Loader.add_multi_constructor("!", _unresolved)
