"""Keys: two callers that meet at one key cannot miss each other."""

from __future__ import annotations

import pytest

from fileferry.model.job import JobStatus
from fileferry.repositories.keys import Acknowledgement, KeyRepository
from fileferry.seen_content import claim_content
from tests.unit.world import JobWorld

SHA256 = "a" * 64
ACK = Acknowledgement(negative=False, text="thank you ü", at="2026-01-31T10:30:00.000000Z")


@pytest.fixture
def keys(world: JobWorld) -> KeyRepository:
    return world.services.keys


class TestClaims:
    def test_only_a_jobs_own_version_is_claimed(self, world: JobWorld, keys: KeyRepository) -> None:
        job = world.receive(b"content")
        other = job.object.model_copy(update={"version_id": "other"})
        claim = keys.claim_of(job.object)
        assert claim
        assert claim.job_id == job.job_id
        assert keys.claim_of(other) is None
        assert keys.claimed([other, job.object, other]) == {job.object.digest}

    def test_many_versions_are_asked_for_at_once(self, world: JobWorld, keys: KeyRepository) -> None:
        job = world.receive(b"content")
        many = [job.object.model_copy(update={"version_id": f"v{number}"}) for number in range(250)]
        assert keys.claimed([*many, job.object]) == {job.object.digest}
        assert keys.claimed([]) == set()


class TestContent:
    def test_the_first_job_has_it(self, keys: KeyRepository) -> None:
        assert keys.claim_content("acme", "r", SHA256, "j1")
        assert keys.claim_content("acme", "r", SHA256, "j1")
        assert not keys.claim_content("acme", "r", SHA256, "j2")
        assert keys.content_job("acme", "r", SHA256) == "j1"

    def test_tenants_and_routes_know_nothing_of_each_other(self, keys: KeyRepository) -> None:
        assert keys.claim_content("acme", "r", SHA256, "j1")
        assert keys.claim_content("acme", "s", SHA256, "j2")
        assert keys.claim_content("other", "r", SHA256, "j3")

    def test_it_passes_on_only_from_the_job_that_is_named(self, keys: KeyRepository) -> None:
        keys.claim_content("acme", "r", SHA256, "j1")
        assert not keys.claim_content("acme", "r", SHA256, "j3", instead_of="j2")
        assert keys.claim_content("acme", "r", SHA256, "j3", instead_of="j1")
        assert keys.content_job("acme", "r", SHA256) == "j3"

    @pytest.mark.parametrize(
        ("status", "free"),
        [
            (JobStatus.FAILED, True),
            (JobStatus.QUARANTINED, True),
            (JobStatus.CANCELLED, True),
            (JobStatus.SUCCEEDED, False),
            (JobStatus.DUPLICATE, False),
        ],
    )
    def test_content_is_free_again_when_its_job_came_to_nothing(
        self, world: JobWorld, status: JobStatus, free: bool
    ) -> None:
        first = world.receive(b"content")
        assert claim_content(world.services, "acme", "orders", SHA256, first.job_id) == ""
        assert claim_content(world.services, "acme", "orders", SHA256, "j2") == first.job_id
        world.services.jobs.close(first, status)
        assert claim_content(world.services, "acme", "orders", SHA256, "j2") == ("" if free else first.job_id)


class TestSidecars:
    AT, LATER = "2026-01-31T10:00:00.000000Z", "2026-01-31T11:00:00.000000Z"

    def test_a_file_finds_the_digest_that_came_before_it_until_it_is_given(self, keys: KeyRepository) -> None:
        assert keys.sidecar_meets_file("acme", "bob", "in/ü.csv", "sha256", SHA256).job_id == ""
        for _ in range(2):
            assert keys.file_meets_sidecar("acme", "bob", "in/ü.csv", "j1", self.AT).digests == {"sha256": SHA256}
        keys.sidecar_given("acme", "bob", "in/ü.csv")
        assert keys.file_meets_sidecar("acme", "bob", "in/ü.csv", "j2", self.LATER).digests == {}

    def test_a_sidecar_finds_the_file_that_came_before_it(self, keys: KeyRepository) -> None:
        assert keys.file_meets_sidecar("acme", "bob", "a.csv", "j1", self.AT).digests == {}
        meeting = keys.sidecar_meets_file("acme", "bob", "a.csv", "md5", "ab")
        assert (meeting.job_id, meeting.job_at, meeting.digests) == ("j1", self.AT, {"md5": "ab"})

    def test_a_late_repeat_of_an_older_file_takes_nothing_from_the_newer_one(self, keys: KeyRepository) -> None:
        keys.file_meets_sidecar("acme", "bob", "a.csv", "newer", self.LATER)
        keys.sidecar_meets_file("acme", "bob", "a.csv", "md5", "ab")
        assert keys.file_meets_sidecar("acme", "bob", "a.csv", "older", self.AT).digests == {}
        assert keys.file_meets_sidecar("acme", "bob", "a.csv", "newer", self.LATER).digests == {"md5": "ab"}

    def test_another_users_sidecar_is_another(self, keys: KeyRepository) -> None:
        keys.sidecar_meets_file("acme", "bob", "a.csv", "md5", "ab")
        assert keys.file_meets_sidecar("acme", "ann", "a.csv", "j1", self.AT).digests == {}


class TestAcknowledgements:
    SINCE = "2026-01-31T10:00:00"

    def test_the_task_that_waits_is_found(self, world: JobWorld, keys: KeyRepository) -> None:
        job = world.receive(b"x")
        assert keys.await_acknowledgement("acme", "bob", "ü.csv", "token", job, self.SINCE) is None
        waiting = keys.acknowledge("acme", "bob", "ü.csv", ACK)
        assert waiting
        assert (waiting.job, waiting.token) == (job, "token")

    def test_a_retrys_new_token_replaces_the_old_one(self, world: JobWorld, keys: KeyRepository) -> None:
        job = world.receive(b"x")
        for token in ("old", "new"):
            keys.await_acknowledgement("acme", "bob", "a", token, job, self.SINCE)
        waiting = keys.acknowledge("acme", "bob", "a", ACK)
        assert waiting
        assert waiting.token == "new"

    def test_one_that_came_first_is_there_for_its_job_and_no_other(self, world: JobWorld, keys: KeyRepository) -> None:
        assert keys.acknowledge("acme", "bob", "a", ACK) is None
        job = world.receive(b"x")
        assert keys.await_acknowledgement("acme", "bob", "a", "t", job, self.SINCE) == ACK
        assert keys.await_acknowledgement("acme", "bob", "a", "t", job, self.SINCE) == ACK
        other = world.receive(b"y", "other.csv")
        assert keys.await_acknowledgement("acme", "bob", "a", "t", other, self.SINCE) is None

    def test_one_from_before_the_delivery_is_not_this_jobs(self, world: JobWorld, keys: KeyRepository) -> None:
        keys.acknowledge("acme", "bob", "a", ACK)
        job = world.receive(b"x")
        assert keys.await_acknowledgement("acme", "bob", "a", "t", job, "2026-01-31T11:00:00") is None

    def test_a_task_that_is_gone_leaves_the_acknowledgement(self, world: JobWorld, keys: KeyRepository) -> None:
        job = world.receive(b"x")
        keys.await_acknowledgement("acme", "bob", "a", "t", job, self.SINCE)
        keys.acknowledge("acme", "bob", "a", ACK)
        keys.forget_task("acme", "bob", "a")
        assert keys.acknowledge("acme", "bob", "a", ACK) is None
        assert keys.await_acknowledgement("acme", "bob", "a", "t2", job, self.SINCE) == ACK
