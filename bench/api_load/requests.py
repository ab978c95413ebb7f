"""Requests of the control plane: each operation that reads, listings by each combination of filters, and some more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from fileferry.api import Operation
from fileferry.clock import now, timestamp

from .world import DESTINATION, READ, ROUTES, SAMPLES, TENANT, USER, WORKED


@dataclass(frozen=True)
class Asked:
    """One kind of request. Parts of the address with `{n}` get another number at each repeat."""

    title: str
    service: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    def event(self, number: int) -> dict[str, Any]:
        """The HTTP API's event (payload format 2.0) of the repeat `number`."""
        path = self.path.replace("{n}", str(number % SAMPLES))
        query = {name: value.replace("{n}", str(number % 10)) for name, value in self.query.items()}
        http = {"method": self.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "b"}
        return {
            "version": "2.0",
            "routeKey": "ANY /v1/{proxy+}",
            "rawPath": path,
            "rawQueryString": urlencode(query),
            "queryStringParameters": query or None,
            "headers": {"host": "api.example"},
            "requestContext": {
                "authorizer": {"iam": {"userArn": "arn:aws:iam::000000000000:user/bench"}},
                "http": http,
                "requestId": f"bench-{number}",
                "stage": "$default",
            },
            "isBase64Encoded": False,
            **({"body": json.dumps(self.body)} if self.body is not None else {}),
        }


_PARTS = {
    "tenant": TENANT,
    "user": USER,
    "destination": DESTINATION,
    "route": ROUTES[3],
    "revision": "1",
    "job_id": f"{READ}{{n}}",
    "run": "1",
    "family": "transfer",
    "release": "v1",
    "version": "1",
    "name": "route",
}
"""What stands in the addresses; operations with other parts are not measured."""
_JOBS = f"/v1/tenants/{TENANT}/jobs"


def reading(service: str, operations: list[Operation]) -> Iterator[Asked]:
    """A request of each operation that reads, as far as its address can be written."""
    for operation in operations:
        if operation.method == "GET" and set(operation.parts) <= set(_PARTS):
            yield Asked(operation.id, service, "GET", operation.path.format(**_PARTS))


def filtered() -> Iterator[Asked]:
    """The listing of jobs by each combination of filters that has an index of its own, and by those that have none."""
    times = {"since": timestamp(now() - timedelta(days=12)), "until": timestamp(now() - timedelta(days=9))}
    filters: dict[str, dict[str, str]] = {
        "status": {"status": "FAILED"},
        "route": {"route": "route-0{n}"},
        "route, status": {"route": "route-0{n}", "status": "FAILED"},
        "time": times,
        "status, time": {"status": "FAILED", **times},
        "route, status, time": {"route": "route-0{n}", "status": "FAILED", **times},
        "file name": {"filename": "orders-{n}"},
        "file name, status": {"filename": "orders-", "status": "FAILED"},
        "file name, route": {"filename": "orders-{n}", "route": "route-0{n}"},
        "file name, route, status": {"filename": "orders-", "route": "route-0{n}", "status": "FAILED"},
        "file name, time": {"filename": "orders-{n}", **times},
        "file name, route, status, time": {"filename": "o", "route": "route-0{n}", "status": "SUCCEEDED", **times},
    }
    for title, query in filters.items():
        yield Asked(f"listJobs by {title}", "status", "GET", _JOBS, query)
    yield Asked("listJobs, 200 of a page", "status", "GET", _JOBS, {"limit": "200"})


def others() -> Iterator[Asked]:
    """What differs by its subject, and the POSTs that change nothing of the tenant's."""
    worked = f"{_JOBS}/{WORKED}{{n}}"
    since = timestamp(now() - timedelta(days=29))
    statistics = f"/v1/tenants/{TENANT}/statistics"
    yield Asked("readHistory of the worker", "status", "GET", f"{worked}/runs/1/history")
    yield Asked("readRunWorkflow of the worker", "status", "GET", f"{worked}/runs/1/workflow")
    yield Asked("readStatistics, 29 days by day", "status", "GET", statistics, {"since": since, "grain": "day"})
    yield Asked(
        "explain", "status", "POST", f"/v1/tenants/{TENANT}/explain", body={"user": USER, "path": "route-07/a.csv"}
    )
    large = {"user": USER, "path": "route-07/a.csv", "size": 4 * 1024**3}
    yield Asked("explain, of a large file", "status", "POST", f"/v1/tenants/{TENANT}/explain", body=large)
    yield Asked("downloadFile", "status", "POST", f"{worked}/download", body={"what": "quarantined"})
