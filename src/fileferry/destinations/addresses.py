"""Which network addresses deliveries may reach, and connections to exactly those that were checked.

A tenant writes host names; without a check it could make Fileferry call the machine's own metadata service or
its private network (server-side request forgery). A name is resolved once and the connection goes to the
address that was looked at, so that a name that resolves differently a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from fileferry.errors import ConfigurationError, DestinationUnavailable

CONNECT_SECONDS = 10.0
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "64:ff9b:1::/48", "fec0::/10", "2001::/23", "5f00::/16")))
"""IANA's special-purpose networks that some supported version of Python takes for global; 192.0.0.192 is a
cloud's metadata service."""


@dataclass(frozen=True)
class Endpoint:
    """A host whose `addresses` (texts of IPs, in the resolver's order) may all be reached."""

    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def place(self) -> str:
        """`host:port` as error texts show it; an IPv6 literal stands in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def resolve(host: str, port: int, allowed: Sequence[str] = ()) -> Endpoint:
    """The addresses of `host` that deliveries may reach.

    `allowed` holds networks (CIDR) and host names that the operator permits although they are private or
    loopback. Raises ConfigurationError when no address is permitted, DestinationUnavailable when the name
    cannot be resolved now.
    """
    host = _ascii(host.strip("[]").rstrip(".").lower())
    found = _lookup(host, port)
    networks, names = _parsed(allowed)
    permitted = tuple(text for text in found if host in names or is_permitted(text, networks))
    if not permitted:
        raise ConfigurationError(
            f"{host} resolves to {', '.join(found)}: private, loopback, link-local and other special addresses "
            "are not delivered to.",
            todo="name a public host, or have the operator add the network to ALLOW_PRIVATE_DESTINATIONS.",
        )
    return Endpoint(host, port, permitted)


def is_permitted(text: str, networks: Sequence[_Network] = ()) -> bool:
    """Whether the IP address may be reached: it is public unicast, or lies in one of `networks`.

    An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64) is judged as the IPv4 address that is reached.
    """
    address = _embedded(ipaddress.ip_address(text))
    if any(address.version == network.version and address in network for network in networks):
        return True
    if any(address.version == network.version and address in network for network in _SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def connect(endpoint: Endpoint, seconds: float = CONNECT_SECONDS) -> socket.socket:
    """A TCP connection to the first of the checked addresses that answers; `seconds` for each.

    Raises DestinationUnavailable when none does.
    """
    errors = []
    for address in endpoint.addresses:
        try:
            connection = socket.create_connection((address, endpoint.port), timeout=seconds)
        except OSError as error:
            errors.append(f"{address}: {error.strerror or error}")
            continue
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    raise DestinationUnavailable(
        f"{endpoint.place} cannot be reached: {'; '.join(errors)}.",
        todo="ask the partner whether the service is up and our addresses are let in; check host and port.",
    )


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        raise ConfigurationError(f"{host[:100]!r} is not a host name: {error}.") from error


def _lookup(host: str, port: int) -> tuple[str, ...]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise DestinationUnavailable(
            f"The host name {host!r} cannot be resolved: {error.strerror}.", todo="check the name and the DNS."
        ) from error
    return tuple(dict.fromkeys(str(answer[4][0]) for answer in answers))


def _embedded(address: _Address) -> _Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _parsed(allowed: Sequence[str]) -> tuple[list[_Network], set[str]]:
    networks: list[_Network] = []
    names = set()
    for entry in allowed:
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            names.add(entry.rstrip(".").lower())
    return networks, names
