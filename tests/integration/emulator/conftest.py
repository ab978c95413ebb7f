"""The small application, deployed once on the emulator that all suites share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from local.emulator.process import Emulator
from tests.integration.emulator.application import APP, STACK, Deployed, client, deploy


@pytest.fixture(scope="session")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the application that a test may change."""
    return Path(shutil.copytree(APP, tmp_path_factory.mktemp("app") / "app"))


@pytest.fixture(scope="session")
def deployed(emulator: Emulator, app_folder: Path) -> Deployed:
    deploy(emulator, app_folder)
    stack = client(emulator, "cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    return Deployed(emulator, {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]})


@pytest.fixture(scope="session")
def redeploy(deployed: Deployed, app_folder: Path) -> Callable[[str, str], None]:
    """Deploy again after replacing a text in the functions' code."""

    def change(old: str, new: str) -> None:
        code = app_folder / "functions" / "app.py"
        text = code.read_text()
        assert old in text
        code.write_text(text.replace(old, new))
        deploy(deployed.emulator, app_folder)

    return change
