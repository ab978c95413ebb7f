"""The deliver step's world and partners: a trial is made by the code that delivers."""

from tests.unit.tasks.conftest import aws
from tests.unit.tasks.deliver.conftest import bank, partner, world

__all__ = ["aws", "bank", "partner", "world"]
