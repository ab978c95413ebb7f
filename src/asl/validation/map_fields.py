"""The fields that only Map states have, but for the item processor."""

from __future__ import annotations

from typing import Any

from . import paths, templates
from .findings import Surroundings
from .resources import check_member
from .shapes import Shape, check_shape
from .values import integer, named_values, one_of, text

# brackets, wildcards, the special characters, white space and control characters
_LABEL_FORBIDDEN = frozenset('<>{}[]?*"#%\\^|~`$&,;:/ ') | {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))}
_READER_RESOURCES = ("states:::s3:getObject", "states:::s3:listObjectsV2")


def _check_headers(value: Any, location: str, around: Surroundings) -> None:
    if type(value) is not list:
        around.findings.expected("ARRAY", location)
        return
    for index, header in enumerate(value):
        text(header, f"{location}[{index}]", around)


def _check_reader_resource(value: Any, location: str, around: Surroundings) -> None:
    if type(value) is not str or value.split(":", 2)[-1] not in _READER_RESOURCES or not value.startswith("arn:"):
        examples = ", ".join(f"arn:aws:{resource}" for resource in _READER_RESOURCES)
        around.findings.error(
            f"The field 'Resource' does not match any of the allowed values. Examples: [{examples}]", location
        )


def _check_writer_resource(value: Any, location: str, around: Surroundings) -> None:
    if type(value) is not str or value.split(":", 2)[-1] != "states:::s3:putObject" or not value.startswith("arn:"):
        around.findings.error(
            "The field 'Resource' does not match any of the allowed values. Examples: [arn:aws:states:::s3:putObject]",
            location,
        )


READER_CONFIG = Shape(
    fields={
        "InputType": named_values("InputType", "MANIFEST", "JSON", "CSV", "JSONL", "PARQUET"),
        "CSVHeaderLocation": one_of("FIRST_ROW", "GIVEN"),
        "CSVHeaders": _check_headers,
        "CSVDelimiter": one_of("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
        "ManifestType": one_of("ATHENA_DATA", "S3_INVENTORY"),
        "MaxItems": integer(0, 100000000, expression=True),
        "MaxItemsPath": paths.check_data_reference_path,
        "ItemsPointer": text,
        "Transformation": one_of("NONE", "LOAD_AND_FLATTEN"),
        "ExpectedBucketOwner": text,
        "ExpectedBucketOwnerPath": paths.check_reference_path,
    },
    exclusive=(("MaxItems", "MaxItemsPath"), ("ExpectedBucketOwner", "ExpectedBucketOwnerPath")),
)


def _check_reader_config(value: Any, location: str, around: Surroundings) -> None:
    check_shape(READER_CONFIG, value, location, around)
    if type(value) is not dict:
        return
    if value.get("InputType") == "CSV" and "CSVHeaderLocation" not in value:
        around.findings.error("The field 'CSVHeaderLocation' is required", location)
    if value.get("InputType") == "JSON" and "CSVHeaderLocation" in value:
        around.findings.error("Field 'CSVHeaderLocation' is not supported", location)
    if value.get("CSVHeaderLocation") == "GIVEN" and "CSVHeaders" not in value:
        around.findings.error("These fields are required: [CSVHeaders]", location)


ITEM_READER = Shape(
    fields={
        "Resource": _check_reader_resource,
        "ReaderConfig": _check_reader_config,
        "Parameters": templates.check_template,
        "Arguments": templates.check_template,
    },
    required=("Resource",),
)
ITEM_BATCHER = Shape(
    fields={
        "BatchInput": templates.check_template,
        "MaxItemsPerBatch": integer(0, expression=True),
        "MaxItemsPerBatchPath": paths.check_data_reference_path,
        "MaxInputBytesPerBatch": integer(0, 262144, expression=True),
        "MaxInputBytesPerBatchPath": paths.check_data_reference_path,
    },
    exclusive=(
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
)
WRITER_CONFIG = Shape(
    fields={
        "Transformation": named_values("Transformation", "NONE", "COMPACT", "FLATTEN"),
        "OutputType": named_values("OutputType", "JSON", "JSONL"),
    },
)


def _check_writer_config(value: Any, location: str, around: Surroundings) -> None:
    check_shape(WRITER_CONFIG, value, location, around)


RESULT_WRITER = Shape(
    fields={
        "Resource": _check_writer_resource,
        "WriterConfig": _check_writer_config,
        "Parameters": templates.check_template,
        "Arguments": templates.check_template,
    },
)


def check_item_reader(value: Any, location: str, around: Surroundings) -> None:
    check_shape(ITEM_READER, value, location, around)


def check_item_batcher(value: Any, location: str, around: Surroundings) -> None:
    check_shape(ITEM_BATCHER, value, location, around)


def check_result_writer(value: Any, location: str, around: Surroundings) -> None:
    check_shape(RESULT_WRITER, value, location, around)


def check_credentials(value: Any, location: str, around: Surroundings) -> None:
    """A Task's Credentials: a template that gives RoleArn."""
    templates.check_template(value, location, around)
    if type(value) is dict:
        check_member("RoleArn", value, location, around)


def check_label(value: Any, location: str, around: Surroundings) -> None:
    """A Map's Label: at most 40 characters, without those that names may not have."""
    if type(value) is not str:
        around.findings.expected("STRING", location)
    elif len(value) > 40:
        around.findings.error(
            f"Invalid Label name: Label '{value}' exceeds the 40-character limit allowed by the service",
            location,
            "INVALID_LABEL_NAME",
        )
    elif bad := next((sign for sign in value if sign in _LABEL_FORBIDDEN or sign.isspace()), None):
        around.findings.error(
            f"Invalid Label name: Label '{value}' contains the invalid character {bad!r}",
            location,
            "INVALID_LABEL_NAME",
        )
