"""The world on moto."""

from tests.unit.worker.world import fresh, world

__all__ = ["fresh", "world"]
