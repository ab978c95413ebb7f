"""What the commands read and write. A file named `-` is standard input."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from asl.errors import UnreadableJson
from asl.json_text import parse_json

_WIDTH_WITHOUT_TERMINAL = 160


class CommandError(Exception):
    """Wrong use of the command line; its text names the file or option and says what to do."""


def read_text(name: str) -> str:
    """The text of a file. Raises `CommandError`."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror or error}; give the path of a file that can be read") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{name}: it is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def shown_name(name: str) -> str:
    return "standard input" if name == "-" else name


def read_json(name: str) -> Any:
    """The value of a JSON file. Raises `CommandError` with line and column."""
    return parsed(read_text(name), name)


def parsed(text: str, name: str) -> Any:
    """The value of JSON text that came from `name`. Raises `CommandError` with line and column."""
    try:
        parse_json(text)
    except UnreadableJson as error:
        place = f"{shown_name(name)}:{error.line}:{error.column}"
        raise CommandError(f"{place}: {error.reason}; the text must be JSON") from error
    return json.loads(text.removeprefix("\ufeff"))


def json_argument(value: str, option: str) -> Any:
    """The value of an option that takes JSON, `@FILE` or `-`. Raises `CommandError`."""
    if value == "-" or value.startswith("@"):
        return read_json(value.removeprefix("@"))
    return parsed(value, option)


def read_history(name: str) -> list[dict[str, Any]]:
    """The events of a file: a list, or an object with them in `events` (the AWS command line) or `history` (`run`)."""
    value = read_json(name)
    if isinstance(value, dict):
        value = value.get("events", value.get("history"))
    if not isinstance(value, list) or not all(isinstance(event, dict) and "type" in event for event in value):
        raise CommandError(
            f"{shown_name(name)}: no history; give the output of `aws stepfunctions get-execution-history` "
            "or of `run --format json --history json`"
        )
    return value


def write(text: str) -> None:
    """To standard output; a stream that cannot show a sign shows it escaped."""
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def as_json(value: Any) -> str:
    """Indented JSON that ends with a line feed; datetimes in ISO form."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_iso) + "\n"


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def terminal_width() -> int:
    """Columns of the terminal, or a wide line's where the output goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
