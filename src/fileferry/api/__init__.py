"""What the HTTP API is made of: operations as values, and everything that each of them goes through (docs/api.md)."""

from fileferry.api.answers import Answer, page_answer, reply
from fileferry.api.app import Api, Call
from fileferry.api.callers import Caller, CallerKind, Role
from fileferry.api.operations import Operation, Paging
from fileferry.api.problems import Mistake, RequestRefused, bad_parameters, pointer, refuse

__all__ = [
    "Answer",
    "Api",
    "Call",
    "Caller",
    "CallerKind",
    "Mistake",
    "Operation",
    "Paging",
    "RequestRefused",
    "Role",
    "bad_parameters",
    "page_answer",
    "pointer",
    "refuse",
    "reply",
]
