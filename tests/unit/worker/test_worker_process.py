"""The process around the jobs: polling, heartbeat, health, protection, and its end."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from fileferry.errors import NoSuchRecord, RunClosed
from tests.waiting import until
from worker.health import HealthServer
from worker.healthcheck import healthy
from worker.heartbeat import Heartbeat
from worker.hold import Holds
from worker.metrics import Metrics
from worker.poller import Poller
from worker.protection import Protection
from worker.queue import Message, WorkQueue


def message(group: str) -> Message:
    return Message(f"id-{group}", "{}", group, f"receipt-{group}", time.monotonic())


class FakeQueue:
    """Gives what is in `messages`, as many as are asked for; `errors` come first."""

    def __init__(self, *groups: str) -> None:
        self.messages = [message(group) for group in groups]
        self.errors: list[Exception] = []
        self.asked: list[int] = []
        self.shown: list[tuple[str, int]] = []

    def receive(self, most: int, visibility: int, wait: int = 20) -> list[Message]:
        self.asked.append(most)
        if self.errors:
            raise self.errors.pop(0)
        taken, self.messages = self.messages[:most], self.messages[most:]
        return taken

    def show_in(self, message: Message, seconds: int) -> None:
        self.shown.append((message.group, seconds))


@pytest.fixture
def open_gate() -> Iterator[threading.Event]:
    gate = threading.Event()
    yield gate
    gate.set()


def test_it_takes_no_more_messages_than_it_has_places(open_gate: threading.Event) -> None:
    queue, begun = FakeQueue("a", "b", "c"), list[str]()

    def handle(message: Message) -> None:
        begun.append(message.group)
        open_gate.wait()

    poller = Poller(queue, handle, 2, 60)  # type: ignore[arg-type]
    poller.turn()
    until(lambda: len(begun) == 2, 30, "two jobs run")

    assert queue.asked == [2]
    assert [one.group for one in queue.messages] == ["c"]


def test_a_place_is_free_again_when_its_job_is_over_however_it_ended() -> None:
    queue = FakeQueue("a", "b")

    def handle(message: Message) -> None:
        raise MemoryError(message.group)

    poller = Poller(queue, handle, 1, 60)  # type: ignore[arg-type]
    poller.turn()
    poller.turn()

    assert queue.asked == [1, 1]


def test_after_failures_of_aws_it_asks_again_after_longer_and_longer_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = FakeQueue()
    queue.errors = [
        EndpointConnectionError(endpoint_url="https://sqs"),
        ClientError({"Error": {"Code": "AccessDenied", "Message": ""}}, "ReceiveMessage"),
        KeyError("a mistake"),
    ]
    poller, pauses = Poller(queue, lambda _: None, 1, 60), list[float]()  # type: ignore[arg-type]

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            poller.stop()

    monkeypatch.setattr(poller._stopped, "wait", pause)
    monkeypatch.setattr("worker.poller.random.uniform", lambda _low, high: high)
    poller.run()

    assert pauses == [2, 4, 8]


def test_what_comes_after_the_stop_is_given_back() -> None:
    queue, begun = FakeQueue("a"), list[Message]()
    poller = Poller(queue, begun.append, 1, 60)  # type: ignore[arg-type]
    real = queue.receive

    def receive(*arguments: Any) -> list[Message]:
        poller.stop()
        return real(*arguments)

    queue.receive = receive  # type: ignore[method-assign]
    poller.turn()

    assert (begun, queue.shown) == ([], [("a", 0)])


def test_the_queue_is_silent_when_it_has_not_answered_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    poller = Poller(FakeQueue(), lambda _: None, 1, 60)  # type: ignore[arg-type]
    monkeypatch.setattr(poller, "is_alive", lambda: True)
    assert not poller.silent
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 121)

    assert poller.silent


def test_of_a_group_one_message_is_worked_on_at_a_time() -> None:
    shown: list[int] = []

    class Sqs:
        def receive_message(self, **_: Any) -> dict[str, Any]:
            def found(number: int, group: str) -> dict[str, Any]:
                attributes = {"MessageGroupId": group}
                return {"MessageId": f"{number}", "Body": "", "ReceiptHandle": f"r{number}", "Attributes": attributes}

            return {"Messages": [found(1, "a"), found(2, "a"), found(3, "b")]}

        def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
            shown.append(VisibilityTimeout)

    messages = WorkQueue(Sqs(), "work", "dead").receive(10, 60)  # type: ignore[arg-type]

    assert [one.id for one in messages] == ["1", "3"]
    assert shown == [0]


# ---- heartbeat ----------------------------------------------------------------------------------


class FakeHold:
    def __init__(self, *, age: float = 0, lost: bool = False, error: Exception | None = None) -> None:
        self.message = Message("i", "", "g", "r", time.monotonic() - age)
        self.lost, self.error = lost, error
        self.renewed = 0
        self.interrupted: list[str] = []
        self.job = type("Job", (), {"job_id": "j1", "run": 1, "fence": 2})

    def renew(self) -> None:
        self.renewed += 1
        if self.error:
            raise self.error

    def interrupt(self, why: str) -> None:
        self.interrupted.append(why)

    def refuse(self, why: RunClosed) -> None:
        self.lost = True

    def take_moved(self) -> int:
        return 7


def heartbeat(queue: FakeQueue, *holds: FakeHold, given_away: list[FakeHold] | None = None) -> Heartbeat:
    kept = Holds()
    kept.all = lambda: list(holds)  # type: ignore[method-assign, assignment, return-value]
    return Heartbeat(
        kept,
        queue,  # type: ignore[arg-type]
        Protection(""),
        Metrics(),
        lambda hold, why: given_away.append(hold) if given_away is not None else None,  # type: ignore[arg-type]
        lease_seconds=60,
        hold_seconds=39_600,
    )


def test_a_beat_keeps_leases_and_messages_of_all_jobs_though_one_fails() -> None:
    queue = FakeQueue()
    failing, well = FakeHold(error=EndpointConnectionError(endpoint_url="https://dynamodb")), FakeHold()
    heartbeat(queue, failing, well).beat()

    assert (failing.renewed, well.renewed) == (1, 1)
    assert queue.shown == [("g", 60)]


def test_an_error_that_nobody_foresaw_in_one_job_does_not_cost_the_others_their_leases() -> None:
    failing, well = FakeHold(error=NoSuchRecord("the run is gone")), FakeHold()
    heartbeat(FakeQueue(), failing, well).beat()

    assert well.renewed == 1


def test_all_leases_are_renewed_though_sqs_hangs_which_is_not_waited_for_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue, holds, passed = FakeQueue(), [FakeHold(), FakeHold(), FakeHold()], [0.0]
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + passed[0])

    def hang(message: Message, seconds: int) -> None:
        queue.shown.append((message.group, sum(hold.renewed for hold in holds)))
        passed[0] += 21
        raise EndpointConnectionError(endpoint_url="https://sqs")

    queue.show_in = hang  # type: ignore[method-assign]
    heartbeat(queue, *holds).beat()

    assert queue.shown == [("g", 3)]


def test_the_message_of_a_run_that_was_lost_is_left_alone() -> None:
    queue = FakeQueue()
    heartbeat(queue, FakeHold(lost=True)).beat()

    assert queue.shown == []


def test_a_job_whose_message_sqs_would_show_soon_is_handed_on() -> None:
    hold = FakeHold(age=39_601)
    heartbeat(FakeQueue(), hold).beat()

    assert len(hold.interrupted) == 1


def test_one_that_hangs_then_is_given_away_as_it_stands_and_kept_no_longer() -> None:
    queue, given_away = FakeQueue(), list[FakeHold]()
    hold = FakeHold(age=39_600 + 601)
    beating = heartbeat(queue, hold, given_away=given_away)
    beating.beat()
    beating.beat()

    assert (given_away, queue.shown) == ([hold], [])


def test_metrics_are_one_line_in_the_embedded_metric_format(capsys: pytest.CaptureFixture[str]) -> None:
    heartbeat(FakeQueue(), FakeHold(), FakeHold()).flush()
    written = json.loads(capsys.readouterr().out)

    assert (written["BytesMoved"], written["service"]) == ([14.0], "worker")
    assert written["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Fileferry"


# ---- health -------------------------------------------------------------------------------------


@contextmanager
def serving(health: Callable[[], dict[str, Any]]) -> Iterator[int]:
    server = HealthServer(0, health)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@pytest.mark.parametrize(("well", "status"), [(True, 200), (False, 503)])
def test_health_is_told_by_status_and_as_json(well: bool, status: int) -> None:
    with serving(lambda: {"healthy": well, "jobs": []}) as port:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
                found, body = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            found, body = refused.code, refused.read()
        assert (found, json.loads(body)) == (status, {"healthy": well, "jobs": []})
        assert healthy(port) is well
    assert not healthy(port)


# ---- task protection ----------------------------------------------------------------------------


class Agent(BaseHTTPRequestHandler):
    """The ECS agent's endpoint; `answers` are given in turn."""

    asked: list[tuple[str, dict[str, Any]]]
    answers: list[tuple[int, dict[str, Any]]]

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, body))
        status, answer = self.answers.pop(0) if self.answers else (200, {"protection": body})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture
def agent() -> Iterator[tuple[str, type[Agent]]]:
    handler = type("OneAgent", (Agent,), {"asked": [], "answers": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api/task-1", handler
    server.shutdown()
    server.server_close()


def test_the_task_is_protected_while_jobs_run_and_no_longer(agent: tuple[str, type[Agent]]) -> None:
    protection = Protection(agent[0])
    for working in (False, True, True, False, False):
        protection.keep(working)

    path = "/api/task-1/task-protection/v1/state"
    assert agent[1].asked == [
        (path, {"ProtectionEnabled": True, "ExpiresInMinutes": 60}),
        (path, {"ProtectionEnabled": False}),
    ]


def test_protection_is_renewed_before_it_ends(agent: tuple[str, type[Agent]], monkeypatch: pytest.MonkeyPatch) -> None:
    protection = Protection(agent[0])
    protection.keep(True)
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 31 * 60)
    protection.keep(True)

    assert len(agent[1].asked) == 2


def test_a_refusal_of_the_agent_is_asked_again(agent: tuple[str, type[Agent]]) -> None:
    agent[1].answers += [(200, {"failure": {"Reason": "DEPLOYMENT_BLOCKED"}}), (500, {"error": {"Code": "x"}})]
    protection = Protection(agent[0])
    for _ in range(4):
        protection.keep(True)

    assert len(agent[1].asked) == 3


def test_without_an_agent_nothing_is_asked_and_one_that_is_gone_harms_nothing() -> None:
    Protection("").keep(True)
    Protection("http://127.0.0.1:9/api").keep(True)
