"""The validate task: everything that the route demands of the file, all violations told at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from fileferry.envelope import EnvelopeCheck, name_check, size_check
from fileferry.home import Home, LambdaContext, lambda_home
from fileferry.model.job import Step
from fileferry.model.route import Validation
from fileferry.scratch import scratch_folder
from fileferry.services import Services
from fileferry.steps import Work, run_step

from .content import DigestCheck, EncodingCheck, ObservedContent
from .violations import Violations

_ALGORITHMS = ("sha256", "md5")


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Lambda's entry: `{"job": JobRef, "attempt": n}` → `{"checks": […], "rows": n, "violations": 0}`."""
    return run(event, lambda_home(context))


def run(event: Mapping[str, Any], home: Home, world: Services | None = None) -> dict[str, Any]:
    """The step in any home."""
    return run_step(Step.VALIDATE, event, home, validate, world)


def validate(work: Work) -> dict[str, Any]:
    """Check the uploaded version against its route; the content is read at most once.

    Returns the names of the checks made, the number of rows (or JSON records) seen, and no violations. Raises one
    ContentRefused with all violations, ConfigurationError when the route's contract cannot be applied. Nothing is
    checked where somebody has released the file with its violations.
    """
    if work.run.accepted:
        accepted = work.run.accepted.model_dump(include={"requested_by", "comment"})
        return {"checks": [], "rows": 0, "violations": 0, "accepted": accepted}
    asked = work.route.validation
    found = Violations(asked.max_violations)
    checks = _add(found, size_check(work.route, work.job.object.size))
    size_is_right = not found.total
    checks += _add(found, name_check(work.route, work.job.filename))
    declared = _declared(work, found, checks)
    rows = 0
    if size_is_right and (declared or (work.job.object.size and (asked.types or _reads_text(asked)))):
        with (
            scratch_folder(work.home.scratch, work.job, Step.VALIDATE) as scratch,
            work.services.objects.open(work.file, work.transfer()) as stream,
        ):
            rows = _check_content(work, stream, declared, found, checks, scratch)
    found.refuse(work.job.filename)
    return {"checks": checks, "rows": rows, "violations": 0}


def _add(found: Violations, check: EnvelopeCheck | None) -> list[str]:
    """Add what an envelope's check found; the names of the checks made."""
    for rule, message in check.wrong if check else ():
        found.add(rule, message)
    return [check.name] if check else []


def _declared(work: Work, found: Violations, checks: list[str]) -> dict[str, str]:
    """The sender's checksums that are to be compared: algorithm → hex digest."""
    demand = work.route.validation.checksum
    if demand == "none":
        return {}
    declared = {name: work.run.declared[name] for name in _ALGORITHMS if work.run.declared.get(name)}
    if declared or demand == "required":
        checks.append("checksum")
    if not declared and demand == "required":
        found.add("checksum", "the sender declared no SHA-256 or MD5, which the route demands")
    return declared


def _check_content(
    work: Work, stream: BinaryIO, declared: Mapping[str, str], found: Violations, checks: list[str], scratch: Path
) -> int:
    """Read the file once, past all checks of its content; the number of rows.

    The records of a file that is of another type than the route takes are not looked at: all would be wrong.
    """
    from .real_type import HEAD_SIZE

    asked = work.route.validation
    head = stream.read(HEAD_SIZE)
    reads_text = bool(head) and _check_type(asked, head, found, checks) and _reads_text(asked)
    digests = DigestCheck(declared, found)
    encoding = EncodingCheck(asked.encoding or "utf-8", found) if reads_text else None
    content = ObservedContent(stream, head, [check.observe for check in (digests, encoding) if check])
    rows = 0
    if encoding is not None:
        checks.append("encoding")
        rows = _check_records(work, content, found, checks, scratch)
    if declared or encoding:
        content.drain()
    digests.finish()
    if encoding is not None:
        encoding.finish()
    return rows


def _reads_text(asked: Validation) -> bool:
    return bool(asked.encoding or asked.csv or asked.json_ or asked.ndjson)


def _check_type(asked: Validation, head: bytes, found: Violations, checks: list[str]) -> bool:
    if not asked.types:
        return True
    from .real_type import real_type

    checks.append("type")
    kind = real_type(head, asked.encoding)
    if kind.fits(asked.types):
        return True
    found.add("type", f"the file is really {kind}, not {' or '.join(asked.types)}")
    return False


def _check_records(work: Work, content: ObservedContent, found: Violations, checks: list[str], scratch: Path) -> int:
    asked, memory = work.route.validation, work.home.memory
    encoding = asked.encoding or "utf-8"
    if asked.csv is not None:
        from .csv_contract import check_csv

        checks.append("csv")
        return check_csv(content, encoding, asked.csv, found, scratch, memory)
    if asked.json_ is not None:
        from .json_contract import check_json

        checks.append("json")
        return check_json(content, work.job.object.size, encoding, asked.json_, found, memory)
    if asked.ndjson is not None:
        from .json_contract import check_ndjson

        checks.append("ndjson")
        return check_ndjson(content, encoding, asked.ndjson, found, memory)
    return 0
