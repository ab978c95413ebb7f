"""The console on AWS is served as `ferry up` serves it on one machine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.web_console.headers import PLAIN, POLICY, content_security_policy
from local.web_console.server import built_file

ROOT = Path(__file__).parents[3]
Resources = dict[str, dict[str, Any]]
LOGIN = "https://login.example"


def test_every_resource_of_the_console_hangs_on_its_parameter(resources: Resources) -> None:
    made = {name: r for name, r in resources.items() if re.match(r"Console(?!Client)", name)}

    assert len(made) == 6
    assert {resource["Condition"] for resource in made.values()} == {"WithConsole"}


def test_both_servers_send_the_same_policy_and_headers(resources: Resources) -> None:
    config = resources["ConsoleHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    text, _ = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]

    assert text.strip().replace("${Login}", LOGIN) == content_security_policy(LOGIN)
    custom = {item["Header"]: item["Value"] for item in config["CustomHeadersConfig"]["Items"]}
    assert {
        "X-Content-Type-Options": "nosniff" if security["ContentTypeOptions"] else "",
        "X-Frame-Options": security["FrameOptions"]["FrameOption"],
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        **custom,
    } == PLAIN
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000


def test_no_script_but_the_consoles_own_runs_and_nobody_frames_it() -> None:
    assert (POLICY["script-src"], POLICY["default-src"]) == ("'self'", "'none'")
    assert POLICY["frame-ancestors"] == POLICY["base-uri"] == "'none'"


def test_only_the_distribution_reads_the_bucket(resources: Resources) -> None:
    document = resources["ConsoleBucketPolicy"]["Properties"]["PolicyDocument"]
    (allowed,) = (statement for statement in document["Statement"] if statement["Effect"] == "Allow")

    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Action"] == "s3:GetObject"
    assert "distribution/${ConsoleDistribution}" in str(allowed["Condition"]["StringEquals"]["aws:SourceArn"])


def test_nothing_of_the_api_is_kept_on_the_way(resources: Resources) -> None:
    config = resources["ConsoleDistribution"]["Properties"]["DistributionConfig"]
    (api,) = config["CacheBehaviors"]

    assert (api["PathPattern"], api["TargetOriginId"], api["ViewerProtocolPolicy"]) == ("/v1/*", "api", "https-only")
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert api["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"


def test_the_user_pool_knows_a_domain_of_the_consoles_own(resources: Resources) -> None:
    client = resources["ConsoleClient"]["Properties"]

    assert "https://${ConsoleDomain}/" in json.dumps(client["CallbackURLs"])
    assert client["LogoutURLs"] == client["CallbackURLs"]


PATHS = {
    "/": "/index.html",
    "/t/acme/jobs": "/index.html",
    "/t/acme/users/pat.smith@acme.example/show": "/index.html",
    "/nothing": "/index.html",
    "/assets/index-1a2b.js": "/assets/index-1a2b.js",
    "/assets/gone": "/assets/gone",
    "/ferry.svg": "/ferry.svg",
    "/gone.png": "/gone.png",
}


@pytest.mark.skipif(not shutil.which("node"), reason="CloudFront's function is JavaScript, which needs Node")
def test_both_servers_answer_the_address_of_a_view_with_the_index(resources: Resources, tmp_path: Path) -> None:
    code = resources["ConsoleViews"]["Properties"]["FunctionCode"]
    script = f"{code}\nconst paths = {json.dumps(list(PATHS))};\n" + (
        "console.log(JSON.stringify(paths.map((uri) => handler({ request: { uri } }).uri)));"
    )
    node = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "ferry.svg", "assets/index-1a2b.js"):
        (tmp_path / name).touch()

    for path, there in zip(PATHS, json.loads(node.stdout), strict=True):
        assert there == PATHS[path]
        file = built_file(tmp_path, path)
        assert (file.relative_to(tmp_path).as_posix() if file else None) == (
            there.lstrip("/") if (tmp_path / there.lstrip("/")).is_file() else None
        ), path
