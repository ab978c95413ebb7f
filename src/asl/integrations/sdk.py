"""AWS SDK integrations, `aws-sdk:SERVICE:ACTION`: one form for all services.

Source: "AWS SDK service integrations" (supported-services-awssdk) and recorded events.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from asl.errors import TaskFailed
from asl.integrations.reply import exception_name
from asl.integrations.sdk_services import models, service_name


def response(result: Mapping[str, Any], maps: Container[str] = frozenset()) -> dict[str, Any]:
    """The answer: the API's, without the SDK's metadata, its members in Pascal case (see `pascal_members`)."""
    members = {name: member for name, member in result.items() if name != "ResponseMetadata"}
    answer: dict[str, Any] = pascal_members(members, maps)
    return answer


def pascal_members(value: Any, maps: Container[str] = frozenset()) -> Any:
    """`value` with members' names in Pascal case, at every depth; `maps` names members whose keys are data.

    An API that writes its members in Pascal case already (S3, DynamoDB …) is left as it is.
    """
    if isinstance(value, list):
        return [pascal_members(element, maps) for element in value]
    if not isinstance(value, Mapping) or any(name[:1].isupper() for name in value):
        return value
    return {
        name[:1].upper() + name[1:]: member if name in maps else pascal_members(member, maps)
        for name, member in value.items()
    }


def error(
    service: str,
    code: str,
    message: str,
    status: int,
    request_id: str,
    *,
    extended_request_id: str | None = None,
    attempts: int | None = 1,
    modelled: Container[str] | None = None,
) -> TaskFailed:
    """A service's error: `s3` and `NoSuchKey` give `S3.NoSuchKeyException`.

    `service` is its name in ARNs. `modelled` holds the codes that the service's model has; what it does not model is
    named after the service (`DynamoDb.DynamoDbException`). None: what `sdk_services` knows of it.
    `attempts` None leaves out the number of attempts, which AWS gives since 2025; `extended_request_id` is S3's.
    """
    name = service_name(service) or service
    own = models(service, code) if modelled is None else code in modelled
    exception = exception_name(code) if own else f"{name}Exception"
    extended = "" if extended_request_id is None else f", Extended Request ID: {extended_request_id}"
    counted = "" if attempts is None else f" (SDK Attempt Count: {attempts})"
    origin = f"(Service: {name}, Status Code: {status}, Request ID: {request_id}{extended}){counted}"
    return TaskFailed(f"{name}.{exception}", f"{message} {origin}")


def missing_members(parameters: Mapping[str, Any], required: Iterable[str]) -> str | None:
    """The service's text about required members that are null or absent; None: there are none.

    `required` are the members' names in Pascal case; the text has them in camel case, as the API does.
    """
    missing = [name for name in required if parameters.get(name) is None]
    if not missing:
        return None
    found = "1 validation error" if len(missing) == 1 else f"{len(missing)} validation errors"
    constraints = "; ".join(
        f"Value null at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null"
        for name in missing
    )
    return f"{found} detected: {constraints}"
