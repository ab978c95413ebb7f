"""The tables: the indexes that the code queries are those that are deployed, and the services may query them."""

from __future__ import annotations

from typing import Any

from tests.unit.control_plane.world import TABLES


def _indexes(resources: dict[str, dict[str, Any]], table: str) -> dict[str, tuple[str, ...]]:
    found = resources[table]["Properties"].get("GlobalSecondaryIndexes", [])
    return {index["IndexName"]: tuple(key["AttributeName"] for key in index["KeySchema"]) for index in found}


def test_the_tests_world_has_the_deployed_indexes(resources: dict[str, dict[str, Any]]) -> None:
    deployed = _indexes(resources, "JobsTable")
    assert deployed.pop("open") == (
        "open_region",
        "created_at",
    )  # the reconciler's; the control plane has no need of it
    assert deployed == TABLES["jobs"][1]
    assert _indexes(resources, "ConfigTable") == TABLES["config"][1]


def test_status_service_may_query_every_index_that_lists_jobs(resources: dict[str, dict[str, Any]]) -> None:
    (policy,) = resources["StatusServiceRole"]["Properties"]["Policies"]
    (statement,) = (s for s in policy["PolicyDocument"]["Statement"] if s.get("Sid") == "ListJobs")
    assert {arn["Fn::Sub"].rsplit("/", 1)[1] for arn in statement["Resource"]} == set(TABLES["jobs"][1])
