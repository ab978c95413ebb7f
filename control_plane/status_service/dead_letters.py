"""Dead letters: messages that nobody could take, of the queues before the router, the worker and bulk actions."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from fileferry.actions.asked import Request
from fileferry.api import Answer, Call, Role, reply
from fileferry.dead_letters import DeadLetter, DeadLetterQueue, queues_of, take_up
from fileferry.errors import FerryError
from fileferry.model.job import Frozen
from fileferry.services import services

from .service import api

_SHOWN = 2000
QueueName = Literal["ingest", "work", "bulk"]


class DeadLetterQuery(Frozen):
    queue: QueueName | None = Field(None, description="Only of this queue's dead-letter queue.")


class DeadLetterAnswer(Frozen):
    """One message."""

    queue: QueueName
    message_id: str
    at: str = Field(description="When it was first sent.")
    reason: str
    error: str | None = Field(description="The error's name, where the worker gave a run up.")
    job_id: str | None
    run: int | None
    tenant: str | None
    filename: str | None
    body: str = Field(description="The message's beginning.")


class DeadLetterList(BaseModel):
    items: list[DeadLetterAnswer]
    complete: bool = Field(description="Whether these are all that nobody else is looking at.")


class SendAgainRequest(Frozen):
    queue: QueueName
    message_ids: list[str] | None = Field(None, max_length=100, description="Only these; without it all.")
    comment: str = Field("", max_length=1000, description="Why; it is kept with the runs that are made.")


class SentAnswer(Frozen):
    message_id: str
    sent: bool
    detail: str = Field(description="What was done, or why not; the message stays then.")


class SentList(BaseModel):
    items: list[SentAnswer]
    complete: bool = Field(description="Whether there was nothing left to look at.")


@api.operation(
    "GET",
    "/v1/dead-letters",
    access=Role.PLATFORM_ADMIN,
    query=DeadLetterQuery,
    answer=DeadLetterList,
    tag="dead letters",
)
def list_dead_letters(call: Call) -> Answer:
    """List messages that nobody could take, at most 100 of a queue; they stay where they are."""
    items: list[DeadLetterAnswer] = []
    complete = True
    for queue in queues_of(services()):
        if call.query.queue in (None, queue.name):
            letters = queue.read()
            complete = complete and not queue.more
            items += [_show(letter) for letter in letters]
            for letter in letters:
                queue.give_back(letter)
    return reply(DeadLetterList(items=items, complete=complete))


@api.operation(
    "POST",
    "/v1/dead-letters/send-again",
    access=Role.PLATFORM_ADMIN,
    body=SendAgainRequest,
    answer=SentList,
    tag="dead letters",
)
def send_dead_letters_again(call: Call) -> Answer:
    """Have what dead letters are about go on, at most 100 of a queue, and remove them.

    A job that the worker gave up is redriven; other messages go back to their queue.
    """
    body: SendAgainRequest = call.body
    request = Request(by=call.caller.name, comment=body.comment)
    items: list[SentAnswer] = []
    complete = True
    for queue in queues_of(services()):
        if queue.name == body.queue:
            letters = queue.read()
            complete = not queue.more
            items += [_sent(queue, letter, request) for letter in letters if _is_asked_for(queue, letter, body)]
    call.note(sent=sum(item.sent for item in items))
    return reply(SentList(items=items, complete=complete))


def _is_asked_for(queue: DeadLetterQueue, letter: DeadLetter, body: SendAgainRequest) -> bool:
    if body.message_ids is None or letter.message_id in body.message_ids:
        return True
    queue.give_back(letter)
    return False


def _sent(queue: DeadLetterQueue, letter: DeadLetter, request: Request) -> SentAnswer:
    try:
        detail = take_up(services(), letter, request)
    except FerryError as error:
        queue.give_back(letter)
        return SentAnswer(message_id=letter.message_id, sent=False, detail=str(error))
    queue.remove(letter)
    return SentAnswer(message_id=letter.message_id, sent=True, detail=detail)


def _show(letter: DeadLetter) -> DeadLetterAnswer:
    job = letter.job
    return DeadLetterAnswer.model_validate(
        {
            "queue": letter.queue,
            "message_id": letter.message_id,
            "at": letter.at,
            "reason": letter.reason,
            "error": letter.error or None,
            "job_id": job.job_id if job else None,
            "run": job.run if job else None,
            "tenant": job.tenant if job else None,
            "filename": job.filename if job else None,
            "body": letter.body[:_SHOWN],
        }
    )
