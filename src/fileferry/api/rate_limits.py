"""How often a tenant may call: HTTP APIs have no usage plans, so the functions count, beside the stage's throttling.

A window of WINDOW_SECONDS lets the tenant's rate times its length through, in bursts or evenly. All callers of a
tenant share its window; platform administrators have one each.
"""

from __future__ import annotations

import time
from http import HTTPStatus

from botocore.exceptions import BotoCoreError, ClientError

from fileferry.api.callers import Caller
from fileferry.api.problems import RequestRefused
from fileferry.repositories.items import condition_failed, to_item
from fileferry.services import Services, services

WINDOW_SECONDS = 10
_KEPT_SECONDS = 3600
"""Time to live of a window's count; DynamoDB removes it within days."""


def take(caller: Caller, tenant: str | None) -> None:
    """Count a request. Raises RequestRefused (429) when the window is full.

    A table that cannot count refuses nobody: the stage's throttling still holds.
    """
    world = services()
    limit = world.settings.tenant_requests_per_second * WINDOW_SECONDS
    now = time.time()
    window = int(now // WINDOW_SECONDS)
    bucket = caller.id if caller.is_platform_admin or tenant is None else tenant
    try:
        _count(world, bucket, window, limit)
    except (ClientError, BotoCoreError) as error:
        if isinstance(error, ClientError) and condition_failed(error):
            wait = max(1, int((window + 1) * WINDOW_SECONDS - now) + 1)
            raise RequestRefused(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"More than {limit} requests within {WINDOW_SECONDS} seconds.",
                todo=f"go on in {wait} seconds.",
                headers={"Retry-After": str(wait)},
            ) from error


def _count(world: Services, bucket: str, window: int, limit: int) -> None:
    world.dynamodb.update_item(
        TableName=world.settings.keys_table,
        Key=to_item({"pk": f"API_RATE#{bucket}", "sk": str(window)}),
        UpdateExpression="ADD requests :one SET expires_at = :expires",
        ConditionExpression="attribute_not_exists(requests) OR requests < :limit",
        ExpressionAttributeValues=to_item(
            {":one": 1, ":limit": limit, ":expires": (window + 1) * WINDOW_SECONDS + _KEPT_SECONDS}
        ),
    )
