"""What tests of the watch arrange and look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import boto3
import pytest

from fileferry.clock import parse_time, timestamp
from fileferry.expectations.watch import Watch, watch
from fileferry.model.expectation import ExpectationSpec, Window
from fileferry.model.job import Job, JobStatus, ObjectVersion, job_id_of
from fileferry.model.tenant import TenantSpec
from fileferry.repositories.config_writes import ConfigWriter
from fileferry.repositories.expectations import ExpectationRecords
from fileferry.repositories.jobs import job_item
from fileferry.services import Services
from tests.event_schemas import CheckedSns
from tests.unit.control_plane.world import empty_tables
from tests.unit.faults import Faults
from tests.unit.world import REGION, SETTINGS

DAILY: dict[str, Any] = {
    "route": "orders",
    "schedule": {"kind": "daily", "at": "06:00"},
    "time_zone": "UTC",
    "window_minutes": 120,
}
_SESSION = boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)


@dataclass
class ExpectationWorld:
    """Tenant acme; `at` is now, also for what is written."""

    services: Services
    patch: pytest.MonkeyPatch
    faults: Faults = field(default_factory=Faults)
    at: datetime = datetime(2026, 6, 1, tzinfo=UTC)

    def __post_init__(self) -> None:
        self.sns: CheckedSns
        self._numbers = count(1)

    @classmethod
    def create(cls, patch: pytest.MonkeyPatch) -> ExpectationWorld:
        services = Services(SETTINGS, _SESSION)
        world = cls(services, patch)
        empty_tables(services.dynamodb)
        ConfigWriter(services.dynamodb, "config").create_tenant("acme", TenantSpec(name="Acme"))
        for topic in ("events", "success", "failure"):
            services.sns.create_topic(Name=topic)
        world.sns = CheckedSns(services.sns)
        services.__dict__["dynamodb"] = world.faults.client(services.dynamodb)
        services.__dict__["sns"] = world.faults.client(world.sns)
        patch.setattr("fileferry.repositories.expectations.now", lambda: world.at)
        return world

    @property
    def records(self) -> ExpectationRecords:
        return ExpectationRecords(self.services.dynamodb, "config", self.services.windows, REGION)

    def expect(self, expectation: str = "daily", **fields: Any) -> None:
        spec = ExpectationSpec.model_validate({**DAILY, **fields})
        self.records.create_expectation("acme", expectation, spec)

    def change(self, expectation: str = "daily", **fields: Any) -> None:
        spec = ExpectationSpec.model_validate({**DAILY, **fields})
        self.records.replace_expectation("acme", expectation, spec)

    def file(self, at: str, name: str = "in/a.csv", **fields: Any) -> str:
        """A file that comes at a time on 1 June 2026 (`HH:MM` or `HH:MM:SS`), or at a whole timestamp; its job's id."""
        number = next(self._numbers)
        moment = timestamp(parse_time(f"2026-06-01T{at}Z" if "T" not in at else at))
        user = fields.get("user", "bob")
        key = f"in/{REGION}/00/acme/{user}/{name}"
        version = ObjectVersion(
            bucket="ingest", key=key, version_id=str(number), size=fields.pop("size", number), etag=f"etag-{number}"
        )
        job_id = job_id_of(version, "orders")
        values = {
            "job_id": job_id,
            "tenant": "acme",
            "user": user,
            "route": "orders",
            "revision": 1,
            "object": version,
            "filename": name.rsplit("/", 1)[-1],
            "status": JobStatus.RUNNING,
            "home_region": REGION,
            "created_at": moment,
            "updated_at": moment,
        }
        self.services.dynamodb.put_item(TableName="jobs", Item=job_item(Job.model_validate({**values, **fields})))
        return job_id

    def tick(self, at: str, steps: int = 10_000) -> Mapping[str, int]:
        """One call of the watch at a time on 1 June 2026, or at a whole timestamp."""
        self.at = parse_time(f"2026-06-01T{at}Z" if "T" not in at else at)
        left = iter(range(steps))
        return watch(Watch(self.services, lambda: next(left, None) is None, self.at))

    def ticks(self, since: str, until: str) -> None:
        """A call each minute."""
        at, end = parse_time(since), parse_time(until)
        while at <= end:
            self.tick(timestamp(at))
            at += timedelta(minutes=1)

    def windows(self, expectation: str = "daily") -> list[Window]:
        return list(self.services.windows.windows("acme", expectation, 100).items)

    def missed(self) -> list[Window]:
        return list(self.services.windows.missed("acme", 100).items)

    def told(self, topic: str = "failure") -> list[str]:
        """Types of what was told on a topic, without `Expectation`, each event once, in order."""
        ids: dict[str, str] = {}
        for message in self.sns.published:
            if message.topic == topic:
                ids.setdefault(message.event["id"], message.type.removeprefix("Expectation"))
        return list(ids.values())
