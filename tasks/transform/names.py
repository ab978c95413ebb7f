"""The delivered file's name: how each operation changes it, in one place.

| operation | suffix |
|---|---|
| pack | adds .gz, .zip or .zst |
| unpack | takes .gz/.gzip, .zip or .zst/.zstd away; .tgz becomes .tar; a zip gives its entry's own name |
| encrypt, sign | adds .pgp, or .asc when armoured |
| decrypt, verify | takes .pgp, .gpg or .asc away |
| convert | replaces a tabular suffix by .csv, .ndjson, .json or .parquet, or adds it |
| rename | what its template says; operations behind it change that name again |

A suffix that is not there is not taken away.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import PurePosixPath
from string import Formatter

from fileferry.errors import ConfigurationError, ContentRefused
from fileferry.model.job import JobRef
from fileferry.model.route import Convert, Decrypt, Encrypt, Operation, Pack, Rename, Sign, Unpack, Verify

MAX_BYTES = 255
_PACKED = {"gzip": ".gz", "zip": ".zip", "zstd": ".zst"}
_UNPACKED = {
    "gzip": {".gz": "", ".gzip": "", ".tgz": ".tar"},
    "zip": {".zip": ""},
    "zstd": {".zst": "", ".zstd": "", ".tzst": ".tar"},
}
_SEALED = {".pgp": "", ".gpg": "", ".asc": ""}
_TABULAR = (".csv", ".tsv", ".txt", ".ndjson", ".jsonl", ".json", ".parquet")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def name_after(operation: Operation, name: str, job: JobRef) -> str:
    """The name of the operation's output, `name` being that of its input.

    Raises ConfigurationError for a template that cannot be used, ContentRefused for a name that it gives for this
    file and that is no file name.
    """
    match operation:
        case Pack():
            return name + _PACKED[operation.format]
        case Unpack():
            return _replaced(name, _UNPACKED[operation.format])
        case Encrypt() | Sign():
            return name + (".asc" if operation.armor else ".pgp")
        case Decrypt() | Verify():
            return _replaced(name, _SEALED)
        case Convert():
            suffix = "." + operation.target
            changed = _replaced(name, dict.fromkeys(_TABULAR, suffix))
            return changed if changed.endswith(suffix) else name + suffix
        case Rename():
            return renamed(operation.to, name, job)
        case _:
            return name


def _replaced(name: str, suffixes: dict[str, str]) -> str:
    for old, new in suffixes.items():
        if name.lower().endswith(old) and len(name) > len(old):
            return name[: -len(old)] + new
    return name


def renamed(template: str, name: str, job: JobRef) -> str:
    """`template` with its placeholders filled in.

    `{date}` is the day (YYYYMMDD) and `{time}` the time (HHMMSS, UTC) at which the job was created, so that a
    repeat gives the same name; `{suffix}` is the last one with its dot.
    """
    path = PurePosixPath(name)
    created = datetime.fromisoformat(job.created_at)
    values = {
        "name": name,
        "stem": path.stem,
        "suffix": path.suffix,
        "date": f"{created:%Y%m%d}",
        "time": f"{created:%H%M%S}",
        "tenant": job.tenant,
        "user": job.user,
        "job_id": job.job_id,
    }
    result = "".join(_parts(template, values))
    if problem := name_problem(result):
        raise ContentRefused(
            f"Renaming {name[:60]!r} by {template!r} gives no file name: it {problem}.",
            [{"rule": "rename", "message": f"the new name {problem}"}],
            todo="change the route's rename operation, or send a file with a plain name.",
        )
    return result


def _parts(template: str, values: dict[str, str]) -> list[str]:
    parts = []
    try:
        for literal, field, form, conversion in Formatter().parse(template):
            parts.append(literal)
            if field is not None:
                if form or conversion:
                    raise ValueError("a placeholder has no format")
                parts.append(values[field])
    except (ValueError, KeyError) as error:
        known = " ".join(f"{{{name}}}" for name in values)
        raise ConfigurationError(
            f"The template {template!r} of a rename cannot be read: {error}.", todo=f"use only {known}."
        ) from error
    if "/" in template or "\\" in template:
        raise ConfigurationError(
            f"The template {template!r} of a rename holds a slash.", todo="set the folder in the destination."
        )
    return parts


def name_problem(name: str) -> str:
    """Why `name` is not the name of a file that may be written anywhere; empty when it is."""
    if not name.strip():
        return "is empty"
    if name in (".", ".."):
        return "names a folder"
    if ".." in PurePosixPath(name).parts or "/" in name or "\\" in name:
        return "holds a path"
    if _CONTROL.search(name):
        return "holds control characters"
    if len(name.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return f"is longer than {MAX_BYTES} bytes"
    return ""
