"""A token that was refreshed tells when its user signed in, not when it was refreshed.

AWS: `auth_time` is when the user completed authentication (Cognito Developer Guide, "Understanding the identity (ID)
token"), and OpenID Connect Core 1.0, 12.2, demands the original one of a refreshed ID token; strict clients refuse
others. MiniStack 1.5.33 writes the moment of each refresh.
"""

from __future__ import annotations

from typing import Any

from ministack.services import cognito


def with_sign_in_time(original: Any) -> Any:
    """`_signed_jwt`, with the first `auth_time` that was given under the sign-in's `origin_jti`.

    It is kept with the user, beside MiniStack's own list of sign-ins, and so lasts over restarts.
    """

    def signed(claims: dict[str, Any], pool_id: str = "", use: str = "") -> Any:
        username = claims.get("username") or claims.get("cognito:username")
        user = (cognito._get_pool_unscoped(pool_id) or {}).get("_users", {}).get(username)
        if user is not None and "auth_time" in claims:
            times = user.setdefault("_auth_times", {})
            claims = {**claims, "auth_time": times.setdefault(claims["origin_jti"], claims["auth_time"])}
        return original(claims, pool_id, use)

    return signed


def close_gap() -> None:
    """Every token is signed by this function."""
    cognito._signed_jwt = with_sign_in_time(cognito._signed_jwt)
