"""Expectations in the `config` table: the control plane's reads and writes. Each write also says what is due next."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from fileferry.clock import now, timestamp
from fileferry.errors import Conflict
from fileferry.expectations.due import first_due
from fileferry.model.expectation import Expectation, ExpectationSpec
from fileferry.repositories.config_keys import expectation_key
from fileferry.repositories.pages import Page
from fileferry.repositories.records import Records, Stored
from fileferry.repositories.windows import WindowRepository

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST = 200
"""Of a tenant: each may take the watcher's time every minute."""
_KIND = "EXPECTATION"


class ExpectationRecords(Records):
    """Raises what Records raises.

    What is due is put before the record: if the record is not written after all, the watch finds that the two do not
    belong together and drops what was due.
    """

    def __init__(self, dynamodb: DynamoDBClient, table: str, windows: WindowRepository, region: str) -> None:
        super().__init__(dynamodb, table)
        self._windows = windows
        self._region = region

    def expectation(self, tenant: str, expectation: str) -> Stored[Expectation]:
        missing = f"Tenant {tenant!r} has no expectation {expectation!r}."
        return self._read(Expectation, expectation_key(tenant, expectation), missing)

    def expectations(self, tenant: str, limit: int, cursor: str | None = None) -> Page[Expectation]:
        return self._list(Expectation, tenant, f"{_KIND}#", limit, cursor)

    def create_expectation(self, tenant: str, expectation: str, spec: ExpectationSpec) -> Stored[Expectation]:
        if len(self.expectations(tenant, MOST).items) == MOST:
            raise Conflict(f"Tenant {tenant!r} has {MOST} expectations, which is the most.")
        at = now()
        value = self._value(tenant, expectation, spec, self._region, timestamp(at), at)
        self._put_due(value, at)
        taken = f"Tenant {tenant!r} has an expectation {expectation!r} already."
        return self._create_record(expectation_key(tenant, expectation), _KIND, value, taken)

    def replace_expectation(
        self, tenant: str, expectation: str, spec: ExpectationSpec, if_match: str | None = None
    ) -> Stored[Expectation]:
        """Windows that are decided stay as they are."""

        def changed(current: Expectation) -> Expectation:
            at = now()
            value = self._value(tenant, expectation, spec, current.home_region, current.created_at, at)
            self._put_due(value, at)
            return value

        key = expectation_key(tenant, expectation)
        return self._replace(lambda: self.expectation(tenant, expectation), changed, key, _KIND, if_match)

    def _value(
        self, tenant: str, expectation: str, spec: ExpectationSpec, region: str, created_at: str, at: datetime
    ) -> Expectation:
        return Expectation(
            **spec.model_dump(),
            tenant=tenant,
            id=expectation,
            home_region=region,
            created_at=created_at,
            updated_at=timestamp(at),
        )

    def _put_due(self, value: Expectation, at: datetime) -> None:
        due = first_due(value, at) if value.enabled else None
        if due:
            self._windows.put_due(value.home_region, due)
