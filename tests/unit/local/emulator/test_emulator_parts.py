"""The parts of the emulator that need no emulator."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asyncssh import SFTPNoSuchFile
from botocore.exceptions import ClientError
from ministack.services import stepfunctions

from local.emulator.access_logs import rendered
from local.emulator.autosave import FILE_FROM_BYTES, FORKS, Autosave
from local.emulator.cognito_groups import with_groups
from local.emulator.cognito_sign_in_time import with_sign_in_time
from local.emulator.lambda_pool import WorkerPool
from local.emulator.lambda_runtime import _ending
from local.emulator.sftp_files import Place, located, normalized, sftp_errors
from local.emulator.sftp_identity import HomeMapping
from local.emulator.step_functions import call_lambda, retry_delay
from local.emulator.step_functions_restart import RESUMED, last_entered, resumed_definition

HOME = (HomeMapping("/", "/ingest/in/eu/07/acme/ftp"), HomeMapping("/archive/old", "/archive/acme"))


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/", Place("ingest", "in/eu/07/acme/ftp")),
        ("report.csv", Place("ingest", "in/eu/07/acme/ftp/report.csv")),
        ("/a/../../../b", Place("ingest", "in/eu/07/acme/ftp/b")),
        ("a+b %41 ü.csv", Place("ingest", "in/eu/07/acme/ftp/a+b %41 ü.csv")),
        ("/archive/old/x", Place("archive", "acme/x")),
        ("/archive/older", Place("ingest", "in/eu/07/acme/ftp/archive/older")),
    ],
)
def test_a_path_lies_behind_the_longest_mapping(path: str, place: Place) -> None:
    assert located(path, HOME) == place


def test_a_path_outside_all_mappings_has_no_bucket() -> None:
    assert located("/other", (HomeMapping("/in", "/bucket"),)) == Place("", "other")


def test_a_path_is_absolute_and_has_no_dots() -> None:
    assert [normalized(path) for path in ("", ".", "..", "//a//b/.", "a/..")] == ["/", "/", "/", "/a/b", "/"]


def test_a_missing_object_is_no_such_file() -> None:
    with pytest.raises(SFTPNoSuchFile), sftp_errors("/x"):
        raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")


def test_delays_grow_up_to_the_maximum() -> None:
    retrier = {"IntervalSeconds": 2, "BackoffRate": 2, "MaxDelaySeconds": 10}
    assert [retry_delay(retrier, retries, 0.5) for retries in range(4)] == [2, 4, 8, 10]


def test_full_jitter_draws_between_nothing_and_the_delay() -> None:
    retrier = {"IntervalSeconds": 4, "BackoffRate": 1, "JitterStrategy": "FULL"}
    assert [retry_delay(retrier, 0, draw) for draw in (0.0, 0.25)] == [0, 1]


def test_an_execution_resumes_with_the_state_that_was_entered_last() -> None:
    states: dict[str, Any] = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}
    events = [
        {"type": "PassStateEntered", "stateEnteredEventDetails": {"name": "A", "input": "1"}},
        {"type": "SucceedStateEntered", "stateEnteredEventDetails": {"name": "B", "input": '{"n": 2}'}},
        {"type": "TaskScheduled"},
    ]
    place = last_entered(events, states)
    assert place == ("B", {"n": 2})
    definition = resumed_definition({"StartAt": "A", "States": states}, *place)
    assert definition["StartAt"] == RESUMED
    assert definition["States"][RESUMED]["Next"] == "B"
    assert last_entered([], states) is None


def test_a_process_ends_by_a_signal_or_a_status() -> None:
    killed = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    os.kill(killed.pid, signal.SIGKILL)
    assert _ending(killed.wait()) == "signal: killed"
    assert _ending(3) == "exit status 3"


def test_states_are_written_when_they_change_and_large_bytes_once(tmp_path: Path) -> None:
    large = b"x" * FILE_FROM_BYTES
    state: dict[str, Any] = {"n": 1, "layer": large, "small": b"y"}
    autosave = Autosave(tmp_path)
    autosave.save({"service": lambda: state})
    written = (tmp_path / "service.json").stat().st_mtime_ns
    files = list((tmp_path / "bytes").iterdir())
    assert [file.read_bytes() for file in files] == [large]
    autosave.save({"service": lambda: state})
    assert (tmp_path / "service.json").stat().st_mtime_ns == written
    assert list((tmp_path / "bytes").iterdir()) == files
    assert autosave.decode({"__bytes_file__": files[0].name}) == large
    autosave.save({"service": lambda: {"n": 2}})
    assert '"n": 2' in (tmp_path / "service.json").read_text()
    assert list((tmp_path / "bytes").iterdir()) == []


def test_a_state_that_cannot_be_read_keeps_what_is_on_disk(tmp_path: Path) -> None:
    def changing() -> Any:
        raise RuntimeError("dictionary changed size during iteration")

    autosave = Autosave(tmp_path)
    autosave.save({"service": lambda: {"layer": b"x" * FILE_FROM_BYTES}})
    autosave.save({"service": changing})
    autosave.save({"service": lambda: None})
    assert len(list((tmp_path / "bytes").iterdir())) == 1
    assert (tmp_path / "service.json").exists()


class TestPool:
    """Bounds of the pool; workers here never start a process."""

    @pytest.fixture(autouse=True)
    def workers(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
        from ministack.core import lambda_runtime

        table: dict[str, list[Any]] = {}
        monkeypatch.setattr(lambda_runtime, "_workers", table)
        return table

    def lease(self, pool: WorkerPool, name: str, wait: float = 0.0) -> Any:
        config = {"FunctionName": name, "FunctionArn": f"arn:aws:lambda:eu-central-1:000000000000:function:{name}"}
        return pool.lease(name, config, b"", wait)

    def test_a_function_gets_no_more_than_its_bound(self) -> None:
        pool = WorkerPool(per_function=2, in_all=9, starts_at_once=9)
        first, second = self.lease(pool, "a"), self.lease(pool, "a")
        assert first is not second
        assert self.lease(pool, "a") is None
        pool.give_back(second)
        assert self.lease(pool, "a") is second

    def test_a_full_house_gives_up_its_longest_idle_worker(self, workers: dict[str, list[Any]]) -> None:
        pool = WorkerPool(per_function=2, in_all=2, starts_at_once=9)
        old, new = self.lease(pool, "a"), self.lease(pool, "b")
        assert self.lease(pool, "c") is None  # both are at work
        pool.give_back(old)
        pool.give_back(new)
        old.last_used -= 10
        assert self.lease(pool, "c") is not None
        assert [worker for group in workers.values() for worker in group if worker is old] == []
        assert new in [worker for group in workers.values() for worker in group]

    def test_a_worker_that_was_used_a_moment_ago_gives_way_to_a_functions_first_only(self) -> None:
        pool = WorkerPool(per_function=2, in_all=2, starts_at_once=9)
        first, other = self.lease(pool, "a"), self.lease(pool, "b")
        pool.give_back(other)
        assert self.lease(pool, "a") is None
        other.last_used -= 60
        assert self.lease(pool, "a") is not None
        pool.give_back(first)
        assert self.lease(pool, "c") is not None

    def test_few_workers_start_at_the_same_time(self) -> None:
        pool = WorkerPool(per_function=9, in_all=9, starts_at_once=1)
        first = self.lease(pool, "a")
        assert self.lease(pool, "a") is None
        first._cold = False  # it has started
        assert self.lease(pool, "a") is not None

    def test_short_calls_share_few_workers_and_long_ones_get_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pool = WorkerPool(per_function=9, in_all=9, starts_at_once=1)
        first = self.lease(pool, "a")
        first._cold = False
        pool.give_back(first)
        assert self.lease(pool, "a") is first
        assert self.lease(pool, "a") is None  # one ended a moment ago: another will soon
        monkeypatch.setattr("local.emulator.lambda_pool.PATIENCE_SECONDS", 0.0)
        assert self.lease(pool, "a") is not None

    def test_idle_workers_are_ended_and_those_at_work_are_not(self, workers: dict[str, list[Any]]) -> None:
        pool = WorkerPool()
        idle, busy = self.lease(pool, "a"), self.lease(pool, "b")
        pool.give_back(idle)
        idle.last_used = busy.last_used = 0
        assert pool.reap(idle=60) == 1
        assert [worker for group in workers.values() for worker in group] == [busy]


@pytest.mark.skipif(not FORKS, reason="forks on Linux only")
def test_a_forked_process_saves_the_state_as_it_was_at_the_fork(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    autosave.save_beside({"service": lambda: {"n": 1, "by": os.getpid()}})
    saved = json.loads((tmp_path / "service.json").read_text())["payload"]
    assert saved["n"] == 1
    assert saved["by"] != os.getpid()


@pytest.mark.skipif(not FORKS, reason="forks on Linux only")
def test_a_forked_process_writes_only_what_has_changed(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    services = {"same": lambda: {"n": 1}, "other": lambda: {"n": 1}}
    autosave.save_beside(services)
    before = (tmp_path / "same.json").stat().st_ino
    autosave.save_beside({**services, "other": lambda: {"n": 2}})
    assert (tmp_path / "same.json").stat().st_ino == before
    assert json.loads((tmp_path / "other.json").read_text())["payload"] == {"n": 2}


@pytest.mark.skipif(not FORKS, reason="forks on Linux only")
def test_a_forked_process_that_fails_leaves_the_state_to_the_next_round(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)

    def failing() -> object:
        raise ValueError("not now")

    autosave.save_beside({"service": failing})
    assert not list(tmp_path.glob("*.json"))
    autosave.save_beside({"service": lambda: {"n": 1}})
    assert (tmp_path / "service.json").exists()


def test_a_throttled_function_fails_under_the_name_that_retry_knows() -> None:
    def throttled(*_: object) -> None:
        raise stepfunctions._ExecutionError("Lambda.Unknown", '{"__type": "TooManyRequestsException"}')

    with pytest.raises(stepfunctions._ExecutionError) as caught:
        call_lambda(throttled)("validate", {})
    assert caught.value.error == "Lambda.TooManyRequestsException"


def test_a_line_of_an_access_log_has_a_dash_for_what_is_not_there() -> None:
    format_ = '{"id": "$context.requestId", "who": "$context.authorizer.claims.sub", "x": "$context.error.message."}'
    values = {"requestId": "r1", "authorizer.claims.sub": "pat", "error.message": ""}
    assert rendered(format_, values) == '{"id": "r1", "who": "pat", "x": "-."}'
    assert rendered("$context.integration.status $context.status", {"status": 200}) == "- 200"


def test_a_token_of_a_user_lists_the_groups_unless_the_caller_did(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = {"_users": {"pat": {"_groups": ["acme:tenant-viewer"]}}}
    monkeypatch.setattr("local.emulator.cognito_groups.cognito._get_pool_unscoped", lambda pool_id: pool)
    token = with_groups(lambda *_, **named: named.get("groups"))
    assert token("s", "p", "c", "access", username="pat") == ["acme:tenant-viewer"]
    assert token("s", "p", "c", "id", username="pat", groups=["other"]) == ["other"]
    assert token("s", "p", "c", "refresh", username="pat") is None
    assert token("machine", "p", "c", "access") is None


def test_tokens_of_one_sign_in_tell_when_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = {"_users": {"pat": {}}}
    monkeypatch.setattr("local.emulator.cognito_sign_in_time.cognito._get_pool_unscoped", lambda pool_id: pool)
    signed = with_sign_in_time(lambda claims, *_: claims.get("auth_time"))

    def at(moment: int, sign_in: str, **who: str) -> object:
        return signed({"auth_time": moment, "origin_jti": sign_in, **who}, "p", "id")

    assert at(10, "first", username="pat") == 10
    assert at(99, "first", **{"cognito:username": "pat"}) == 10
    assert at(99, "second", username="pat") == 99
    assert at(50, "first", username="nobody") == 50
    assert signed({"origin_jti": "first"}, "p", "access") is None
