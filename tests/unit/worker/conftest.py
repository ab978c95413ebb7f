"""The world on moto."""

from tests.unit.worker.world import world

__all__ = ["world"]
