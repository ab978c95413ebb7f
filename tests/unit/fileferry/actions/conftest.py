"""The router's world on moto: actions are what the router takes up."""

from tests.unit.router.conftest import aws, world

__all__ = ["aws", "world"]
