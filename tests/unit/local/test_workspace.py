"""Environment → workspace, host → SAM's parameters, names → names."""

from __future__ import annotations

from pathlib import Path

import pytest

from fileferry.errors import ConfigurationError
from local import sam
from local.api import local_url, problem_text
from local.deployment import overrides
from local.invoke import logical_id
from local.logs import log_group
from local.workspace import Workspace, read_workspace


def test_the_environment_changes_home_and_ports(tmp_path: Path) -> None:
    workspace = read_workspace({"FERRY_HOME": str(tmp_path), "FERRY_PORT": "4800", "FERRY_SFTP_PORT": "2280"})
    assert (workspace.home, workspace.port, workspace.sftp_port) == (tmp_path, 4800, 2280)
    assert read_workspace({}) == Workspace()


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1"])
def test_a_port_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ConfigurationError, match="FERRY_PORT"):
        read_workspace({"FERRY_PORT": text})


def test_a_python_that_lambda_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sam.sys, "version_info", type("V", (), {"major": 3, "minor": 14}))
    with pytest.raises(ConfigurationError, match=r"3\.14"):
        sam.host_python()


def test_an_aws_api_url_becomes_the_emulators_path() -> None:
    url = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com"
    assert local_url(url, "http://localhost:4800/") == "http://localhost:4800/_aws/execute-api/a1b2c3"
    assert local_url("http://localhost:4800/api/", "http://localhost:4800") == "http://localhost:4800/api"


def test_a_problem_is_told_in_its_own_words() -> None:
    problem = '{"title": "Invalid", "detail": "glob is missing", "errors": [{"path": "/match"}]}'
    assert problem_text(422, problem) == 'The API answered 422: glob is missing [{"path": "/match"}]'
    assert problem_text(502, "<html>") == "The API answered 502: <html>"


def test_a_function_is_found_under_its_short_name() -> None:
    assert logical_id("sftp-identity") == "SftpIdentityFunction"
    assert logical_id("validate") == "ValidateFunction"
    assert log_group("sftp_identity") == "/aws/lambda/fileferry-sftp-identity"
    assert log_group("router") == log_group("fileferry-router") == "/aws/lambda/fileferry-router"


def test_the_hosts_facts_stand_beside_the_local_profiles_parameters_once() -> None:
    given = overrides(Workspace(console_port=4999))
    names = [parameter.partition("=")[0] for parameter in given]
    assert len(names) == len(set(names))
    assert "ConsoleUrls=http://localhost:4999/,http://localhost:5173/" in given
    assert f"Runtime=python{sam.host_python()}" in given
    assert f"Architecture={sam.host_architecture()}" in given
    assert "RequireTls=false" in given
