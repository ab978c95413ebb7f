"""Reading a distributed Map's dataset."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain, count, islice, repeat
from pathlib import Path
from typing import Any

import pytest

from asl.errors import ItemReaderFailed
from asl.items.ports import Body
from asl.items.reading import ReaderConfig, item_source, listed_items, map_items, read_items

CASES = json.loads((Path(__file__).parent / "datasets.json").read_text())


def pieces(content: bytes) -> Iterator[bytes]:
    return (content[at : at + 7] for at in range(0, len(content), 7))


BODIES: dict[str, Callable[[str], Body]] = {
    "text": lambda text: text,
    "bytes": str.encode,
    "binary file": lambda text: io.BytesIO(text.encode()),
    "text file": io.StringIO,
    "single bytes": lambda text: (bytes((byte,)) for byte in text.encode()),
    "chunks, some of them empty": lambda text: chain((b"",), pieces(text.encode()), (b"",)),
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_dataset_gives_its_items_in_whatever_form_it_comes(case: dict[str, Any], kind: str) -> None:
    body = BODIES[kind](case["body"])
    if not case["body"] and kind.startswith(("single", "chunks")):
        body = b""  # an iterator without elements holds no content
    if "error" in case:
        with pytest.raises(ItemReaderFailed) as failure:
            list(read_items(ReaderConfig.of(case["config"]), body))
        assert (failure.value.error, failure.value.cause) == ("States.ItemReaderFailed", case["error"])
    else:
        assert list(read_items(ReaderConfig.of(case["config"]), body)) == case["items"]


@pytest.mark.parametrize("items", [[], [1, {"a": None}], (None, 2)])
def test_values_that_are_parsed_already_are_the_items(items: Any) -> None:
    assert list(read_items(ReaderConfig.of({"InputType": "PARQUET"}), items)) == list(items)
    assert list(read_items(ReaderConfig.of({"InputType": "JSON"}), iter(items))) == list(items)


def test_a_pointer_goes_into_parsed_values_too() -> None:
    config = ReaderConfig.of({"InputType": "JSON", "ItemsPointer": "/data/1"})
    assert list(read_items(config, {"data": [[1], [2]]})) == [2]  # type: ignore[arg-type]
    with pytest.raises(ItemReaderFailed, match="points to nothing"):
        list(read_items(config, {"data": [[1]]}))  # type: ignore[arg-type]


def test_a_parsed_object_is_not_mapped_over() -> None:
    with pytest.raises(ItemReaderFailed, match="Attempting to map over non-iterable node"):
        list(read_items(ReaderConfig.of({"InputType": "JSON"}), {"Hello": "world"}))  # type: ignore[arg-type]


def test_parquet_says_what_to_do_instead() -> None:
    with pytest.raises(ItemReaderFailed, match="return the rows instead"):
        list(read_items(ReaderConfig.of({"InputType": "PARQUET"}), b"PAR1"))


class Bucket:
    """A reader whose objects are given, and which records what is asked for."""

    def __init__(self, objects: dict[str, Body]) -> None:
        self.objects = objects
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, resource: str, parameters: Mapping[str, Any], config: Mapping[str, Any], /) -> Body:
        self.asked.append((resource, dict(parameters)))
        return self.objects[parameters.get("Key", "")]


LISTING = [
    {
        "Key": "in/a.csv",
        "ETag": '"05704fbdccb224cb01c59005bebbad28"',
        "LastModified": datetime(2022, 11, 17, 15, 44, 41, 900_000, UTC),
        "Size": 4,
        "StorageClass": "STANDARD",
        "Owner": {"ID": "x"},
    },
    {"Key": "in/b.csv", "ETag": '"1"', "LastModified": "2022-11-17T15:44:42Z", "Size": 0, "StorageClass": "GLACIER"},
]
LISTED = [
    {
        "Etag": '"05704fbdccb224cb01c59005bebbad28"',
        "Key": "in/a.csv",
        "LastModified": 1668699881,
        "Size": 4,
        "StorageClass": "STANDARD",
    },
    {"Etag": '"1"', "Key": "in/b.csv", "LastModified": 1668699882, "Size": 0, "StorageClass": "GLACIER"},
]


@pytest.mark.parametrize("listing", [LISTING, iter(LISTING), [{"Contents": LISTING}], {"Contents": LISTING}])
def test_listed_objects_become_the_items_that_aws_makes_of_them(listing: Any) -> None:
    reader = Bucket({"": listing})
    items = map_items(reader, "arn:aws:states:::s3:listObjectsV2", {"Bucket": "b", "Prefix": "in/"}, {})
    assert list(items) == LISTED
    assert reader.asked == [("arn:aws:states:::s3:listObjectsV2", {"Bucket": "b", "Prefix": "in/"})]


def test_a_listing_ends_with_max_items() -> None:
    endless = ({"Key": str(number)} for number in count())
    config = ReaderConfig.of({"MaxItems": 2})
    assert list(listed_items(config, endless, {"Bucket": "b"})) == [{"Key": "0"}, {"Key": "1"}]


def test_load_and_flatten_reads_what_is_in_the_listed_objects() -> None:
    reader = Bucket({"": LISTING, "in/a.csv": "C\n1\n2\n", "in/b.csv": "C\n3\n"})
    fields = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "Transformation": "LOAD_AND_FLATTEN", "MaxItems": 3}
    items = map_items(reader, "arn:aws:states:::s3:listObjectsV2", {"Bucket": "b"}, fields)
    assert list(items) == [{"C": "1"}, {"C": "2"}, {"C": "3"}]
    assert reader.asked[1] == ("arn:aws:states:::s3:getObject", {"Bucket": "b", "Key": "in/a.csv"})


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzipped", "plain"])
def test_an_inventory_names_the_files_whose_rows_are_the_items(pack: Callable[[bytes], bytes]) -> None:
    manifest = {
        "sourceBucket": "source",
        "destinationBucket": "arn:aws:s3:::inventories",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "data/1.csv.gz", "size": 1, "MD5checksum": "x"}, {"key": "data/2.csv.gz"}],
    }
    reader = Bucket(
        {
            "manifest.json": json.dumps(manifest),
            "data/1.csv.gz": pack(b'"source","a%2Cb","1"\n"source","c","2"\n'),
            "data/2.csv.gz": pack(b'"source","d","3"\n'),
        }
    )
    parameters = {"Bucket": "inventories", "Key": "manifest.json"}
    items = map_items(reader, "arn:aws:states:::s3:getObject", parameters, {"InputType": "MANIFEST"})
    assert list(items) == [
        {"Bucket": "source", "Key": "a%2Cb", "Size": "1"},
        {"Bucket": "source", "Key": "c", "Size": "2"},
        {"Bucket": "source", "Key": "d", "Size": "3"},
    ]
    assert reader.asked[1] == ("arn:aws:states:::s3:getObject", {"Bucket": "inventories", "Key": "data/1.csv.gz"})


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        ("[]", "no manifest of an S3 inventory"),
        ("oops", "no manifest of an S3 inventory"),
        ('{"fileSchema": "Key", "files": [], "destinationBucket": "b", "fileFormat": "ORC"}', "inventory in ORC"),
        ('{"fileSchema": "Key", "files": [], "destinationBucket": "b", "fileFormat": "CSV"}', "no way given to open"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_why(manifest: str, reason: str) -> None:
    with pytest.raises(ItemReaderFailed, match=reason):
        list(read_items(ReaderConfig.of({"InputType": "MANIFEST"}), manifest))


def test_an_athena_manifest_names_the_data_files_by_uri() -> None:
    reader = Bucket({"m": "s3://b/part/1\n\ns3://b/part/2\n", "part/1": '{"a":1}\n', "part/2": '{"a":2}\n'})
    fields = {"InputType": "JSONL", "ManifestType": "ATHENA_DATA"}
    assert list(map_items(reader, "arn:aws:states:::s3:getObject", {"Bucket": "b", "Key": "m"}, fields)) == [
        {"a": 1},
        {"a": 2},
    ]
    with pytest.raises(ItemReaderFailed, match="no URI of an S3 object"):
        list(map_items(Bucket({"m": "b/part/1"}), "…:getObject", {"Bucket": "b", "Key": "m"}, fields))


def test_an_item_tells_where_it_came_from() -> None:
    get, listing = "arn:aws:states:::s3:getObject", "arn:aws:states:::s3:listObjectsV2"
    assert item_source(None, {}) == "STATE_DATA"
    assert item_source(get, {"Bucket": "b", "Key": "a/b.csv"}) == "S3://b/a/b.csv"
    assert item_source(listing, {"Bucket": "b"}) == "S3://b"


ROW = b'{"verdict": "true", "words": ["one", "two"]}'
ENDLESS: dict[str, Callable[[], Iterator[bytes]]] = {
    "JSON": lambda: chain((b"[",), repeat(ROW + b",")),
    "JSONL": lambda: repeat(ROW + b"\n"),
    "CSV": lambda: chain((b"a,b\n",), repeat(b'1,"x ""y"""\n')),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_endless_dataset_is_read_in_flat_memory(kind: str) -> None:
    items = read_items(ReaderConfig.of({"InputType": kind, "CSVHeaderLocation": "FIRST_ROW"}), ENDLESS[kind]())
    next(items)
    tracemalloc.start()
    for _ in islice(items, 20_000):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
