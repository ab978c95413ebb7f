"""Where files are delivered. Credentials are names of secrets, never the secrets."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from fileferry.model.job import Frozen
from fileferry.model.route import Identifier, SecretName


class SftpDestination(Frozen):
    """An SFTP server. The secret is JSON `{"password": …}` or `{"private_key": …, "passphrase": …}`.

    Without `secret` the credential is the one that was stored through the API.
    """

    kind: Literal["sftp"]
    host: str = Field(min_length=1, max_length=253)
    port: int = Field(22, ge=1, le=65_535)
    username: str = Field(min_length=1)
    secret: SecretName | None = None
    host_keys: list[str] = Field(
        min_length=1, description="The server's public keys, one `ssh-ed25519 AAAA…` each; any other is refused."
    )
    folder: str = Field("/", description="Folder on the server, absolute or relative to the login's home.")


class S3Destination(Frozen):
    """A bucket, ours or foreign; with `role_arn` it is written as that role (external id as agreed)."""

    kind: Literal["s3"]
    bucket: str = Field(min_length=3, max_length=63)
    prefix: str = ""
    region: str | None = None
    role_arn: str | None = Field(None, pattern=r"^arn:aws[\w-]*:iam::\d{12}:role/.+$")
    external_id: str | None = None
    kms_key: str | None = None


class HttpsDestination(Frozen):
    """An HTTPS endpoint. With PUT the file's name is added to the URL's path."""

    kind: Literal["https"]
    url: str = Field(max_length=2000)
    method: Literal["PUT", "POST"] = "PUT"
    hmac_secret: SecretName | None = Field(
        None,
        description="Name of a secret of the user's own: `secret` signs the body (header X-Fileferry-Signature), "
        "`authorization` and `header.NAME` are sent as headers.",
    )
    headers: dict[str, str] = Field(default_factory=dict, max_length=20)
    ca_certificate: str | None = Field(None, description="PEM of the authority to trust instead of the public ones.")

    @field_validator("url")
    @classmethod
    def _is_https(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError("must be an https:// URL with a host")
        if parts.username or parts.password:
            raise ValueError("must not hold a user name or password; put credentials into a secret")
        return value


class _Described(Frozen):
    description: str = Field("", max_length=1000)
    rate_bytes_per_second: float | None = Field(
        None, gt=0, description="Expected throughput, from which the executor is chosen; learned when not given."
    )


class DestinationSpec(_Described):
    """What a user writes: exactly one of the three kinds."""

    target: Annotated[SftpDestination | S3Destination | HttpsDestination, Field(discriminator="kind")]


AnyTarget = SftpDestination | S3Destination | HttpsDestination


CredentialKind = Literal["password", "private_key", "password_and_private_key", "https"]


class CredentialInfo(Frozen):
    """What may be told of one version of a credential that the API keeps; `public_key` is one line."""

    kind: CredentialKind
    public_key: str = Field("", description="The public half of a private key, as the partner installs it.")
    fingerprint: str = Field("", description="SHA256:… of the public key.")
    set_at: str = ""
    set_by: str = ""


class Credential(CredentialInfo):
    """The credential of a destination: where it lies, and never the secret itself."""

    secret: str = Field(description="Name of the secret that holds it; the API makes it.")
    pending: CredentialInfo | None = Field(None, description="A new one that is to be activated.")


class Destination(DestinationSpec):
    """A destination as it is stored. `credential` is the one kept by the API; a target that names a secret has none."""

    tenant: str
    id: Identifier
    created_at: str = ""
    updated_at: str = ""
    credential: Credential | None = None

    def leads_where(self, target: AnyTarget) -> bool:
        """Whether a target without a secret of its own leads to the same server, so that the credential may stay.

        Whoever may change an address but never see a credential must not have it sent to another server.
        """
        mine = self.target
        if isinstance(mine, SftpDestination) and isinstance(target, SftpDestination):
            same = (mine.host.lower(), mine.port) == (target.host.lower(), target.port)
            return same and not target.secret
        if isinstance(mine, HttpsDestination) and isinstance(target, HttpsDestination):
            same = urlsplit(mine.url).netloc.lower() == urlsplit(target.url).netloc.lower()
            return same and not target.hmac_secret
        return False

    @property
    def named_secret(self) -> str:
        """Name of the secret that its owner keeps; empty when the API keeps the credential, or there is none."""
        if isinstance(self.target, SftpDestination):
            return self.target.secret or ""
        return (self.target.hmac_secret or "") if isinstance(self.target, HttpsDestination) else ""
