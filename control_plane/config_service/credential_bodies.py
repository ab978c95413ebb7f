"""What a credential looks like when it comes in, and what becomes of it. Mistakes name the field, never its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, SecretStr

from fileferry.api import Mistake, pointer, refuse
from fileferry.model.destination import CredentialKind
from fileferry.model.job import Frozen

_SFTP_FIELDS = ("password", "private_key", "passphrase")
_HTTPS_FIELDS = ("hmac_key", "authorization", "headers")

Short = Annotated[SecretStr, Field(min_length=1, max_length=4096)]
Long = Annotated[SecretStr, Field(min_length=1, max_length=32_768)]


class CredentialBody(Frozen):
    """What Fileferry logs in with: fields of the destination's kind only. No answer shows it."""

    password: Short | None = Field(None, description="SFTP.")
    private_key: Long | None = Field(None, description="SFTP: an OpenSSH or PEM private key with its line breaks.")
    passphrase: Short | None = Field(None, description="SFTP: of the private key.")
    hmac_key: Short | None = Field(None, description="HTTPS: signs the body, header X-Fileferry-Signature.")
    authorization: Short | None = Field(None, description="HTTPS: the header Authorization, such as `Bearer …`.")
    headers: dict[str, Short] = Field(
        default_factory=dict, max_length=20, description="HTTPS: further headers by name, such as an API key."
    )


@dataclass(frozen=True)
class GivenCredential:
    """`fields` are what the secret holds; the rest may be told."""

    fields: Mapping[str, str]
    kind: CredentialKind
    public_key: str = ""
    fingerprint: str = ""


def given_credential(body: CredentialBody, destination_kind: str) -> GivenCredential:
    """The credential of a destination of kind sftp or https. Raises RequestRefused (422)."""
    if destination_kind == "sftp":
        refuse([*_foreign(body, _HTTPS_FIELDS, "sftp"), *_sftp_mistakes(body)])
        return _sftp(body)
    refuse([*_foreign(body, _SFTP_FIELDS, "https"), *_https_mistakes(body)])
    return GivenCredential(_https_fields(body), "https")


def _foreign(body: CredentialBody, names: tuple[str, ...], kind: str) -> Iterator[Mistake]:
    for name in names:
        if getattr(body, name):
            yield Mistake(f"is nothing that a destination of kind {kind} takes", pointer=pointer([name]))


def _sftp_mistakes(body: CredentialBody) -> Iterator[Mistake]:
    if not body.password and not body.private_key:
        yield Mistake("is required, or `private_key`", pointer="/password")
    if body.passphrase and not body.private_key:
        yield Mistake("is of a private key, and none is given", pointer="/passphrase")


def _sftp(body: CredentialBody) -> GivenCredential:
    fields = {name: value for name in _SFTP_FIELDS if (value := _text(getattr(body, name)))}
    if not body.private_key:
        return GivenCredential(fields, "password")
    from fileferry.destinations.key_pairs import NotAPrivateKey, public_half

    try:
        line, fingerprint = public_half(fields["private_key"], fields.get("passphrase"))
    except NotAPrivateKey as error:
        refuse([Mistake(str(error), pointer="/private_key")])
        raise  # refuse() has raised already
    kind: CredentialKind = "password_and_private_key" if body.password else "private_key"
    return GivenCredential(fields, kind, line, fingerprint)


def _https_mistakes(body: CredentialBody) -> Iterator[Mistake]:
    from fileferry.destinations.https_requests import is_header

    if not (body.hmac_key or body.authorization or body.headers):
        yield Mistake("is required, or `authorization`, or `headers`", pointer="/hmac_key")
    if body.authorization and not is_header("authorization", _text(body.authorization)):
        yield Mistake("must be printable ASCII", pointer="/authorization")
    for name, value in body.headers.items():
        if not is_header(name.lower(), _text(value)):
            detail = "must be printable ASCII under the name of a header that does not steer the connection"
            yield Mistake(detail, pointer=pointer(["headers", name]))


def _https_fields(body: CredentialBody) -> dict[str, str]:
    from fileferry.destinations.https_requests import HEADER_FIELD

    given = {"secret": _text(body.hmac_key), "authorization": _text(body.authorization)}
    given |= {f"{HEADER_FIELD}{name.lower()}": _text(value) for name, value in body.headers.items()}
    return {name: value for name, value in given.items() if value}


def _text(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
