"""The world on moto."""

from hypothesis import HealthCheck, settings

from tests.unit.world import world

__all__ = ["world"]

# A busy machine is no failure of the property.
settings.register_profile("any-speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-speed")
