"""What a destination is logged in to with, and how a credential changes without an outage.

Partner and we cannot change a credential in the same moment. So who is refused with the current version of a secret
tries once each the version that is to come and the one before: it does not matter who changes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fileferry.errors import ConfigurationError
from fileferry.model.destination import Destination
from fileferry.secrets import Secrets

Fields = Mapping[str, str]


def _silent(_stage: str) -> None:
    return


@dataclass(frozen=True)
class Credentials:
    """The versions of one secret; without a `name` there is nothing to log in with.

    `tell` is called with the staging label of each version that is tried after the first one.
    """

    secrets: Secrets
    name: str
    tell: Callable[[str], None] = _silent

    def each(self) -> Iterator[Fields]:
        """The current version's fields and, when asked for more, those that may be valid beside it.

        Raises ConfigurationError when the current version cannot be read.
        """
        if not self.name:
            yield {}
            return
        for number, (stage, fields) in enumerate(self.secrets.each_version(self.name)):
            if number:
                self.tell(stage)
            yield fields


def secret_of(destination: Destination) -> str:
    """Name of the destination's secret: the one that it names, else the one that the API keeps, else empty.

    Raises ConfigurationError for an SFTP destination without any.
    """
    if named := destination.named_secret:
        return named
    if destination.credential:
        return destination.credential.secret
    if destination.target.kind == "sftp":
        raise ConfigurationError(
            f"Destination {destination.id!r} has no credential.",
            todo="store one through the API (PUT .../credential), or name a secret in target.secret.",
        )
    return ""


def credentials_of(secrets: Secrets, destination: Destination, tell: Callable[[str], None] = _silent) -> Credentials:
    """What the destination is logged in to with. Raises ConfigurationError as secret_of does."""
    return Credentials(secrets, secret_of(destination), tell)
