"""Delivered bytes turned back into what was sent, so that they can be compared with the source."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import duckdb

from .samples import Arrives, csv_bytes


def readable(content: bytes, arrives: Arrives) -> bytes:
    """The source as the partner can read it from `content`."""
    match arrives:
        case Arrives.SAME:
            return content
        case Arrives.GZIP:
            return gzip.decompress(content)
        case Arrives.PARQUET:
            return _csv_of_parquet(content)


def _csv_of_parquet(content: bytes) -> bytes:
    """The rows of a Parquet file with the orders' columns, written as the source was."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "delivered.parquet"
        file.write_bytes(content)
        with duckdb.connect(":memory:") as connection:
            return csv_bytes(connection.execute("SELECT * FROM read_parquet(?)", [str(file)]).fetchall())
