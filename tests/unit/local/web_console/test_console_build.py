"""When the console is built anew, and what happens without Node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.web_console import build
from local.web_console.build import NoNode, built, has_packages, is_new_enough, sources_digest
from local.workspace import Workspace


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/openapi.json").write_text("{}")
    (tmp_path / "console/src/api").mkdir(parents=True)
    (tmp_path / "console/src/main.tsx").write_text("start()")
    (tmp_path / "console/index.html").write_text("<!doctype html>")
    return tmp_path


def test_a_change_of_a_source_or_of_the_api_asks_for_a_new_build(root: Path) -> None:
    first = sources_digest(root)
    (root / "console/src/main.tsx").write_text("start(1)")
    second = sources_digest(root)
    (root / "docs/openapi.json").write_text('{"openapi": "3.1.0"}')
    assert len({first, second, sources_digest(root)}) == 3


def test_what_the_build_writes_and_tests_ask_for_none(root: Path) -> None:
    before = sources_digest(root)
    (root / "console/src/api/schema.ts").write_text("generated")
    (root / "console/src/main.test.tsx").write_text("test()")
    assert sources_digest(root) == before


@pytest.mark.parametrize(
    ("version", "fits"),
    [("v20.0.0\n", True), ("v22.1.0", True), ("v18.19.0", False), ("", False), ("sh: not found", False)],
)
def test_node_20_is_the_least(version: str, fits: bool) -> None:
    assert is_new_enough(version) == fits


def _lock(file: Path, packages: dict[str, dict[str, object]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"packages": packages}))


def test_packages_are_there_when_npms_own_record_fits_the_lock_file(tmp_path: Path) -> None:
    react, other = {"integrity": "a"}, {"integrity": "c", "optional": True}
    _lock(tmp_path / "package-lock.json", {"": {}, "node_modules/react": react, "node_modules/for-macs": other})
    assert not has_packages(tmp_path)
    _lock(tmp_path / "node_modules/.package-lock.json", {"node_modules/react": react})
    assert has_packages(tmp_path)
    _lock(tmp_path / "node_modules/.package-lock.json", {"node_modules/react": {"integrity": "b"}})
    assert not has_packages(tmp_path)


def test_without_node_it_is_said_how_to_get_the_console(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoNode) as error:
        built(Workspace(root=root, home=root / ".ferry"))
    assert error.value.todo == build.GET_NODE


def test_a_build_of_these_sources_needs_no_node(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (root / "console/dist").mkdir()
    (root / "console/dist/index.html").touch()
    stamp = root / "console/node_modules/.cache/fileferry/built"
    stamp.parent.mkdir(parents=True)
    stamp.write_text(sources_digest(root))
    assert built(Workspace(root=root, home=root / ".ferry")) == root / "console/dist"
