"""The demo's files: what is sent, by whom, and what must become of it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from fileferry.model.job import Executor, JobStatus

from .tenant import BILLING, ORDER_COLUMNS, SENDER


class Arrives(StrEnum):
    """How the delivered bytes are compared with the source."""

    SAME = "same"
    GZIP = "gzip"
    PARQUET = "parquet"


@dataclass(frozen=True)
class Sample:
    """A file of the demo. `content` is what is sent; `source` what the partner must be able to read from it."""

    path: str
    user: str
    about: str
    content: bytes
    source: bytes
    route: str
    expected: JobStatus = JobStatus.SUCCEEDED
    arrives: Arrives = Arrives.SAME
    sidecar: bool = False
    acknowledged: bool = False
    violations: int = 0
    """How many violations of the contract must be found."""
    executor: Executor = Executor.STEP_FUNCTIONS

    @property
    def filename(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def demo_samples(encrypt: Callable[[bytes], bytes]) -> list[Sample]:
    """All samples; `encrypt` makes an OpenPGP message to the tenant's key."""
    invoices = csv_bytes(order_rows(40, first=9000))
    return [
        plain(
            "orders/orders.csv", "CSV, validated, to Parquet, to S3", csv_bytes(order_rows(500)), "orders", "parquet"
        ),
        Sample(
            path="invoices/invoices.csv.pgp",
            user=BILLING,
            about="PGP-encrypted CSV, decrypted, gzipped, to SFTP",
            content=encrypt(invoices),
            source=invoices,
            route="invoices",
            arrives=Arrives.GZIP,
        ),
        plain("shipments/shipment.json", "JSON with a schema, to HTTPS", _shipment(), "shipments"),
        plain("files/a+b %41 ü.csv", "a name that is easily mangled, to SFTP", "näme;wert\nü;1\n".encode(), "files"),
        plain("signals/day-closed", "an empty file that its route accepts", b"", "signals"),
        Sample(
            path="statements/statement.txt",
            user=BILLING,
            about="with its SHA-256 in a sidecar",
            content=(statement := b"Balance: 1,234.56 EUR\n" * 100),
            source=statement,
            route="statements",
            sidecar=True,
        ),
        plain("contracts/contract.xml", "acknowledged by the partner's .ack file", _contract(), "contracts"),
        Sample(
            path="exports/export.txt",
            user=SENDER,
            about="64 MB, gzipped, to SFTP, by the worker",
            content=(export := _export()),
            source=export,
            route="exports",
            arrives=Arrives.GZIP,
            executor=Executor.WORKER,
        ),
        Sample(
            path="orders/broken.csv",
            user=SENDER,
            about="breaks its contract: quarantined",
            content=(broken := _broken_orders()),
            source=broken,
            route="orders",
            expected=JobStatus.QUARANTINED,
            violations=3,
        ),
        Sample(
            path="misc/notes.bin",
            user=SENDER,
            about="no route takes it: quarantined",
            content=(notes := bytes(range(256)) * 8),
            source=notes,
            route="none",
            expected=JobStatus.QUARANTINED,
        ),
    ]


def plain(path: str, about: str, content: bytes, route: str, arrives: str = "same") -> Sample:
    """A sample of the sending user that is to succeed."""
    return Sample(
        path, SENDER, about, content, content, route, arrives=Arrives(arrives), acknowledged=route == "contracts"
    )


def order_rows(count: int, first: int = 1) -> list[tuple[object, ...]]:
    """Rows of the orders' contract, the same at every call."""
    customers, currencies = ("Ängström AB", 'Miller, "Jo" & Co', "Łódź Sp. z o.o."), ("EUR", "SEK", "USD")
    return [
        (
            first + number,
            customers[number % 3],
            Decimal(number * 1737 % 100_000) / 100,
            currencies[number % 3],
            date(2026, 1, 1) + timedelta(days=number % 365),
        )
        for number in range(count)
    ]


def csv_bytes(rows: Sequence[Sequence[object]]) -> bytes:
    """The rows as CSV under the orders' header; amounts with two decimals."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(ORDER_COLUMNS)
    writer.writerows([f"{value:.2f}" if isinstance(value, Decimal) else value for value in row] for row in rows)
    return text.getvalue().encode()


def _broken_orders() -> bytes:
    rows = [list(row) for row in order_rows(6)]
    rows[1][0] = 1  # not unique
    rows[3][2] = "a lot"  # not a number
    rows[4][3] = "DM"  # not allowed
    return csv_bytes(rows)


def _shipment() -> bytes:
    parcels = [{"id": f"P-{number}", "grams": 250 + number} for number in range(1, 40)]
    return json.dumps({"shipment": "S-4711", "to": "Århus", "parcels": parcels}, ensure_ascii=False, indent=1).encode()


def _export() -> bytes:
    """64 MB of text that gzip makes about half as long."""
    return hashlib.shake_256(b"export").hexdigest(32_000_000).encode()


def _contract() -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n<contract number="0815"><party>Acme</party></contract>\n'
