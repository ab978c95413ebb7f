"""What is taken away from a role, and what stands in the list of what only AWS checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.least_privilege import ONLY_AWS, TEMPLATE, Verdict, in_order, role_of, undeployed, unmissed
from bench.privileges.policies import OnlyAws, Trial, as_list, read_only_aws, template_statements, trials, without
from bench.privileges.probes import ROLES, Probe
from bench.privileges.world import Seen

_QUEUES = ["arn:aws:sqs:eu-central-1:1:a", "arn:aws:sqs:eu-central-1:1:b"]
_DOCUMENT: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": "arn:x"},
        {"Sid": "Send", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": _QUEUES},
    ],
}
_LISTED = OnlyAws("*Role", "Read", "s3:GetObject", "the reason", "the source")


def test_each_action_is_tried_and_each_of_several_resources() -> None:
    assert list(trials(_DOCUMENT)) == [
        Trial("Read", "Action", "s3:GetObject"),
        Trial("Read", "Action", "s3:GetObjectVersion"),
        Trial("Send", "Action", "sqs:SendMessage"),
        Trial("Send", "Resource", _QUEUES[0]),
        Trial("Send", "Resource", _QUEUES[1]),
    ]


def test_a_policy_without_one_action_keeps_the_statements_others() -> None:
    read, send = without(_DOCUMENT, Trial("Read", "Action", "s3:GetObject"))["Statement"]

    assert read["Action"] == ["s3:GetObjectVersion"]
    assert send == _DOCUMENT["Statement"][1]


def test_a_policy_without_one_resource_keeps_the_statements_others() -> None:
    _, send = without(_DOCUMENT, Trial("Send", "Resource", _QUEUES[1]))["Statement"]

    assert (send["Action"], send["Resource"]) == ("sqs:SendMessage", [_QUEUES[0]])


def test_a_statement_goes_with_its_only_action() -> None:
    (read,) = without(_DOCUMENT, Trial("Send", "Action", "sqs:SendMessage"))["Statement"]

    assert read["Sid"] == "Read"


def test_the_policy_that_is_put_back_is_not_changed_by_a_trial() -> None:
    before = str(_DOCUMENT)

    for trial in trials(_DOCUMENT):
        without(_DOCUMENT, trial)

    assert str(_DOCUMENT) == before


def test_what_nothing_misses_is_unneeded_unless_it_is_listed() -> None:
    listed, other = (Trial("Read", "Action", action) for action in ("s3:GetObject", "s3:GetObjectVersion"))

    assert unmissed("StageRole", listed, [_LISTED], "").verdict is Verdict.ONLY_AWS
    assert unmissed("StageRole", other, [_LISTED], "").verdict is Verdict.UNNEEDED


def test_every_entry_of_the_list_is_about_a_statement_of_the_template() -> None:
    statements = list(template_statements(TEMPLATE))
    stale = [
        entry
        for entry in read_only_aws(ONLY_AWS)
        if not any(
            entry.covers(role, Trial(statement["Sid"], "Action", action))
            for role, statement in statements
            for action in as_list(statement["Action"])
        )
    ]

    assert stale == []


def test_the_list_covers_every_statement_that_is_deployed_under_a_condition_only() -> None:
    conditional = {"UseDataKey", "AssumePartnerRoles"}
    roles = {"WorkerExecutionRole", "GradualDeploymentRole"}

    found = list(undeployed([], read_only_aws(ONLY_AWS)))

    there = [result for result in found if result.trial.sid in conditional or result.role in roles]
    assert conditional <= {result.trial.sid for result in there}
    assert roles <= {result.role for result in there}
    assert {result.verdict for result in there} == {Verdict.ONLY_AWS}


def test_every_role_of_the_template_that_is_deployed_has_its_calls() -> None:
    conditional = {"WorkerExecutionRole", "GradualDeploymentRole"}

    assert {role_of(name) for name in ROLES} == {role for role, _ in template_statements(TEMPLATE)} - conditional


def test_the_statements_that_a_call_shows_are_statements_of_its_role() -> None:
    sids: dict[str, set[str]] = {}
    for role, statement in template_statements(TEMPLATE):
        sids.setdefault(role, set()).add(statement["Sid"])

    unknown = [
        (name, probe.name, sid)
        for name, probes in ROLES.items()
        for probe in probes
        for sid in probe.shows
        if sid not in sids[role_of(name)]
    ]

    assert unknown == []


def test_the_calls_that_show_a_statement_are_tried_first() -> None:
    plain, made = (Probe(name, lambda _: Seen(True, "")) for name in ("plain", "made"))
    made = Probe(made.name, made.run, ("Read",))

    assert in_order([plain, made], Trial("Read", "Action", "s3:GetObject")) == [made, plain]
    assert in_order([plain, made], Trial("Send", "Action", "sqs:SendMessage")) == [plain, made]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "An error occurred (AccessDeniedException) when calling the GetItem operation: User: arn:aws:sts::1:x is "
            "not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb",
            "AccessDenied: dynamodb:GetItem",
        ),
        ("An error occurred (403) when calling the HeadObject operation: Forbidden", "AccessDenied: HeadObject"),
        ('{"errorMessage": "HeadObject was refused: …", "errorType": "AccessDenied"}', "AccessDenied: HeadObject"),
    ],
)
def test_a_denial_is_seen_in_the_answer_and_in_the_log(text: str, told: str) -> None:
    for seen in (Seen(False, text), Seen(True, "{}", text)):
        assert seen.denied
        assert seen.told == told


def test_another_error_is_no_denial() -> None:
    assert not Seen(False, '{"errorMessage": "wrote 3 bytes", "errorType": "IntegrityError"}', "").denied


def test_an_entry_of_the_list_needs_a_reason_and_a_source(tmp_path: Path) -> None:
    file = tmp_path / "only_aws.toml"
    file.write_text('[[only_aws]]\nrole = "*"\nsid = "*"\nreason = "because"\n')

    with pytest.raises(TypeError, match="source"):
        read_only_aws(file)
