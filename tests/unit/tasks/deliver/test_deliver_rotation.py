"""A destination's credential changes while files are sent: whoever changes first, no file fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from fileferry.errors import DestinationRefused
from tasks.deliver.app import deliver
from tests.unit.tasks.deliver.https_partner import Answer, HttpsPartner, Request, https_partner
from tests.unit.tasks.deliver.sftp_partner import PASSWORD, SftpPartner
from tests.unit.tasks.deliver.world import DeliveryWorld, visible

NEW = "another-Passw0rd"
CONTENT = b"id,amount\n1,2\n"


def _traffic(world: DeliveryWorld, events: dict[int, Callable[[], object]], files: int = 6) -> list[str]:
    """Deliver `files` files, each in a run of its own; `events` happen before the file of their number."""
    names = []
    for number in range(files):
        events.get(number, lambda: None)()
        names.append(f"orders-{number}.csv")
        content = CONTENT + b"3,4\n" * number  # the same content again would be found and not be sent
        if number:
            world.next_run(content, names[-1])
        else:
            world.file(content, names[-1])
        deliver(world.work())
        assert world.run().deliveries["bank"].status == "DELIVERED"
    return names


def test_the_partner_changes_the_password_first(world: DeliveryWorld, bank: SftpPartner) -> None:
    """GIVEN the new password is stored beside the one in use, as one that is to come."""
    names = _traffic(
        world,
        {
            1: lambda: world.put_secret("bank", "AWSPENDING", password=NEW),
            2: lambda: setattr(bank, "passwords", {NEW}),
            4: lambda: world.put_secret("bank", password=NEW),
        },
    )
    assert list(visible(bank.folder)) == names
    assert bank.logins.count("password refused") == 2


def test_we_change_the_password_first(
    world: DeliveryWorld, bank: SftpPartner, caplog: pytest.LogCaptureFixture
) -> None:
    names = _traffic(
        world,
        {2: lambda: world.put_secret("bank", password=NEW), 4: lambda: setattr(bank, "passwords", {NEW})},
    )
    assert list(visible(bank.folder)) == names
    assert bank.logins.count("password refused") == 2
    told = str([vars(record) for record in caplog.records])
    assert "AWSPREVIOUS" in told
    assert PASSWORD not in told and NEW not in told


def test_a_password_is_replaced_by_a_key(world: DeliveryWorld, bank: SftpPartner) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    private = key.export_private_key().decode()

    def installed() -> None:
        bank.passwords = set()
        bank.public_keys = [key.export_public_key().decode()]

    names = _traffic(world, {2: lambda: world.put_secret("bank", private_key=private), 4: installed})
    assert list(visible(bank.folder)) == names


def test_the_partner_changes_between_two_tries(world: DeliveryWorld, bank: SftpPartner) -> None:
    """GIVEN the new password is refused WHEN the partner changes before the next try THEN the new one is taken."""
    world.put_secret("bank", password=NEW)
    bank.after_refusal = lambda: setattr(bank, "passwords", {NEW})
    world.file(CONTENT)
    deliver(world.work())
    assert bank.logins == ["password refused", "password refused", "password taken"]


def test_a_version_that_is_of_no_use_does_not_keep_the_others_from_being_tried(
    world: DeliveryWorld, bank: SftpPartner
) -> None:
    """GIVEN the partner takes the old password still, and what is to come holds no login yet."""
    world.put_secret("bank", password=NEW)
    world.put_secret("bank", "AWSPENDING", private_key="to be made")
    world.file(CONTENT)
    deliver(world.work())
    assert bank.logins == ["password refused", "password taken"]


def test_a_login_that_no_version_opens_is_refused_after_few_tries(world: DeliveryWorld, bank: SftpPartner) -> None:
    world.put_secret("bank", password="second-Passw0rd")
    world.put_secret("bank", password="third-Passw0rd")
    bank.passwords = {NEW}
    world.file(CONTENT)
    with pytest.raises(DestinationRefused, match="login was refused"):
        deliver(world.work())
    assert bank.logins == ["password refused"] * 3


def test_the_previous_version_is_not_asked_for_while_the_current_one_is_taken(
    world: DeliveryWorld, bank: SftpPartner
) -> None:
    world.put_secret("bank", password=NEW)
    bank.passwords = {PASSWORD, NEW}
    world.file(CONTENT)
    deliver(world.work())
    assert bank.logins == ["password taken"]


class _Guarded(HttpsPartner):
    """An endpoint that takes requests with one of its tokens only."""

    tokens: set[str]

    def answer(self, request: Request) -> Answer:
        if request.headers.get("x-api-key") not in self.tokens:
            return Answer(401)
        return super().answer(request)


@pytest.fixture
def endpoint(world: DeliveryWorld, tmp_path: Path) -> Iterator[Any]:
    """The endpoint as the destination `bank`, whose secret holds a header."""
    with https_partner(tmp_path) as partner:
        partner.__class__ = _Guarded
        guarded: Any = partner
        guarded.tokens = {"old-token"}
        secret = world.secret("endpoint", secret="hmac-key", **{"header.X-Api-Key": "old-token"})
        world.destination("bank", partner.target(hmac_secret=secret))
        yield guarded


@pytest.mark.parametrize("we_first", [True, False])
def test_an_endpoints_token_changes_in_either_order(world: DeliveryWorld, endpoint: Any, we_first: bool) -> None:
    fields = {"secret": "new-hmac-key", "header.X-Api-Key": "new-token"}
    theirs = lambda: setattr(endpoint, "tokens", {"new-token"})  # noqa: E731
    ours = lambda: world.put_secret("endpoint", **fields)  # noqa: E731
    if we_first:
        names = _traffic(world, {2: ours, 4: theirs})
    else:
        pending = lambda: world.put_secret("endpoint", "AWSPENDING", **fields)  # noqa: E731
        names = _traffic(world, {1: pending, 2: theirs, 4: ours})
    assert sorted(endpoint.stored) == [f"/in/{name}" for name in names]
    assert all(body.startswith(CONTENT) for body in endpoint.stored.values())


def test_an_endpoint_that_refuses_every_token_is_a_refusal(world: DeliveryWorld, endpoint: Any) -> None:
    world.put_secret("endpoint", **{"header.X-Api-Key": "new-token"})
    endpoint.tokens = set()
    world.file(CONTENT)
    with pytest.raises(DestinationRefused, match="answered 401"):
        deliver(world.work())
    assert [request.headers["x-api-key"] for request in endpoint.requests] == ["new-token", "old-token", "new-token"]
