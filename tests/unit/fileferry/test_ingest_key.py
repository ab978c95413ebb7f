"""Keys of the ingest bucket and the shards of users."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fileferry.ingest_key import NotAnIngestKey, home_prefix, is_no_file, parse_ingest_key, shard_of

PART = st.text(min_size=1, max_size=20).filter(lambda text: "/" not in text)


@given(region=PART, shard=PART, tenant=PART, user=PART, path=st.text(max_size=40))
def test_a_key_is_its_parts_and_back(region: str, shard: str, tenant: str, user: str, path: str) -> None:
    text = f"in/{region}/{shard}/{tenant}/{user}/{path}"
    key = parse_ingest_key(text)
    assert (key.region, key.shard, key.tenant, key.user, key.path) == (region, shard, tenant, user, path)
    assert str(key) == text


def test_a_key_is_raw() -> None:
    key = parse_ingest_key("in/eu-central-1/07/acme/bob/x/a+b %41 ü.csv")
    assert key.path == "x/a+b %41 ü.csv"
    assert key.filename == "a+b %41 ü.csv"


@pytest.mark.parametrize(
    "text",
    ["", "in", "in/r/00/t/u", "in/r/00//u/p", "in//00/t/u/p", "out/r/00/t/u/p", "/in/r/00/t/u/p", "in/r/00/t//p"],
)
def test_other_keys_are_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(NotAnIngestKey, match=r"in/REGION/SHARD/TENANT/USER/PATH.*To do"):
        parse_ingest_key(text)


@given(tenant=PART, user=PART, shards=st.integers(1, 100))
def test_a_user_has_one_shard_for_ever(tenant: str, user: str, shards: int) -> None:
    shard = shard_of(tenant, user, shards)
    assert shard == shard_of(tenant, user, shards)
    assert 0 <= int(shard) < shards
    assert len(shard) == 2


def test_shards_are_what_they_were() -> None:
    # A change here would part users from their files in ingest, and break the order of those under way.
    assert home_prefix("eu-central-1", "acme", "bob", 16) == "in/eu-central-1/05/acme/bob"


def test_users_spread_over_all_shards() -> None:
    assert {shard_of("acme", f"user{number}", 16) for number in range(200)} == {f"{n:02d}" for n in range(16)}


@pytest.mark.parametrize("path", ["", "a/", "a/b/", ".x", "a/.x", "x.filepart", "x.FilePart", "a/x.tmp", "~x", "x.swp"])
def test_folder_markers_and_temporary_names_are_no_files(path: str) -> None:
    assert is_no_file(path)


@pytest.mark.parametrize("path", ["x", "a.b/x.csv", ".a/x", "tmp", "x.tmp.csv", "a~", "part", "a+b %41 ü.csv"])
def test_other_names_are_files(path: str) -> None:
    assert is_no_file(path) is None
