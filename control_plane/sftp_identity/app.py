"""sftp_identity: answers Transfer Family when a user logs in (IdentityProviderType AWS_LAMBDA)."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.session import get_session

from fileferry.clock import now
from fileferry.errors import ConfigurationError
from fileferry.passwords import matches
from fileferry.repositories.logins import Login, LoginRepository
from fileferry.settings import settings

from .access import access_answer
from .login import Denial, decide, login_request

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

logger = Logger(service="fileferry", use_rfc3339=True)

REFUSAL_SECONDS = 1.0
"""From a password's comparison to its refusal: longer than reading and comparing take."""
_CLIENT_CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=2, read_timeout=4)


@lru_cache(maxsize=1)
def logins() -> LoginRepository:
    """The process's repository. Its client is botocore's: boto3 takes as long again to import, and a partner waits."""
    client = get_session().create_client("dynamodb", region_name=settings().region, config=_CLIENT_CONFIG)
    return LoginRepository(cast("DynamoDBClient", client), settings().config_table)


def handler(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """The user's role, home directory, keys and session policy; `{}`, which is a refusal, when it may not log in.

    Raises ValueError when the event is no login request, ConfigurationError when TRANSFER_ROLE_ARN is not set.
    """
    if not settings().transfer_role_arn:
        raise ConfigurationError("TRANSFER_ROLE_ARN is not set.", todo="deploy template.yaml, which sets it.")
    request = login_request(event)
    login = logins().find(request.username)
    decision = decide(request, login, now(), settings().sftp_authentication)
    if request.has_password and "PASSWORD" in settings().sftp_authentication:
        decision = _with_password(str(event["password"]), login, decision)
    # A name that is no login may be a password that was typed too early: it is not logged.
    about = {"source_ip": request.source_ip, **({"tenant": login.tenant, "user": login.user} if login else {})}
    if isinstance(decision, Denial) or login is None:
        reason = decision.reason if isinstance(decision, Denial) else ""
        logger.warning("login refused", extra={**about, "reason": reason})
        return {}
    logger.info("login prepared", extra={**about, "keys": len(decision)})
    return access_answer(login, None if request.has_password else decision, settings())


def _with_password(password: str, login: Login | None, decision: tuple[str, ...] | Denial) -> tuple[str, ...] | Denial:
    """The decision once the password is compared; one that is refused takes the same time, whatever is wrong."""
    begun = time.monotonic()
    right = matches(password, logins().password_hash(login) if login else "")
    if right and not isinstance(decision, Denial):
        return decision
    time.sleep(max(0.0, REFUSAL_SECONDS - (time.monotonic() - begun)))
    return decision if isinstance(decision, Denial) else Denial("the password is wrong, or the user has none")
