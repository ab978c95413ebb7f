"""Which addresses deliveries may reach. Names are looked up in a table instead of the DNS."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from fileferry.destinations.addresses import connect, is_permitted, resolve
from fileferry.errors import ConfigurationError, DestinationUnavailable

Names = Callable[..., None]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """`names(host=[address, …])`: what the resolver answers for host names; other hosts do not exist."""
    table: dict[str, list[str]] = {}

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        if host not in table:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in table[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return lambda **entries: table.update({name.replace("_", "."): value for name, value in entries.items()})


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_may_be_reached(address: str) -> None:
    assert is_permitted(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "fec0::1",
        "2001::1",
        "2001:db8::1",
    ],
)
def test_private_loopback_link_local_and_metadata_addresses_may_not(address: str) -> None:
    assert not is_permitted(address)


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.5", "::1", "::ffff:127.0.0.1"])
def test_a_name_that_resolves_to_such_an_address_is_refused(names: Names, address: str) -> None:
    names(partner_example=[address])
    with pytest.raises(ConfigurationError, match=r"partner\.example resolves to"):
        resolve("partner.example", 443)


def test_of_a_name_with_both_only_the_public_addresses_are_used(names: Names) -> None:
    names(partner_example=["10.0.0.5", "93.184.216.34", "::1"])
    assert resolve("partner.example", 443).addresses == ("93.184.216.34",)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]", "127。0。0。1"]
)
def test_every_way_to_write_a_loopback_address_is_refused(host: str) -> None:
    with pytest.raises(ConfigurationError, match="private, loopback"):
        resolve(host, 443)


def test_the_operator_may_allow_networks_and_names(names: Names) -> None:
    names(partner_local=["10.0.0.5"], other_local=["10.9.0.5"])
    assert resolve("partner.local", 22, ["10.0.0.0/16"]).addresses == ("10.0.0.5",)
    assert resolve("Other.Local.", 22, ["other.local"]).addresses == ("10.9.0.5",)
    with pytest.raises(ConfigurationError):
        resolve("other.local", 22, ["10.0.0.0/16", "partner.local"])


def test_an_allowed_network_also_allows_its_mapped_addresses() -> None:
    assert resolve("::ffff:127.0.0.1", 22, ["127.0.0.0/8"]).addresses == ("::ffff:127.0.0.1",)


def test_a_name_that_does_not_exist_is_tried_again(names: Names) -> None:
    with pytest.raises(DestinationUnavailable, match="cannot be resolved"):
        resolve("absent.example", 443)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
def test_a_host_that_is_no_host_name_is_a_configuration_error(host: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a host name"):
        resolve(host, 443)


def test_the_connection_goes_to_the_address_that_was_checked(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    names(partner_example=["93.184.216.34"])
    endpoint = resolve("partner.example", 443)
    names(partner_example=["169.254.169.254"])
    asked = []

    def create_connection(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(DestinationUnavailable, match="Connection refused"):
        connect(endpoint)
    assert asked == [("93.184.216.34", 443)]
