"""Queues, rules and the HTTP API feed their functions as on AWS."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.integration.emulator.application import Deployed


def send(deployed: Deployed, group: str, **body: Any) -> str:
    """The id of a message in the group."""
    answer = deployed.client("sqs").send_message(
        QueueUrl=deployed.outputs["QueueUrl"],
        MessageGroupId=group,
        MessageBody=json.dumps({"nonce": uuid.uuid4().hex, **body}),
    )
    return str(answer["MessageId"])


def recorded(deployed: Deployed, group: str) -> list[dict[str, Any]]:
    """What the function noted of the group's messages, in the order of their start."""
    table = deployed.client("dynamodb")
    items = table.query(
        TableName=deployed.outputs["TableName"],
        IndexName="by-group",
        KeyConditionExpression="#g = :g",
        ExpressionAttributeNames={"#g": "group"},
        ExpressionAttributeValues={":g": {"S": group}},
    )["Items"]
    plain = [{name: value["S"] for name, value in item.items()} for item in items]
    return sorted(plain, key=lambda item: float(item["started"]))


def wait_for(condition: Any, wait: float = 20) -> None:
    deadline = time.monotonic() + wait
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.2)


def test_groups_run_side_by_side_and_each_in_its_order(deployed: Deployed) -> None:
    groups = [f"g{index}-{uuid.uuid4().hex[:6]}" for index in range(4)]
    sent = {group: [send(deployed, group, sleep=0.5, n=n) for n in range(3)] for group in groups}
    wait_for(lambda: all(len(recorded(deployed, group)) == 3 for group in groups))
    notes = {group: recorded(deployed, group) for group in groups}
    assert {group: [note["id"] for note in notes[group]] for group in groups} == sent
    starts = [float(notes[group][0]["started"]) for group in groups]
    first_end = min(float(notes[group][-1]["ended"]) for group in groups)
    assert sum(start < first_end for start in starts) >= 2  # not one group after the other


def test_a_message_that_fails_holds_back_its_group_only_and_goes_to_the_dead_letters(deployed: Deployed) -> None:
    bad_group, good_group = f"bad-{uuid.uuid4().hex[:6]}", f"good-{uuid.uuid4().hex[:6]}"
    bad, behind = send(deployed, bad_group, fail=True), send(deployed, bad_group)
    send(deployed, good_group)
    wait_for(lambda: len(recorded(deployed, good_group)) == 1, wait=4)
    assert recorded(deployed, bad_group) == []
    wait_for(lambda: [note["id"] for note in recorded(deployed, bad_group)] == [behind], wait=40)
    answer = deployed.client("sqs").receive_message(QueueUrl=deployed.outputs["DeadLettersUrl"], MaxNumberOfMessages=10)
    assert bad in [message["MessageId"] for message in answer["Messages"]]


@pytest.mark.timeout(150)
def test_a_schedule_fires_every_minute(deployed: Deployed) -> None:
    sqs, url = deployed.client("sqs"), deployed.outputs["TicksUrl"]
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        if messages := sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages"):
            assert json.loads(messages[0]["Body"])["detail-type"] == "Scheduled Event"
            return
    raise AssertionError("no tick")


def get(deployed: Deployed, path: str, *, signed: bool) -> httpx.Response:
    host = f"{deployed.outputs['ApiId']}.execute-api.localhost:{deployed.emulator.port}"
    request = AWSRequest("GET", f"http://{host}{path}", headers={"host": host})
    if signed:
        SigV4Auth(Credentials("test", "test"), "execute-api", deployed.emulator.region).add_auth(request)
    return httpx.get(f"http://127.0.0.1:{deployed.emulator.port}{path}", headers=dict(request.headers.items()))


def test_the_http_api_has_the_routes_of_its_body_and_takes_signed_requests_only(deployed: Deployed) -> None:
    answer = get(deployed, "/v1/things/one", signed=True)
    assert answer.status_code == 200, answer.text
    assert answer.json()["parameters"] == {"thing": "one"}
    assert get(deployed, "/v1/things/one", signed=False).status_code == 403
    assert get(deployed, "/v1/nothing", signed=True).status_code == 404
