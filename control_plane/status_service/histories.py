"""What a run did, state by state, whoever runs it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from fileferry.api import Answer, Call, Paging, Role, page_answer
from fileferry.histories import history_page
from fileferry.services import services

from .jobs import job_of, run_of
from .service import api


class HistoryEvent(BaseModel):
    """An event in the form of Step Functions' HistoryEvent, with one `…EventDetails` by its type."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int
    previousEventId: int = Field(0, description="0: none.")  # noqa: N815  # AWS's name
    type: str = Field(description="Such as TaskStateEntered.")
    timestamp: str = Field(description="ISO 8601 in UTC.")


@api.operation(
    "GET",
    "/v1/tenants/{tenant}/jobs/{job_id}/runs/{run}/history",
    access=Role.VIEWER,
    query=Paging,
    answer=HistoryEvent,
    listing=True,
    tag="runs",
)
def read_history(call: Call) -> Answer:
    """Read a run's history, the first event first.

    In the form of Step Functions' GetExecutionHistory for both executors; task tokens are left out. The worker stores
    a run's history when the run ends, Step Functions forgets one after 90 days: 404 then. A cursor holds for the same
    `limit` only.
    """
    job = job_of(call)
    page = history_page(services(), job, run_of(call, job), call.query.limit, call.query.cursor)
    return page_answer(page, lambda event: event)
