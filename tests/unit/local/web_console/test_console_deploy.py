"""What `ferry console deploy` brings to AWS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local.web_console.deploy import NoConsole, bring, console_config, uploads, with_address

OUTPUTS = {
    "Issuer": "https://cognito-idp.eu-central-1.amazonaws.com/pool",
    "LoginUrl": "https://login.example",
    "ConsoleClientId": "console-client",
    "RolesClaim": "cognito:groups",
    "ConsoleBucketName": "pages",
    "ConsoleDistributionId": "",
}
URL = "https://d111.cloudfront.net/"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/index-1a.js").write_text("start()")
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "ferry.svg").write_text("<svg/>")
    return tmp_path


def test_the_index_comes_last_so_that_its_parts_are_there(pages: Path) -> None:
    assert [one.key for one in uploads(pages, {})] == ["assets/index-1a.js", "ferry.svg", "config.json", "index.html"]


def test_only_what_has_its_contents_hash_in_its_name_is_kept_by_browsers(pages: Path) -> None:
    kept = {one.key: (one.content_type, one.cache_control) for one in uploads(pages, {})}
    assert kept == {
        "assets/index-1a.js": ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        "ferry.svg": ("image/svg+xml", "no-cache"),
        "config.json": ("application/json", "no-cache"),
        "index.html": ("text/html; charset=utf-8", "no-cache"),
    }


def test_the_pages_learn_from_the_outputs_where_to_sign_in() -> None:
    config = console_config(OUTPUTS, "eu-central-1")
    assert config["clientId"] == "console-client"
    assert config["endpoints"]["token"] == "https://login.example/oauth2/token"


def test_an_issuer_of_ones_own_needs_a_client_there() -> None:
    foreign = {name: value for name, value in OUTPUTS.items() if name not in ("ConsoleClientId", "LoginUrl")}
    with pytest.raises(NoConsole):
        console_config(foreign, "eu-central-1")
    config = console_config(foreign, "eu-central-1", "theirs")
    assert config["clientId"] == "theirs"
    assert "endpoints" not in config
    assert "fileferry" not in config["scope"]


def test_the_user_pool_is_told_the_address_once_and_all_else_stays() -> None:
    before = [
        {"ParameterKey": "ConsoleUrls", "ParameterValue": "http://localhost:5173/"},
        {"ParameterKey": "LogLevel", "ParameterValue": "INFO"},
    ]
    assert with_address(before, URL) == [
        {"ParameterKey": "LogLevel", "UsePreviousValue": True},
        {"ParameterKey": "ConsoleUrls", "ParameterValue": f"http://localhost:5173/,{URL}"},
    ]
    assert with_address([{"ParameterKey": "ConsoleUrls", "ParameterValue": f"https://x/,{URL}"}], URL) is None
    own = [{"ParameterKey": "ConsoleUrls"}, {"ParameterKey": "ConsoleDomain", "ParameterValue": "ferry.example"}]
    assert with_address(own, "https://ferry.example/") is None


def _distribution() -> dict[str, Any]:
    behavior = {"TargetOriginId": "pages", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0}
    values = {"QueryString": False, "Cookies": {"Forward": "none"}}
    origin = {"Id": "pages", "DomainName": "pages.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    return {
        "CallerReference": "1",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {**behavior, "ForwardedValues": values},
    }


def test_pages_are_brought_and_cloudfront_asks_for_them_anew(pages: Path) -> None:
    with mock_aws():
        session = boto3.Session("test", "test", region_name="us-east-1")
        s3, cloudfront = session.client("s3"), session.client("cloudfront")
        s3.create_bucket(Bucket="pages")
        s3.put_object(Bucket="pages", Key="assets/before-2b.js", Body=b"an open tab may ask for it")
        made = cloudfront.create_distribution(DistributionConfig=_distribution())["Distribution"]["Id"]  # type: ignore[arg-type]

        bring(session, {**OUTPUTS, "ConsoleDistributionId": made}, uploads(pages, {"clientId": "c"}))

        assert s3.get_object(Bucket="pages", Key="index.html")["CacheControl"] == "no-cache"
        assert s3.head_object(Bucket="pages", Key="assets/before-2b.js")
        assert cloudfront.list_invalidations(DistributionId=made)["InvalidationList"]["Quantity"] == 1
