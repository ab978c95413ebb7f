"""The confirm step: compare with the far side, or wait for the partner's acknowledgement file.

The state is `lambda:invoke.waitForTaskToken`: an error of the function fails the state under the error's name
(and Retry applies, with a new token); a result counts only once the token is completed. So the step completes its
own token unless it waits for the partner; then the router does, when NAME.ack or NAME.nack comes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from fileferry.home import Home, LambdaContext, lambda_home
from fileferry.model.job import Delivery, Step
from fileferry.services import Services, services
from fileferry.steps import WAITING, Work, as_ferry_error, logger, run_step

from .checks import check

_TASK_GONE = ("TaskDoesNotExist", "TaskTimedOut", "InvalidToken")


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry."""
    return run(event, replace(lambda_home(context), complete_task=complete_by_step_functions))


def run(event: Mapping[str, Any], home: Home, world: Services | None = None) -> dict[str, Any]:
    """Run the step in any home and, once it is recorded and does not wait, complete the event's `task_token`.

    A repeat of a recorded step completes the new token with the stored result.
    """
    result = run_step(Step.CONFIRM, event, home, confirm, world)
    token = str(event.get("task_token", ""))
    if token and result != WAITING:
        home.complete_task(token, result)
    return result


def complete_by_step_functions(token: str, result: Mapping[str, Any]) -> None:
    """SendTaskSuccess. A token that was completed before or whose task is gone is left alone.

    Raises TransientError or AccessDenied: the state is retried, and completes with the stored result.
    """
    try:
        services().sfn.send_task_success(taskToken=token, output=json.dumps(result))
    except ClientError as error:
        if error.response["Error"]["Code"] not in _TASK_GONE:
            raise as_ferry_error(error) from error
        logger.info("the task token is completed or gone", code=error.response["Error"]["Code"])


def confirm(work: Work) -> dict[str, Any]:
    """`{"confirmed": {destination: {"size", "sha256", "how"}}, "acknowledged_by": name of the file or None}`.

    WAITING while the partner's acknowledgement has not come. Raises IntegrityError when the far side has
    something else than was sent, DestinationRefused when the partner answered NAME.nack or does not let us
    look, DestinationUnavailable when the far side does not answer.
    """
    mode = work.route.confirm.mode
    if mode == "acknowledgement":
        return _acknowledged(work)
    confirmed = {}
    if mode == "check":
        confirmed = {name: check(work, name, delivery) for name, delivery in deliveries(work).items()}
    return {"confirmed": confirmed, "acknowledged_by": None}


def deliveries(work: Work) -> dict[str, Delivery]:
    """What the deliver step recorded, by destination."""
    recorded = work.run.result(Step.DELIVER).get("destinations", {})
    return {name: Delivery.model_validate(delivery) for name, delivery in recorded.items()}


def _acknowledged(work: Work) -> dict[str, Any]:
    """Look for the acknowledgement of any name that the file was delivered under, and leave the token there."""
    job, user = work.job, work.route.confirm.user or ""
    names = sorted({delivery.name for delivery in deliveries(work).values()})
    for name in names:
        ack = work.services.keys.await_acknowledgement(job.tenant, user, name, work.task_token, job, _since(work))
        if ack and ack.negative:
            raise ack.refusal(user, name)
        if ack:
            return {"confirmed": {}, "acknowledged_by": f"{user}/{name}.ack"}
    return dict(WAITING)


def _since(work: Work) -> str:
    """When the file can have been acknowledged at the earliest: the second in which deliver began.

    S3 tells an object's time in whole seconds, so a fraction would make an acknowledgement of the same second
    look older than the delivery.
    """
    return work.run.steps[Step.DELIVER].started_at[: len("2026-01-01T00:00:00")]
