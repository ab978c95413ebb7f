"""The items of a distributed Map's dataset.

Source: "ItemReader (Map)" (input-output-itemreader) and the recordings.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, cast

from asl.errors import ItemReaderFailed
from asl.items.content import binary_file, lines, text_chunks, unparsed
from asl.items.delimited import DELIMITERS, records
from asl.items.json_stream import NOT_ITERABLE, array_elements, line_values, pointed, pointer_tokens
from asl.items.ports import Body, ItemReader, OpenObject

GET_OBJECT = "arn:aws:states:::s3:getObject"


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """An evaluated ReaderConfig. `max_items` 0 means no limit; `headers` None: the first row has them.

    `manifest_type` is S3_INVENTORY or ATHENA_DATA, None where the content is the data itself.
    """

    input_type: str | None = None
    headers: Sequence[str] | None = None
    delimiter: str = ","
    pointer: tuple[str, ...] = ()
    max_items: int = 0
    manifest_type: str | None = None
    transformation: str = "NONE"

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> ReaderConfig:
        """From the definition's fields, with MaxItems evaluated. Raises `ItemReaderFailed` for a negative MaxItems."""
        max_items = fields.get("MaxItems") or 0
        if max_items < 0:
            raise ItemReaderFailed("field MaxItems must be positive")
        input_type = fields.get("InputType")
        return cls(
            input_type=input_type,
            headers=fields.get("CSVHeaders") if fields.get("CSVHeaderLocation") == "GIVEN" else None,
            delimiter=DELIMITERS.get(fields.get("CSVDelimiter", "COMMA"), ","),
            pointer=pointer_tokens(fields.get("ItemsPointer", "")),
            max_items=max_items,
            manifest_type=fields.get("ManifestType") or ("S3_INVENTORY" if input_type == "MANIFEST" else None),
            transformation=fields.get("Transformation", "NONE"),
        )


def map_items(
    reader: ItemReader, resource: str, parameters: Mapping[str, Any], fields: Mapping[str, Any]
) -> Iterator[Any]:
    """The items that an ItemReader field stands for; fetched through `reader`, lazily.

    `parameters` are the evaluated Parameters or Arguments, `fields` the evaluated ReaderConfig. Raises
    `ItemReaderFailed` at once for a bad MaxItems or pointer, and while iterating for what is found in the data.
    """
    config = ReaderConfig.of(fields)

    def open_object(bucket: str, key: str) -> Body:
        return reader(GET_OBJECT, {"Bucket": bucket, "Key": key}, fields)

    body = reader(resource, parameters, fields)
    if resource.endswith(":listObjectsV2"):
        return listed_items(config, cast("Iterable[Any]", body), parameters, open_object)
    return read_items(config, body, open_object)


def read_items(config: ReaderConfig, body: Body, open_object: OpenObject | None = None) -> Iterator[Any]:
    """The items in an object's content; a body that is parsed already is taken as the items.

    Holds one item at a time. Raises `ItemReaderFailed` while iterating. `open_object` is needed for MANIFEST only.
    """
    items = _all_items(config, body, open_object)
    return islice(items, config.max_items) if config.max_items else items


def listed_items(
    config: ReaderConfig,
    objects: Iterable[Any],
    parameters: Mapping[str, Any],
    open_object: OpenObject | None = None,
) -> Iterator[Any]:
    """The items of a listing: the objects' metadata as `listed_object` has it, or with LOAD_AND_FLATTEN what they hold.

    `objects` are the API's objects, or pages of its answer (with `Contents`); `parameters` hold the Bucket.
    """
    listing = map(listed_object, _objects(objects))
    if config.transformation == "LOAD_AND_FLATTEN":
        located = ((parameters["Bucket"], item["Key"]) for item in listing)
        items: Iterator[Any] = _items_in(config, located, open_object)
    else:
        items = listing
    return islice(items, config.max_items) if config.max_items else items


def listed_object(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An object of S3's listing as the item that AWS makes of it: LastModified in whole seconds, `Etag` for `ETag`."""
    modified = entry.get("LastModified")
    if isinstance(modified, str):
        modified = datetime.fromisoformat(modified)
    if isinstance(modified, datetime):
        modified = int(modified.timestamp())
    item = {
        "Etag": entry.get("ETag", entry.get("Etag")),
        "Key": entry["Key"],
        "LastModified": modified,
        "Size": entry.get("Size"),
        "StorageClass": entry.get("StorageClass"),
    }
    return {name: value for name, value in item.items() if value is not None}


def item_source(resource: str | None, parameters: Mapping[str, Any], config: ReaderConfig | None = None) -> str:
    """`$$.Map.Item.Source`: STATE_DATA without a reader, `S3://bucket` for listed metadata, else `S3://bucket/key`."""
    if resource is None:
        return "STATE_DATA"
    if resource.endswith(":listObjectsV2") and (config is None or config.transformation == "NONE"):
        return f"S3://{parameters['Bucket']}"
    return f"S3://{parameters['Bucket']}/{parameters.get('Key', '')}"


def _objects(listing: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    pages = (listing,) if isinstance(listing, Mapping) else listing
    for entry in pages:
        if "Key" in entry:
            yield entry
        else:
            yield from entry.get("Contents", ())


def _all_items(config: ReaderConfig, body: Body, open_object: OpenObject | None) -> Iterator[Any]:
    chunks, values = unparsed(body)
    if chunks is None:
        yield from _parsed(config, values)
    elif config.manifest_type is not None:
        yield from _manifest(config, chunks, open_object)
    else:
        yield from _content(config, chunks)


def _parsed(config: ReaderConfig, values: Any) -> Iterator[Any]:
    if config.pointer:
        values = pointed(values, config.pointer)
    if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
        raise ItemReaderFailed(NOT_ITERABLE)
    yield from values


def _content(config: ReaderConfig, chunks: Iterator[bytes]) -> Iterator[Any]:
    match config.input_type:
        case "CSV":
            return records(lines(chunks), config.headers, config.delimiter)
        case "JSON":
            return array_elements(text_chunks(chunks), config.pointer)
        case "JSONL":
            return line_values(lines(chunks))
        case "PARQUET":
            raise ItemReaderFailed(
                "Parquet is not read here: it needs a library such as pyarrow. Have the item reader return the rows "
                "instead, as an iterable of objects (pyarrow: for batch in file.iter_batches(): batch.to_pylist())."
            )
    raise ItemReaderFailed(f"InputType {config.input_type} is not known: CSV, JSON, JSONL, PARQUET or MANIFEST.")


def _manifest(config: ReaderConfig, chunks: Iterator[bytes], open_object: OpenObject | None) -> Iterator[Any]:
    if config.manifest_type == "ATHENA_DATA":
        uris = (line.strip() for line in lines(chunks))
        located = (_located(uri) for uri in uris if uri)
        return _items_in(replace(config, manifest_type=None), located, open_object)
    return _inventory(b"".join(chunks), open_object)


def _items_in(
    config: ReaderConfig, located: Iterator[tuple[str, str]], open_object: OpenObject | None
) -> Iterator[Any]:
    """What is in the objects, one object after the other."""
    if open_object is None:
        raise ItemReaderFailed("This dataset names further objects, and there is no way given to open them.")
    for bucket, key in located:
        yield from _all_items(config, open_object(bucket, key), open_object)


def _located(uri: str) -> tuple[str, str]:
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme.lower() != "s3" or not key:
        raise ItemReaderFailed(f"The manifest names {json.dumps(uri)}, which is no URI of an S3 object.")
    return bucket, key


def _inventory(manifest: bytes, open_object: OpenObject | None) -> Iterator[Any]:
    """The rows of an S3 inventory, whose manifest tells the columns and the gzipped CSV files without headers."""
    try:
        inventory = json.loads(manifest)
        columns = [column.strip() for column in inventory["fileSchema"].split(",")]
        located = [(inventory["destinationBucket"].rsplit(":", 1)[-1], file["key"]) for file in inventory["files"]]
        file_format = inventory["fileFormat"]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ItemReaderFailed(f"The dataset is no manifest of an S3 inventory: {error}.") from error
    if file_format != "CSV":
        raise ItemReaderFailed(f"An S3 inventory in {file_format} cannot be read; configure it to be written as CSV.")
    config = ReaderConfig("CSV", headers=columns)
    return _items_in(config, iter(located), open_object and partial(_unzipped, open_object))


def _unzipped(open_object: OpenObject, bucket: str, key: str) -> Body:
    body = open_object(bucket, key)
    chunks, values = unparsed(body)
    if chunks is None:
        return cast("Body", values)
    file = binary_file(chunks)
    packed = file.peek(2)[:2] == b"\x1f\x8b"  # type: ignore[attr-defined]
    return gzip.GzipFile(fileobj=file) if packed else file
