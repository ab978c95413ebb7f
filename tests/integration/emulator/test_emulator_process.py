"""The emulator's process starts once, keeps its state, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.emulator import process
from local.emulator.process import EmulatorFailed, EmulatorSettings, PortChanged, PortInUse, running, start, stop
from tests.integration.emulator.application import client, free_port


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[EmulatorSettings]:
    settings = EmulatorSettings(home=tmp_path / "home", port=free_port(), sftp_port=free_port())
    yield settings
    stop(settings.home)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def s3_objects(emulator: Any) -> list[bytes]:
    s3 = client(emulator, "s3")
    found = s3.list_objects_v2(Bucket="kept").get("Contents", [])
    return [s3.get_object(Bucket="kept", Key=item["Key"])["Body"].read() for item in found]


def test_a_second_start_finds_the_running_one_and_stop_leaves_no_process(settings: EmulatorSettings) -> None:
    with ThreadPoolExecutor(2) as threads:
        emulator, second = threads.map(start, [settings, settings])
    assert emulator == second == running(settings.home)
    addresses = {
        connection.laddr.ip
        for connection in psutil.Process(emulator.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses == {"127.0.0.1"}
    stop(settings.home)
    assert running(settings.home) is None
    assert not psutil.pid_exists(emulator.pid) or psutil.Process(emulator.pid).status() == psutil.STATUS_ZOMBIE
    assert not listens(settings.port)
    stop(settings.home)  # nothing runs: nothing happens


def test_state_survives_a_stop_and_a_kill(settings: EmulatorSettings) -> None:
    emulator = start(settings)
    s3, sqs = client(emulator, "s3"), client(emulator, "sqs")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": emulator.region})
    s3.put_object(Bucket="kept", Key="a", Body=b"one")
    url = sqs.create_queue(QueueName="kept")["QueueUrl"]
    stop(settings.home)

    emulator = start(settings)
    assert s3_objects(emulator) == [b"one"]
    client(emulator, "s3").put_object(Bucket="kept", Key="b", Body=b"two")
    client(emulator, "sqs").send_message(QueueUrl=url, MessageBody="hello")
    time.sleep(4)  # longer than the time between two saves
    os.kill(emulator.pid, signal.SIGKILL)
    while running(settings.home):
        time.sleep(0.05)

    emulator = start(settings)
    assert s3_objects(emulator) == [b"one", b"two"]
    messages = client(emulator, "sqs").receive_message(QueueUrl=url)["Messages"]
    assert [message["Body"] for message in messages] == ["hello"]


def test_an_execution_goes_on_after_a_kill(settings: EmulatorSettings) -> None:
    emulator = start(settings)
    states = {
        "First": {"Type": "Pass", "Result": {"word": "kept"}, "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 4, "Next": "Last"},
        "Last": {"Type": "Pass", "End": True},
    }
    role = client(emulator, "iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    machine = client(emulator, "stepfunctions").create_state_machine(
        name="m", definition=json.dumps({"StartAt": "First", "States": states}), roleArn=role
    )
    arn = client(emulator, "stepfunctions").start_execution(**{"stateMachineArn": machine["stateMachineArn"]})
    time.sleep(3)
    os.kill(emulator.pid, signal.SIGKILL)
    while running(settings.home):
        time.sleep(0.05)

    stepfunctions = client(start(settings), "stepfunctions")
    execution = stepfunctions.describe_execution(executionArn=arn["executionArn"])
    assert execution["status"] == "RUNNING"
    deadline = time.monotonic() + 20
    while execution["status"] == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.2)
        execution = stepfunctions.describe_execution(executionArn=arn["executionArn"])
    assert (execution["status"], json.loads(execution["output"])) == ("SUCCEEDED", {"word": "kept"})


def test_kept_state_is_not_served_at_another_port(settings: EmulatorSettings) -> None:
    start(settings)
    stop(settings.home)
    moved = replace(settings, port=free_port())
    with pytest.raises(PortChanged, match=f"made with port {settings.port}") as caught:
        start(moved)
    assert f"FERRY_PORT={settings.port}" in caught.value.todo


def test_a_port_in_use_is_named_with_its_owner(settings: EmulatorSettings) -> None:
    owner = rf"Port {settings.port} is in use by process {os.getpid()} \("
    with socket.create_server(("127.0.0.1", settings.port)), pytest.raises(PortInUse, match=owner) as caught:
        start(settings)
    assert "FERRY_PORT" in caught.value.todo
    text = f"Port {settings.sftp_port} is in use"
    with socket.create_server(("127.0.0.1", settings.sftp_port)), pytest.raises(PortInUse, match=text) as caught:
        start(settings)
    assert "FERRY_SFTP_PORT" in caught.value.todo


def test_an_emulator_that_dies_at_its_start_shows_the_end_of_its_log(
    settings: EmulatorSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.home.mkdir()
    (settings.home / "lambda").write_text("a file where a folder belongs")
    with pytest.raises(EmulatorFailed, match=r"(?s)ended with exit status 1.*NotADirectoryError"):
        start(settings)
    assert running(settings.home) is None


def test_an_emulator_that_does_not_answer_in_time_is_stopped(
    settings: EmulatorSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "READY_TIMEOUT_SECONDS", 0.0)
    with pytest.raises(EmulatorFailed, match="did not answer"):
        start(settings)
    assert running(settings.home) is None


def test_the_process_id_of_another_process_is_not_taken_for_the_emulator(settings: EmulatorSettings) -> None:
    emulator = start(settings)
    stop(settings.home)
    recorded = settings.home / "emulator.json"
    facts = f'"pid": {os.getpid()}, "port": 1, "sftp_port": 2, "region": "r", "account_id": "a", "endpoint": "e"'
    recorded.write_text(f'{{{facts}, "home": "{settings.home}", "created": 1.0}}')
    assert running(settings.home) is None
    stop(settings.home)  # does not end this test's own process
    assert emulator.pid != os.getpid()
