"""What AWS's error codes say about trying again."""

from __future__ import annotations

from botocore.exceptions import ClientError

_TRANSIENT_CODES = {
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
}
_PASSING_REASONS = {"None", "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"}
"""Of a cancelled transaction (DynamoDB API reference, "TransactWriteItems"); `None`: this item was fine."""


def code_of(error: ClientError) -> str:
    """The service's own code, such as `NoSuchKey`; empty where it gave none."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The answer's HTTP status; 0 where there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_transient(error: ClientError) -> bool:
    """Whether the same call may succeed later: a throttle, a fault of the service, others at the same items."""
    if code_of(error) == "TransactionCanceledException":
        reasons = {reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])}
        return bool(reasons) and reasons <= _PASSING_REASONS
    return code_of(error) in _TRANSIENT_CODES or status_of(error) == 429 or status_of(error) >= 500
