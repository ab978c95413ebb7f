"""The results of a Map Run, as a ResultWriter has them.

Source: "ResultWriter (Map)" (input-output-resultwriter): names and content of the files, and the transformations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from asl.items.ports import ResultWriter
from asl.json_values import compact

SUCCEEDED, FAILED, PENDING = "SUCCEEDED", "FAILED", "PENDING"
MAX_FILE_BYTES = 5 * 1024**3


@dataclass(frozen=True, slots=True)
class WriterConfig:
    """An evaluated WriterConfig: `transformation` NONE, COMPACT or FLATTEN; `output_type` JSON or JSONL."""

    transformation: str = "NONE"
    output_type: str = "JSON"

    @classmethod
    def of(cls, fields: Mapping[str, Any] | None, *, exported: bool) -> WriterConfig:
        """From the definition's fields. Without a Transformation it is NONE if `exported` to S3, else COMPACT."""
        fields = fields or {}
        return cls(
            fields.get("Transformation") or ("NONE" if exported else "COMPACT"), fields.get("OutputType") or "JSON"
        )


@dataclass(frozen=True, slots=True)
class Child:
    """A child workflow execution's end. Dates are in the form `2025-02-04T01:49:50.099Z`; what is not known is None.

    `status` is SUCCEEDED, FAILED, TIMED_OUT or ABORTED, or PENDING for a child that was never started.
    """

    input: Any
    status: str = SUCCEEDED
    output: Any = None
    error: str | None = None
    cause: str | None = None
    name: str | None = None
    execution_arn: str | None = None
    state_machine_arn: str | None = None
    start_date: str | None = None
    stop_date: str | None = None
    redrive_count: int = 0

    def record(self) -> dict[str, Any]:
        """The execution with its metadata, as NONE writes it: input and output are JSON texts."""
        succeeded = self.status == SUCCEEDED
        members = {
            "Cause": self.cause,
            "Error": self.error,
            "ExecutionArn": self.execution_arn,
            "Input": compact(self.input),
            "InputDetails": {"Included": True},
            "Name": self.name,
            "Output": compact(self.output) if succeeded else None,
            "OutputDetails": {"Included": True} if succeeded else None,
            **({} if self.status == PENDING else self._redrive()),
            "StartDate": self.start_date,
            "StateMachineArn": self.state_machine_arn,
            "Status": self.status,
            "StopDate": self.stop_date,
        }
        return {name: value for name, value in members.items() if value is not None}

    def _redrive(self) -> dict[str, Any]:
        if self.status != SUCCEEDED:
            return {"RedriveCount": self.redrive_count, "RedriveStatus": "REDRIVABLE"}
        return {
            "RedriveCount": self.redrive_count,
            "RedriveStatus": "NOT_REDRIVABLE",
            "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        }


def transformed(child: Child, transformation: str) -> list[Any]:
    """What one child adds to the results: its output, its output's elements (FLATTEN) or its record (NONE, failed)."""
    if transformation == "NONE" or child.status != SUCCEEDED:
        return [child.record()]
    if transformation == "FLATTEN" and isinstance(child.output, list):
        return child.output
    return [child.output]


def preview(children: Iterable[Child], config: WriterConfig) -> Any:
    """The state's result where nothing is exported: an array, or for JSONL a text of lines."""
    results = [result for child in children for result in transformed(child, config.transformation)]
    return "\n".join(map(compact, results)) if config.output_type == "JSONL" else results


@dataclass(slots=True)
class _File:
    texts: list[bytes] = field(default_factory=list)
    size: int = 0
    written: list[dict[str, Any]] = field(default_factory=list)


class ResultFiles:
    """Writes a Map Run's result files and its manifest through `writer`.

    They lie under `prefix/RUN/`, RUN being the id at the end of `map_run_arn`: `SUCCEEDED_0.json`, `FAILED_0.json`,
    `PENDING_0.json`, each with the children of that status, further ones (`…_1.json`) when one would pass
    `max_file_bytes`, and `manifest.json`. A file is held until it is full or `close` is called; a smaller
    `max_file_bytes` than AWS's 5 GB keeps memory low.
    """

    def __init__(
        self,
        writer: ResultWriter,
        bucket: str,
        prefix: str | None,
        map_run_arn: str,
        config: WriterConfig,
        max_file_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        self._writer = writer
        self._bucket = bucket
        self._map_run_arn = map_run_arn
        self._config = config
        self._max = max_file_bytes
        folder = (prefix or "").removesuffix("/")
        self._folder = f"{folder}/" if folder else ""
        self._folder += map_run_arn.rpartition(":")[2]
        self._files = {status: _File() for status in (FAILED, PENDING, SUCCEEDED)}

    def add(self, child: Child) -> None:
        """Take a child's result; every child that did not succeed and was started counts as FAILED."""
        status = child.status if child.status in self._files else FAILED
        file = self._files[status]
        for result in transformed(child, self._config.transformation):
            text = compact(result).encode("utf-8", "replace")
            if file.texts and file.size + len(text) + 1 > self._max:
                self._write(status)
            file.texts.append(text)
            file.size += len(text) + 1

    def close(self) -> dict[str, Any]:
        """Write what is left and the manifest; the state's result: `{"MapRunArn", "ResultWriterDetails": {…}}`."""
        for status, file in self._files.items():
            if file.texts:
                self._write(status)
        manifest = {
            "DestinationBucket": self._bucket,
            "MapRunArn": self._map_run_arn,
            "ResultFiles": {status: file.written for status, file in self._files.items()},
        }
        key = f"{self._folder}/manifest.json"
        self._writer.put(self._bucket, key, compact(manifest).encode())
        return {"MapRunArn": self._map_run_arn, "ResultWriterDetails": {"Bucket": self._bucket, "Key": key}}

    def _write(self, status: str) -> None:
        file = self._files[status]
        lines = self._config.output_type == "JSONL"
        content = b"\n".join(file.texts) if lines else b"[" + b",".join(file.texts) + b"]"
        suffix = "jsonl" if lines else "json"
        key = f"{self._folder}/{status}_{len(file.written)}.{suffix}"
        self._writer.put(self._bucket, key, content)
        file.written.append({"Key": key, "Size": len(content)})
        file.texts, file.size = [], 0
