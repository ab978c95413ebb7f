"""One emulator for all suites that need one, and on it the system as `ferry up` deploys it.

While developing, FERRY_TEST_HOME=FOLDER takes the emulator that runs with this home (`FERRY_HOME=FOLDER ferry up`)
and leaves it running; the stack on it is not deployed anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator.process import Emulator
from local.temporary import System, deployed_system, temporary_emulator, workspace_at
from local.workspace import Workspace
from tests.published import Recorder, recorded_events
from tests.trials import Trials, start_trials
from tests.unit.tasks.deliver.sftp_partner import SftpPartner, sftp_partner


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    given = os.environ.get("FERRY_TEST_HOME")
    return workspace_at(Path(given).resolve() if given else tmp_path_factory.mktemp("system") / "home")


@pytest.fixture(scope="session")
def emulator(workspace: Workspace) -> Iterator[Emulator]:
    """The emulator that all suites share, with nothing deployed by itself."""
    with temporary_emulator(workspace) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def system(workspace: Workspace, emulator: Emulator) -> System:
    """The application, the demo's tenant and the partner's servers on the shared emulator."""
    return deployed_system(workspace, emulator)


@pytest.fixture(scope="session")
def published(system: System) -> Iterator[Recorder]:
    """Everything that the system publishes in this session; every event must fit its schema."""
    with recorded_events(system.stack) as recorder:
        yield recorder
        recorder.settle()
    assert not recorder.mistakes, "\n".join(recorder.mistakes)


@pytest.fixture(scope="session")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpPartner]:
    """The partner's SFTP server of the tests' own tenant, with faults that a test may switch on."""
    with sftp_partner(tmp_path_factory.mktemp("inbox")) as partner:
        yield partner


@pytest.fixture(scope="session")
def trials(system: System, published: Recorder, inbox: SftpPartner) -> Trials:
    """The tests' own tenant: its users, routes and what becomes of their files."""
    return start_trials(system, published, inbox)
