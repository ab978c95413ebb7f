"""A tenant's route: which files it takes and what happens to them.

A revision is immutable: a job keeps the revision it started with. Every field has a description, since
the API's JSON Schema, its error messages and the console's form are made from this module.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from fileferry.model.job import LONGEST_CALL_SECONDS, Frozen

IDENTIFIER = r"^[a-z0-9][a-z0-9-]{0,39}$"
Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
SecretName = Annotated[str, Field(min_length=1, max_length=256, description="Name of a Secrets Manager secret.")]


class ZeroBytes(StrEnum):
    """What a route does with an empty file."""

    ACCEPT = "accept"
    QUARANTINE = "quarantine"
    SKIP = "skip"


class Match(Frozen):
    """Which files a route takes. `path` is what the partner sees, without a leading slash."""

    glob: str | None = Field(None, max_length=500, description="Glob on the path: `*` within a folder, `**` across.")
    regex: str | None = Field(None, max_length=500, description="Regular expression that must match the whole path.")
    users: list[str] = Field(default_factory=list, description="Only files of these users; empty: of all.")
    min_size: int = Field(0, ge=0, description="Smallest size in bytes.")
    max_size: int | None = Field(None, ge=0, description="Largest size in bytes.")

    @field_validator("regex")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _one_pattern(self) -> Self:
        if (self.glob is None) == (self.regex is None):
            raise ValueError("exactly one of `glob` and `regex` must be given")
        return self


class Column(Frozen):
    """One column of a CSV contract."""

    name: str = Field(min_length=1)
    type: Literal["string", "integer", "decimal", "boolean", "date", "timestamp"] = "string"
    nullable: bool = True
    unique: bool = False
    format: str | None = Field(None, description="strptime format of a date or timestamp; default ISO 8601.")
    pattern: str | None = Field(None, description="Regular expression that every value matches.")
    allowed: list[str] | None = Field(None, description="The only values allowed.")
    min: float | None = None
    max: float | None = None


class CsvContract(Frozen):
    """What a CSV file must look like."""

    delimiter: str = Field(",", min_length=1, max_length=1)
    quote: str = Field('"', min_length=1, max_length=1)
    header: bool = True
    columns: list[Column] = Field(min_length=1)
    extra_columns: Literal["refuse", "allow"] = "refuse"
    unique: list[list[str]] = Field(default_factory=list, description="Sets of columns unique together.")
    min_rows: int = Field(0, ge=0)
    max_rows: int | None = Field(None, ge=0)


class JsonContract(Frozen):
    """A JSON Schema for the document (`json`) or for every line (`ndjson`)."""

    schema_: dict[str, Any] = Field(alias="schema")

    @field_validator("schema_")
    @classmethod
    def _is_schema(cls, value: dict[str, Any]) -> dict[str, Any]:
        from fileferry.json_schema import check_schema  # jsonschema costs 80 ms to import

        check_schema(value)
        return value


class Validation(Frozen):
    """The checks of the validate step; those not named are not made."""

    checksum: Literal["none", "optional", "required"] = Field(
        "optional",
        description="A declared checksum (sidecar NAME.sha256/.md5 or object metadata): ignored, compared when it "
        "is there, or waited for.",
    )
    checksum_wait_seconds: int = Field(900, ge=60, le=86_400, description="How long a required sidecar may take.")
    types: list[str] = Field(default_factory=list, description="Media types that the content may really have.")
    encoding: str | None = Field(None, description="Text encoding that the whole file must decode as, e.g. utf-8.")
    name: str | None = Field(None, description="Regular expression that the file name must match.")
    min_size: int = Field(0, ge=0)
    max_size: int | None = Field(None, ge=0)
    csv: CsvContract | None = None
    json_: JsonContract | None = Field(None, alias="json")
    ndjson: JsonContract | None = None
    max_violations: int = Field(100, ge=1, le=1000, description="How many violations are reported in full.")

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if sum(contract is not None for contract in (self.csv, self.json_, self.ndjson)) > 1:
            raise ValueError("at most one of `csv`, `json` and `ndjson` may be given")
        return self


RingName = Annotated[Identifier, Field(description="Key ring whose keys are used, as it is when the job runs.")]


class _Keyed(Frozen):
    """An operation whose keys are given in the route itself or by a key ring."""

    key_ring: RingName | None = None

    _inline: ClassVar[str]
    """The field that gives the keys where no ring does."""
    _inline_only: ClassVar[tuple[str, ...]] = ()
    _ring_only: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(getattr(self, self._inline)) == (self.key_ring is not None):
            raise ValueError(f"exactly one of `{self._inline}` and `key_ring` must be given")
        for name in self._ring_only if self.key_ring is None else self._inline_only:
            if getattr(self, name):
                other = "without" if self.key_ring is None else "with"
                raise ValueError(f"`{name}` cannot be given {other} `key_ring`")
        return self


class Decrypt(_Keyed):
    """OpenPGP decryption; with `signers` or `signed`, a valid signature is demanded."""

    op: Literal["decrypt"]
    key_secret: SecretName | None = None
    """Secret that holds an ASCII-armoured private key, or JSON `{"key": …, "passphrase": …}`."""
    signers: list[str] = Field(default_factory=list, description="ASCII-armoured certificates of accepted signers.")
    signed: bool = Field(False, description="Demand a signature of one of the ring's partner certificates.")

    _inline = "key_secret"
    _inline_only = ("signers",)
    _ring_only = ("signed",)


class Verify(_Keyed):
    """OpenPGP signature check of a signed message; the content goes on without the signature."""

    op: Literal["verify"]
    signers: list[str] = Field(default_factory=list, description="ASCII-armoured certificates of accepted signers.")

    _inline = "signers"


class Encrypt(_Keyed):
    """OpenPGP encryption to certificates, signed when `signing_key_secret` is given or `signed` is set."""

    op: Literal["encrypt"]
    recipients: list[str] = Field(default_factory=list, description="ASCII-armoured certificates.")
    signing_key_secret: SecretName | None = None
    signed: bool = Field(False, description="Sign with the ring's newest own key.")
    armor: bool = False

    _inline = "recipients"
    _inline_only = ("signing_key_secret",)
    _ring_only = ("signed",)


class Sign(_Keyed):
    """OpenPGP signature; the output is a signed message."""

    op: Literal["sign"]
    key_secret: SecretName | None = None
    armor: bool = False

    _inline = "key_secret"


class Unpack(Frozen):
    """Decompression. Of a zip, the one entry that matches `entry` (default: its only file)."""

    op: Literal["unpack"]
    format: Literal["gzip", "zip", "zstd"]
    entry: str | None = Field(None, description="Glob that picks one entry of a zip.")
    max_size: int = Field(20 * 1024**3, ge=1, description="Expanded bytes allowed.")
    max_ratio: float = Field(200.0, ge=1, description="Expanded ÷ packed bytes allowed.")
    max_entries: int = Field(1000, ge=1)


class Pack(Frozen):
    """Compression; deterministic (no times, no names of ours inside)."""

    op: Literal["pack"]
    format: Literal["gzip", "zip", "zstd"]
    level: int | None = Field(None, ge=1, le=19)


class Charset(Frozen):
    """Re-encoding of text, and its line ends."""

    op: Literal["charset"]
    source: str = "utf-8"
    target: str = "utf-8"
    newline: Literal["keep", "lf", "crlf"] = "keep"


TableFormat = Literal["csv", "ndjson", "json", "parquet"]


class Convert(Frozen):
    """Conversion between tabular formats, with an optional projection in SQL over the table `input`."""

    op: Literal["convert"]
    source: TableFormat
    target: TableFormat
    delimiter: str = Field(",", min_length=1, max_length=1)
    sql: str | None = Field(None, max_length=10_000, description="One SELECT over `input`, e.g. SELECT id FROM input.")
    columns: dict[str, str] | None = Field(None, description="Column → DuckDB type, instead of sniffing.")


class Rename(Frozen):
    """The delivered name, from `{name} {stem} {suffix} {date} {time} {tenant} {user} {job_id}`."""

    op: Literal["rename"]
    to: str = Field(min_length=1, max_length=255)


Operation = Annotated[
    Decrypt | Verify | Encrypt | Sign | Unpack | Pack | Charset | Convert | Rename, Field(discriminator="op")
]


class Delivering(Frozen):
    """Where the file goes, and what happens when its name is taken."""

    destinations: list[Identifier] = Field(min_length=1, max_length=20)
    existing: Literal["overwrite", "refuse", "suffix"] = "overwrite"

    @field_validator("destinations")
    @classmethod
    def _distinct(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("a destination is named twice")
        return value


class Confirming(Frozen):
    """`none`; `check`: the far side's size and checksum; `acknowledgement`: NAME.ack from the partner's user."""

    mode: Literal["none", "check", "acknowledgement"] = "check"
    user: str | None = Field(None, description="SFTP user into whose home the partner puts NAME.ack or NAME.nack.")
    timeout_seconds: int = Field(3600, ge=60, le=30 * 86_400, description="How long an acknowledgement may take.")

    @model_validator(mode="after")
    def _user_given(self) -> Self:
        if self.mode == "acknowledgement" and not self.user:
            raise ValueError("`user` must be given when mode is `acknowledgement`")
        return self

    @property
    def state_seconds(self) -> int:
        """What the confirm state may take: the route's time where the partner is waited for, else a function's longest.

        A check ends by itself; a time-out in the middle of it would start a second one beside it.
        """
        return self.timeout_seconds if self.mode == "acknowledgement" else LONGEST_CALL_SECONDS


_TAG = r"^[A-Za-z0-9 _.:/=+@-]*$"
TagName = Annotated[str, Field(pattern=_TAG, min_length=1, max_length=128)]
TagValue = Annotated[str, Field(pattern=_TAG, max_length=256)]
"""What S3 takes (S3 user guide, "Categorizing your storage using tags"): else archiving would fail after delivery."""


class Archiving(Frozen):
    """How long the archived objects are kept, and the tags that they carry."""

    retention_days: int = Field(365, ge=1, le=36_500)
    tags: dict[TagName, TagValue] = Field(default_factory=dict, max_length=8)

    @field_validator("tags")
    @classmethod
    def _not_reserved(cls, value: dict[str, str]) -> dict[str, str]:
        if any(name.lower().startswith("aws:") for name in value):
            raise ValueError("names that begin with `aws:` are AWS's own")
        return value


class WorkflowChoice(Frozen):
    """Which workflow runs the route's jobs; `version_arn` pins one published state machine version."""

    name: str = "transfer/v1"
    version_arn: str | None = None


class RouteSpec(Frozen):
    """What a user writes: a route without its revision."""

    description: str = Field("", max_length=1000)
    priority: int = Field(100, ge=0, le=10_000, description="Routes are tried from the lowest number on, then by id.")
    enabled: bool = True
    match: Match
    zero_bytes: ZeroBytes = ZeroBytes.QUARANTINE
    duplicates: Literal["allow", "skip"] = Field(
        "allow", description="`skip`: content that this route has taken before ends as DUPLICATE."
    )
    ordered: bool = Field(False, description="A user's files are delivered in the order of their arrival.")
    executor: Literal["auto", "step_functions", "worker"] = "auto"
    workflow: WorkflowChoice = WorkflowChoice()
    validation: Validation = Field(default_factory=Validation)
    transform: list[Operation] = Field(default_factory=list, max_length=20)
    deliver: Delivering
    confirm: Confirming = Confirming()
    archive: Archiving = Archiving()


class Route(RouteSpec):
    """One immutable revision of a tenant's route."""

    tenant: str
    id: Identifier
    revision: int = Field(ge=1)
    created_at: str = ""
    created_by: str = ""
    comment: str = Field("", description="Why this revision was made.")


class RevisionState(StrEnum):
    """A draft takes no files; the active one takes new files; retired ones took them before."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class Revision(Route):
    """A revision as it stands now: its content never changes, its state does."""

    state: RevisionState
