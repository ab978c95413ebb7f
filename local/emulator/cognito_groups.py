"""A token that was refreshed lists its user's groups.

AWS: access and ID tokens hold `cognito:groups` whichever grant they came by (Cognito Developer Guide, "Understanding
the access token"). MiniStack 1.5.33 leaves the claim out of those that its token endpoint gives for a refresh token.
"""

from __future__ import annotations

from typing import Any

from ministack.services import cognito

WITH_GROUPS = {"access", "id"}


def with_groups(original: Any) -> Any:
    """`_fake_token`, which signs every token, with the user's groups where the caller gave none."""

    def token(sub: str, pool_id: str, client_id: str, kind: str = "access", username: str = "", **named: Any) -> Any:
        if kind in WITH_GROUPS and username and named.get("groups") is None:
            users = (cognito._get_pool_unscoped(pool_id) or {}).get("_users", {})
            named["groups"] = list(users.get(username, {}).get("_groups", []))
        return original(sub, pool_id, client_id, kind, username=username, **named)

    return token


def close_gap() -> None:
    """Every grant signs by this function."""
    cognito._fake_token = with_groups(cognito._fake_token)
