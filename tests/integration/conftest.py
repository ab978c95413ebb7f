"""What the integration tests reach into, beside the system itself."""

from __future__ import annotations

import pytest

from local.temporary import System
from tests.integration.intake import IngestQueue


@pytest.fixture
def queue(system: System) -> IngestQueue:
    return IngestQueue(system.stack)
