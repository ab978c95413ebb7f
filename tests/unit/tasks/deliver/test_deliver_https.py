"""Delivery to a real TLS endpoint on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fileferry.errors import ConfigurationError, DestinationRefused, DestinationUnavailable
from tasks.deliver.app import deliver
from tasks.deliver.https import retry_after
from tests.unit.tasks.deliver.https_partner import Answer, HttpsPartner, https_partner
from tests.unit.tasks.deliver.killing import Killed, kill_at_record
from tests.unit.tasks.deliver.world import JOB_ID, DeliveryWorld

SMALL = b"id,amount\n1,2\n"
BIG = os.urandom(1024**2) * 3
KEY = "hmac-key-0123456789"
TOKEN = "Bearer t0ken-0123456789"


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[HttpsPartner]:
    with https_partner(tmp_path) as partner:
        yield partner


@pytest.fixture
def api(world: DeliveryWorld, endpoint: HttpsPartner) -> HttpsPartner:
    """The endpoint as the route's destination `api`, with a signature and a token."""
    secret = world.secret("api", secret=KEY, authorization=TOKEN)
    world.destination("api", endpoint.target(hmac_secret=secret))
    return endpoint


def fails(world: DeliveryWorld, error: type[Exception], text: str) -> str:
    with pytest.raises(error, match=text) as caught:
        deliver(world.work(seconds=30))
    recorded = world.run().deliveries["api"]
    assert recorded.status == "FAILED"
    told = str(caught.value) + recorded.model_dump_json()
    assert KEY not in told and TOKEN not in told and "t0ken" not in told
    return told


def test_put_sends_the_file_under_its_name(world: DeliveryWorld, api: HttpsPartner) -> None:
    world.file(SMALL, "a+b %41 ü.csv")
    deliver(world.work())
    assert api.stored == {"/in/a%2Bb%20%2541%20%C3%BC.csv": SMALL}
    delivery = world.run().deliveries["api"]
    assert (delivery.status, delivery.detail["status"]) == ("DELIVERED", 201)
    assert delivery.location == f"https://localhost:{api.port}/in/a%2Bb%20%2541%20%C3%BC.csv"


def test_post_leaves_the_path_and_names_the_file_in_headers(world: DeliveryWorld, api: HttpsPartner) -> None:
    world.destination("api", api.target(method="POST"))
    world.file(SMALL, "ü.csv")
    deliver(world.work())
    (request,) = api.requests
    assert (request.method, request.path, request.body) == ("POST", "/in", SMALL)
    assert request.headers["x-fileferry-file-name"] == "%C3%BC.csv"
    assert request.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%BC.csv"


def test_a_large_file_arrives_whole_and_an_empty_one_too(world: DeliveryWorld, api: HttpsPartner) -> None:
    world.file(BIG)
    deliver(world.work())
    assert api.stored["/in/orders.csv"] == BIG
    world.next_run(b"", "empty.csv")
    deliver(world.work())
    assert api.stored["/in/empty.csv"] == b""


def test_the_receiver_can_check_origin_age_and_bytes(world: DeliveryWorld, api: HttpsPartner) -> None:
    world.file(SMALL)
    deliver(world.work())
    headers, body = api.requests[0].headers, api.requests[0].body
    digest = hashlib.sha256(body)
    stamp, _, v1 = headers["x-fileferry-signature"].partition(",v1=")
    sent_at = stamp.removeprefix("t=")
    assert abs(time.time() - int(sent_at)) < 60
    assert v1 == hmac.new(KEY.encode(), f"{sent_at}.{digest.hexdigest()}".encode(), hashlib.sha256).hexdigest()
    assert headers["content-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    assert headers["authorization"] == TOKEN
    assert headers["x-fileferry-job"] == JOB_ID


def test_the_destinations_own_headers_are_sent_but_replace_none_of_ours(
    world: DeliveryWorld, api: HttpsPartner
) -> None:
    world.destination(
        "api", api.target(headers={"X-Channel": "eu", "Content-Type": "text/csv", "X-Fileferry-Job": "x"})
    )
    world.file(SMALL)
    deliver(world.work())
    headers = api.requests[0].headers
    assert (headers["x-channel"], headers["content-type"]) == ("eu", "text/csv")
    assert headers["x-fileferry-job"] == JOB_ID
    assert "x-fileferry-signature" not in headers


@pytest.mark.parametrize("header", ["Transfer-Encoding", "Connection", "bad name"])
def test_headers_that_steer_the_connection_are_refused(world: DeliveryWorld, api: HttpsPartner, header: str) -> None:
    world.destination("api", api.target(headers={header: "chunked"}))
    world.file(SMALL)
    fails(world, ConfigurationError, "cannot be sent")
    assert not api.requests


class TestIdempotency:
    def test_every_repeat_of_a_run_has_one_key_and_another_run_another(
        self, world: DeliveryWorld, api: HttpsPartner
    ) -> None:
        world.file(SMALL)
        api.answers = [Answer(500)]
        fails(world, DestinationUnavailable, "answered 500")
        deliver(world.work())
        world.next_run(SMALL)
        deliver(world.work())
        keys = [request.headers["idempotency-key"] for request in api.requests]
        assert keys == [f"{JOB_ID}-1-api", f"{JOB_ID}-1-api", f"{JOB_ID}-2-api"]

    def test_an_answer_that_was_lost_leads_to_a_repeat_with_the_same_key(
        self, world: DeliveryWorld, api: HttpsPartner
    ) -> None:
        world.file(SMALL)
        api.lose_answers = True
        fails(world, DestinationUnavailable, "connection broke")
        api.lose_answers = False
        deliver(world.work())
        assert len({request.headers["idempotency-key"] for request in api.requests}) == 1
        assert api.stored == {"/in/orders.csv": SMALL}

    @pytest.mark.parametrize("existing", ["refuse", "suffix"])
    @pytest.mark.parametrize("number", [1, 2])
    def test_a_killed_try_finds_its_own_file_again(
        self, world: DeliveryWorld, api: HttpsPartner, existing: str, number: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world.existing = existing
        world.file(SMALL)
        with monkeypatch.context() as patched:
            kill_at_record(patched, world, number=number)
            with pytest.raises(Killed):
                deliver(world.work())
        deliver(world.work())
        assert api.stored == {"/in/orders.csv": SMALL}
        assert world.run().deliveries["api"].name == "orders.csv"


class TestExistingNames:
    def test_refuse_asks_the_endpoint_not_to_replace_and_says_so(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        api.stored["/in/orders.csv"] = b"old"
        world.existing = "refuse"
        world.file(SMALL)
        fails(world, DestinationRefused, "exists already")
        assert api.stored == {"/in/orders.csv": b"old"}

    def test_suffix_takes_the_next_name_with_a_key_of_its_own(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        api.stored["/in/orders.csv"] = b"old"
        world.existing = "suffix"
        world.file(SMALL)
        deliver(world.work())
        assert api.stored == {"/in/orders.csv": b"old", "/in/orders-1.csv": SMALL}
        puts = [request.headers["idempotency-key"] for request in api.requests if request.method == "PUT"]
        assert puts == [f"{JOB_ID}-1-api", f"{JOB_ID}-1-api-1"]

    def test_overwrite_does_not_ask(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        api.stored["/in/orders.csv"] = b"old"
        world.file(SMALL)
        deliver(world.work())
        assert api.stored == {"/in/orders.csv": SMALL}


class TestAnswers:
    @pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
    def test_come_again_is_left_to_the_workflow(self, world: DeliveryWorld, api: HttpsPartner, status: int) -> None:
        world.file(SMALL)
        api.answers = [Answer(status)] * 3
        fails(world, DestinationUnavailable, f"answered {status}")
        assert len(api.requests) == 1

    def test_a_short_retry_after_is_waited_for(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        world.file(SMALL)
        api.answers = [Answer(503, {"retry-after": "0"}), Answer(429, {"retry-after": "0"})]
        deliver(world.work())
        assert len(api.requests) == 3
        assert api.stored == {"/in/orders.csv": SMALL}

    def test_a_long_retry_after_is_not(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        world.file(SMALL)
        api.answers = [Answer(503, {"retry-after": "3600"})]
        fails(world, DestinationUnavailable, "come again after 3600 s")

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
    def test_a_refusal_is_final(self, world: DeliveryWorld, api: HttpsPartner, status: int) -> None:
        world.file(SMALL)
        api.answers = [Answer(status, body=b"because " + KEY.encode())]
        fails(world, DestinationRefused, f"answered {status}")
        assert len(api.requests) == 1

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_redirects_are_not_followed(self, world: DeliveryWorld, api: HttpsPartner, status: int) -> None:
        world.file(SMALL)
        api.answers = [Answer(status, {"location": f"https://localhost:{api.port}/elsewhere"})]
        fails(world, DestinationRefused, "Redirects are not followed")
        assert len(api.requests) == 1

    def test_a_truncated_answer_is_no_delivery(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        world.file(SMALL)
        api.answers = [Answer(201, {"content-length": "1000"}, b"short")]
        fails(world, DestinationUnavailable, "connection broke")

    def test_a_connection_that_breaks_within_the_body_is_tried_again(
        self, world: DeliveryWorld, api: HttpsPartner
    ) -> None:
        world.file(BIG)
        api.close_after = 1000
        fails(world, DestinationUnavailable, "connection broke|TLS failed: EOF")
        assert not api.stored

    def test_a_digest_that_the_endpoint_states_is_kept_for_confirm(
        self, world: DeliveryWorld, api: HttpsPartner
    ) -> None:
        world.file(SMALL)
        digest = hashlib.sha256(SMALL)
        stated = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
        api.answers = [Answer(200, {"repr-digest": stated, "etag": '"x"'}, b"{}")]
        deliver(world.work())
        detail = world.run().deliveries["api"].detail
        assert detail == {"status": 200, "etag": '"x"', "received_sha256": digest.hexdigest()}


class TestTrust:
    def test_a_certificate_of_an_unknown_authority_is_refused(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        world.destination("api", api.target(ca_certificate=None))
        world.file(SMALL)
        fails(world, DestinationRefused, "certificate is not trusted")
        assert not api.requests

    def test_a_certificate_for_another_host_is_refused(self, world: DeliveryWorld, tmp_path: Path) -> None:
        with https_partner(tmp_path, host="other.example") as partner:
            world.destination("api", partner.target())
            world.file(SMALL)
            fails(world, DestinationRefused, "certificate is not trusted")
            assert not partner.requests

    def test_an_authority_that_is_no_certificate_is_a_configuration_error(
        self, world: DeliveryWorld, api: HttpsPartner
    ) -> None:
        world.destination("api", api.target(ca_certificate="nonsense"))
        world.file(SMALL)
        fails(world, ConfigurationError, "ca_certificate is not a PEM certificate")

    def test_a_token_in_the_urls_query_is_told_to_nobody(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        world.destination("api", api.target(url=f"https://localhost:{api.port}/in?sig=t0ken"))
        world.file(SMALL)
        api.answers = [Answer(403)]
        fails(world, DestinationRefused, "answered 403")
        assert api.requests[0].path == "/in/orders.csv?sig=t0ken"
        deliver(world.work())
        assert "t0ken" not in world.run().deliveries["api"].model_dump_json()

    def test_an_endpoint_that_is_down_is_tried_again(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        world.destination("api", api.target(url="https://127.0.0.1:1/in"))
        world.file(SMALL)
        fails(world, DestinationUnavailable, "cannot be reached")

    def test_a_private_address_is_refused_unless_the_operator_allows_it(
        self, world: DeliveryWorld, api: HttpsPartner
    ) -> None:
        world.allow()
        world.file(SMALL)
        fails(world, ConfigurationError, "localhost resolves to .*: private, loopback")
        assert not api.requests
        world.allow("localhost")
        deliver(world.work())
        assert api.stored

    def test_a_missing_secret_is_a_configuration_error(self, world: DeliveryWorld, api: HttpsPartner) -> None:
        world.destination("api", api.target(hmac_secret="ferry/absent"))
        world.file(SMALL)
        fails(world, ConfigurationError, "'ferry/absent' cannot be read")
        assert not api.requests


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), (" 0 ", 0.0), ("soon", None), ("", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)]
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: Any) -> None:
    assert retry_after(value) == seconds
