"""The partner's NAME.ack or NAME.nack: whichever comes first, the token or the file, they meet."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fileferry.clock import timestamp
from fileferry.errors import AccessDenied, DestinationRefused, TransientError
from fileferry.model.job import Step, StepStatus
from fileferry.repositories.keys import Acknowledgement
from fileferry.steps import WAITING
from tasks.confirm.app import complete_by_step_functions
from tests.unit.tasks.confirm.conftest import ConfirmStep
from tests.unit.tasks.deliver.world import JOB_ID, DeliveryWorld

EARLIER = "2020-01-01T00:00:00.000000Z"


@pytest.fixture
def waiting(step: ConfirmStep, world: DeliveryWorld) -> ConfirmStep:
    """A delivered file whose route waits for the acknowledgement of user `ann`."""
    world.bucket("partner")
    world.destination("lake", {"kind": "s3", "bucket": "partner"})
    step.delivered()
    world.confirm = {"mode": "acknowledgement", "user": "ann"}
    return step


def acknowledge(step: ConfirmStep, *, negative: bool = False, text: str = "", at: str = "") -> Any:
    """The partner's file comes; the task that waits for it, as the router sees it."""
    keys = step.world.services.keys
    return keys.acknowledge("acme", "ann", "orders.csv", Acknowledgement(negative, text, at or timestamp()))


def test_without_an_acknowledgement_the_step_stays_open_and_the_token_is_stored(waiting: ConfirmStep) -> None:
    assert waiting() == WAITING
    assert not waiting.completed
    assert not waiting.events
    assert waiting.world.run().steps[Step.CONFIRM].status is StepStatus.WAITING
    task = acknowledge(waiting)
    assert (task.token, task.job) == ("token-1", waiting.world.job)


def test_a_retry_stores_its_new_token(waiting: ConfirmStep) -> None:
    waiting()
    assert waiting("token-2", attempt=1) == WAITING
    assert acknowledge(waiting).token == "token-2"


def test_an_acknowledgement_that_came_before_the_token_completes_it_at_once(waiting: ConfirmStep) -> None:
    assert acknowledge(waiting) is None
    result = waiting()
    assert result == {"confirmed": {}, "acknowledged_by": "ann/orders.csv.ack"}
    assert waiting.completed == [("token-1", result)]
    assert acknowledge(waiting) is None, "nobody waits any more"


def test_a_negative_acknowledgement_fails_the_step_with_the_partners_words(waiting: ConfirmStep) -> None:
    acknowledge(waiting, negative=True, text="column 3 is missing")
    with pytest.raises(DestinationRefused, match=r"orders\.csv\.nack: column 3 is missing") as refused:
        waiting()
    assert str(refused.value) == str(Acknowledgement(True, "column 3 is missing\n", "").refusal("ann", "orders.csv"))
    assert not waiting.completed


def test_an_acknowledgement_of_an_earlier_delivery_does_not_count(waiting: ConfirmStep) -> None:
    acknowledge(waiting, at=EARLIER)
    assert waiting() == WAITING


def test_an_acknowledgement_that_another_job_used_does_not_count(waiting: ConfirmStep) -> None:
    acknowledge(waiting)
    waiting.world.services.keys.acknowledgement_used("acme", "ann", "orders.csv", "another-job")
    assert waiting() == WAITING


def test_a_step_killed_after_it_took_the_acknowledgement_finds_it_again(waiting: ConfirmStep) -> None:
    acknowledge(waiting)
    keys, job = waiting.world.services.keys, waiting.world.job
    assert keys.await_acknowledgement("acme", "ann", "orders.csv", "token-1", job, EARLIER)
    assert waiting("token-2")["acknowledged_by"] == "ann/orders.csv.ack"
    assert [token for token, _ in waiting.completed] == ["token-2"]


def test_a_step_that_the_router_has_completed_meanwhile_is_not_opened_again(
    waiting: ConfirmStep, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The acknowledgement comes after the token was stored, before the step is recorded as waiting."""
    runs, result = waiting.world.services.runs, {"confirmed": {}, "acknowledged_by": "ann/orders.csv.ack"}
    wait_step = runs.wait_step

    def completed_meanwhile(job: Any, step: Step) -> None:
        runs.finish_step(job, step, result)
        wait_step(job, step)

    monkeypatch.setattr(runs, "wait_step", completed_meanwhile)
    waiting()
    assert waiting.world.run().result(Step.CONFIRM) == result


class TestCompleting:
    """SendTaskSuccess, as far as Step Functions can answer it."""

    def sfn(self, monkeypatch: pytest.MonkeyPatch, code: str = "") -> list[dict[str, str]]:
        sent: list[dict[str, str]] = []

        def send_task_success(**request: str) -> None:
            sent.append(request)
            if code:
                raise ClientError({"Error": {"Code": code, "Message": ""}}, "SendTaskSuccess")

        fake = SimpleNamespace(sfn=SimpleNamespace(send_task_success=send_task_success))
        monkeypatch.setattr("tasks.confirm.app.services", lambda: fake)
        return sent

    def test_the_result_is_the_tokens_output(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sent = self.sfn(monkeypatch)
        complete_by_step_functions("token-1", {"confirmed": {}})
        assert sent == [{"taskToken": "token-1", "output": '{"confirmed": {}}'}]

    @pytest.mark.parametrize("code", ["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"])
    def test_a_token_that_is_gone_is_left_alone(self, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
        assert self.sfn(monkeypatch, code) == []
        complete_by_step_functions("token-1", {})

    @pytest.mark.parametrize(
        ("code", "error"), [("ThrottlingException", TransientError), ("AccessDeniedException", AccessDenied)]
    )
    def test_other_errors_reach_the_workflow(
        self, monkeypatch: pytest.MonkeyPatch, code: str, error: type[Exception]
    ) -> None:
        self.sfn(monkeypatch, code)
        with pytest.raises(error):
            complete_by_step_functions("token-1", {"job": JOB_ID})
