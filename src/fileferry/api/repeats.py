"""A POST with an `Idempotency-Key` is performed once: its repeats, for a day, get the first one's answer.

draft-ietf-httpapi-idempotency-key-header-07: 409 while the first one is under way, 422 when the same key comes with
another request. A request that fails may be repeated with its key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response

from fileferry.api.answers import JSON, Answer
from fileferry.api.problems import RequestRefused
from fileferry.services import Services, services

if TYPE_CHECKING:
    from fileferry.api.app import Call

KEPT_SECONDS = 86_400
LONGEST_KEY = 255
"""Characters of an Idempotency-Key."""
_KEY = rf"[\x21-\x7e]{{1,{LONGEST_KEY}}}"


def once(call: Call, key: str | None, digest: str, context: Any, perform: Callable[[], Answer]) -> Answer:
    """Perform the call, or answer as it was answered before. Raises RequestRefused (400, 409, 422)."""
    if key is None:
        return perform()
    if not re.fullmatch(_KEY, key):
        what = f"Idempotency-Key must be 1 to {LONGEST_KEY} visible ASCII characters."
        raise RequestRefused(HTTPStatus.BAD_REQUEST, what)
    return _once(call, key, digest, context, perform)


def _once(call: Call, key: str, digest: str, context: Any, perform: Callable[[], Answer]) -> Answer:
    from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
    from aws_lambda_powertools.utilities.idempotency.exceptions import (
        IdempotencyAlreadyInProgressError,
        IdempotencyValidationError,
    )

    config = IdempotencyConfig(
        event_key_jmespath="[caller, key]",
        payload_validation_jmespath="[operation, path, digest]",
        expires_after_seconds=KEPT_SECONDS,
    )
    config.register_lambda_context(context)
    first: list[Answer] = []

    @idempotent_function(  # type: ignore[untyped-decorator]
        data_keyword_argument="request", persistence_store=_store(services()), config=config, key_prefix="request"
    )
    def performed(request: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - Powertools reads it
        first.append(perform())
        return _kept(call, first[0])

    request = {
        "caller": call.caller.id,
        "key": key,
        "operation": call.operation.id,
        "path": dict(call.path),
        "digest": digest,
    }
    try:
        kept = performed(request=request)
    except IdempotencyAlreadyInProgressError as error:
        raise RequestRefused(
            HTTPStatus.CONFLICT,
            "A request with this Idempotency-Key is under way.",
            todo="wait for its end.",
            headers={"Retry-After": "1"},
        ) from error
    except IdempotencyValidationError as error:
        raise RequestRefused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "This Idempotency-Key came with another request before.",
            todo="choose a new key for each request.",
        ) from error
    return first[0] if first else _again(call, kept)


def _kept(call: Call, answer: Answer) -> dict[str, Any]:
    """What is stored of an answer; a secret never is."""
    return {
        "status": answer.status_code,
        "headers": {name: str(value) for name, value in answer.headers.items()},
        "body": "" if call.operation.secret else answer.body,
    }


def _again(call: Call, kept: dict[str, Any]) -> Answer:
    if call.operation.secret:
        raise RequestRefused(
            HTTPStatus.CONFLICT,
            "This was done before with the same Idempotency-Key, and its answer, a secret, is shown only once.",
            todo="make a new one, with a new key.",
        )
    return Response(int(kept["status"]), JSON, kept["body"], headers={**kept["headers"], "Idempotent-Replayed": "true"})


@lru_cache(maxsize=1)
def _store(world: Services) -> Any:
    from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

    return DynamoDBPersistenceLayer(
        table_name=world.settings.keys_table,
        key_attr="pk",
        sort_key_attr="sk",
        static_pk_value="IDEMPOTENCY",
        expiry_attr="expires_at",
        boto3_client=world.dynamodb,
    )
