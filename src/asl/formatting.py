"""`asl fmt`: a definition in its canonical form.

The fields of a machine, a state, a retrier and so on stand in one order, that of AWS's documentation: what it is first,
where it goes last. States, and everything within payloads, stay in the order in which they were written. Indentation is
two spaces; what fits into 100 columns stands on one line, but machines and states are always opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from asl.json_text import JsonArray, JsonObject, JsonScalar, JsonValue, parse_json

COLUMNS = 100
_INDENT = "  "

_MACHINE = ("Comment", "Version", "QueryLanguage", "TimeoutSeconds", "ProcessorConfig", "StartAt", "*", "States")
_STATE = (
    "Type",
    "Comment",
    "QueryLanguage",
    "InputPath",
    "Resource",
    "Credentials",
    "Parameters",
    "Arguments",
    "Variable",
    "Seconds",
    "SecondsPath",
    "Timestamp",
    "TimestampPath",
    "Error",
    "ErrorPath",
    "Cause",
    "CausePath",
    "TimeoutSeconds",
    "TimeoutSecondsPath",
    "HeartbeatSeconds",
    "HeartbeatSecondsPath",
    "Result",
    "ItemReader",
    "Items",
    "ItemsPath",
    "ItemSelector",
    "ItemBatcher",
    "MaxConcurrency",
    "MaxConcurrencyPath",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
    "Label",
    "ItemProcessor",
    "Iterator",
    "Branches",
    "ResultWriter",
    "ResultSelector",
    "ResultPath",
    "OutputPath",
    "Output",
    "Assign",
    "Retry",
    "Catch",
    "Choices",
    "Default",
    "*",
    "Next",
    "End",
)
_RETRIER = (
    "ErrorEquals",
    "Comment",
    "IntervalSeconds",
    "BackoffRate",
    "MaxAttempts",
    "MaxDelaySeconds",
    "JitterStrategy",
    "*",
)
_CATCHER = ("ErrorEquals", "Comment", "ResultPath", "Output", "Assign", "*", "Next")
_RULE = ("Comment", "Condition", "Variable", "Not", "And", "Or", "*", "Output", "Assign", "Next")
_READER = ("Resource", "ReaderConfig", "Parameters", "Arguments", "*")
_WRITER = ("Resource", "WriterConfig", "Parameters", "Arguments", "*")


def format_definition(text: str) -> str:
    """The same definition in canonical form, ending with a line feed.

    The values are the same, numbers and strings as they were written (no digit is lost, no escape changed). Formatting
    what is formatted changes nothing. Raises `asl.errors.UnreadableJson` for text that is no JSON.
    """
    value = parse_json(text)
    if isinstance(value, JsonObject):
        value = _machine(value)
    return _written(value, "", 0) + "\n"


# ---- the order of fields ----


def _ordered(value: JsonObject, order: Sequence[str]) -> JsonObject:
    """Known fields in their order, others where the `*` is, as they were written."""
    places = {name: place for place, name in enumerate(order)}
    return replace(value, members=tuple(sorted(value.members, key=lambda member: places.get(member.name, places["*"]))))


def _machine(value: JsonObject) -> JsonObject:
    states = value.changed("States", _states)
    return _ordered(states, _MACHINE).opened()


def _states(value: JsonValue) -> JsonValue:
    if not isinstance(value, JsonObject):
        return value
    return value.each(lambda state: _state(state) if isinstance(state, JsonObject) else state).opened()


def _state(value: JsonObject) -> JsonObject:
    for field in ("ItemProcessor", "Iterator"):
        value = value.changed(field, lambda inner: _machine(inner) if isinstance(inner, JsonObject) else inner)
    value = value.changed("Branches", lambda inner: _entries(inner, _machine))
    value = value.changed("Retry", lambda inner: _entries(inner, lambda entry: _ordered(entry, _RETRIER)))
    value = value.changed("Catch", lambda inner: _entries(inner, lambda entry: _ordered(entry, _CATCHER)))
    value = value.changed("Choices", lambda inner: _entries(inner, _rule))
    value = value.changed("ItemReader", lambda inner: _object(inner, _READER))
    value = value.changed("ResultWriter", lambda inner: _object(inner, _WRITER))
    return _ordered(value, _STATE).opened()


def _entries(value: JsonValue, change: Callable[[JsonObject], JsonObject]) -> JsonValue:
    if not isinstance(value, JsonArray):
        return value
    return JsonArray(tuple(change(entry) if isinstance(entry, JsonObject) else entry for entry in value.items))


def _object(value: JsonValue, order: Sequence[str]) -> JsonValue:
    return _ordered(value, order) if isinstance(value, JsonObject) else value


def _rule(value: JsonObject) -> JsonObject:
    for word in ("And", "Or"):
        value = value.changed(word, lambda inner: _entries(inner, _rule))
    value = value.changed("Not", lambda inner: _rule(inner) if isinstance(inner, JsonObject) else inner)
    return _ordered(value, _RULE)


# ---- the text ----


def _written(value: JsonValue, indent: str, used: int) -> str:
    """The text of a value that begins in a line with this indentation, of which `used` columns are taken."""
    if isinstance(value, JsonScalar):
        return value.text
    line = _one_line(value)
    if line is not None and used + len(line) < COLUMNS:  # one column is left for a comma
        return line
    inner = indent + _INDENT
    begin, end = ("{", "}") if isinstance(value, JsonObject) else ("[", "]")
    return begin + "\n" + ",\n".join(_parts(value, inner)) + "\n" + indent + end


def _parts(value: JsonObject | JsonArray, indent: str) -> Iterator[str]:
    if isinstance(value, JsonArray):
        for item in value.items:
            yield indent + _written(item, indent, len(indent))
        return
    for member in value.members:
        name = f"{indent}{member.key}: "
        yield name + _written(member.value, indent, len(name))


def _one_line(value: JsonValue) -> str | None:
    """The text on one line; None if that is longer than any line, or if a part of it is always opened."""
    if isinstance(value, JsonScalar):
        return value.text
    if isinstance(value, JsonObject) and value.open and value.members:
        return None
    parts: list[str] = []
    left = COLUMNS
    for key, item in _keyed(value):
        text = _one_line(item)
        left -= len(key) + len(text) + 2 if text is not None else COLUMNS
        if text is None or left < 0:
            return None
        parts.append(key + text)
    return ("{%s}" if isinstance(value, JsonObject) else "[%s]") % ", ".join(parts)


def _keyed(value: JsonObject | JsonArray) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, JsonArray):
        for item in value.items:
            yield "", item
        return
    for member in value.members:
        yield f"{member.key}: ", member.value
