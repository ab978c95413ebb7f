"""The demo's records and samples against the code that will judge them."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import duckdb
import pytest

from fileferry.closing import NO_ROUTE
from fileferry.model.destination import DestinationSpec
from fileferry.model.job import Executor
from fileferry.model.route import CsvContract, Route, RouteSpec
from fileferry.model.tenant import TenantSpec, UserSpec
from fileferry.routing import IncomingFile, decide
from local.demo.readable import readable
from local.demo.samples import Arrives, Sample, csv_bytes, demo_samples, order_rows
from local.demo.tenant import ORDER_COLUMNS, TENANT, DemoTenant, demo_tenant
from local.partner.account import open_account
from tasks.validate.csv_contract import check_csv
from tasks.validate.violations import Violations

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3pL0 x"


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> DemoTenant:
    return demo_tenant(open_account(tmp_path_factory.mktemp("partner")), {"orders-inc": KEY})


def samples() -> list[Sample]:
    return demo_samples(lambda content: content[::-1])


def test_the_records_are_valid_and_name_only_each_other(tenant: DemoTenant) -> None:
    TenantSpec.model_validate(tenant.spec)
    for user in tenant.users.values():
        UserSpec.model_validate(user)
    for destination in tenant.destinations.values():
        DestinationSpec.model_validate(destination)
    for route in tenant.routes.values():
        assert set(RouteSpec.model_validate(route).deliver.destinations) <= set(tenant.destinations)


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.path)
def test_each_sample_takes_the_route_that_it_is_meant_for(tenant: DemoTenant, sample: Sample) -> None:
    routes = [
        Route.model_validate({**spec, "id": name, "tenant": TENANT, "revision": 1})
        for name, spec in tenant.routes.items()
    ]
    decision = decide(IncomingFile(TENANT, sample.user, sample.path, len(sample.content)), routes)
    assert (decision.route.id if decision.route else NO_ROUTE) == sample.route
    if decision.route is None:
        assert len(decision.rejections) == len(routes)


def test_the_samples_are_run_by_both_executors_as_their_routes_say(tenant: DemoTenant) -> None:
    forced = {name: spec["executor"] for name, spec in tenant.routes.items() if "executor" in spec}
    expected = {sample.route: sample.executor for sample in samples() if sample.executor is Executor.WORKER}

    assert expected == forced


def test_parquet_is_read_back_to_the_bytes_of_its_source(tmp_path: Path) -> None:
    source, file = csv_bytes(order_rows(50)), tmp_path / "orders.parquet"
    (tmp_path / "orders.csv").write_bytes(source)
    with duckdb.connect() as connection:
        columns = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind in ORDER_COLUMNS.items()) + "}"
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{tmp_path}/orders.csv', columns={columns}, header=true)) "
            f"TO '{file}' (FORMAT parquet)"
        )
    assert readable(file.read_bytes(), Arrives.PARQUET) == source
    assert readable(gzip.compress(source), Arrives.GZIP) == source


def test_the_broken_sample_breaks_as_many_rules_as_it_says(tenant: DemoTenant, tmp_path: Path) -> None:
    broken = next(sample for sample in samples() if sample.violations)
    contract = CsvContract.model_validate(tenant.routes["orders"]["validation"]["csv"])
    found = Violations(100)
    check_csv(io.BytesIO(broken.content), "utf-8", contract, found, tmp_path, 512 * 1024**2)
    assert found.total == broken.violations
