"""Key rings in the `config` table: the control plane's reads and writes."""

from __future__ import annotations

from collections.abc import Callable

from fileferry.clock import timestamp
from fileferry.model.key_ring import KeyRing, KeyRingSpec
from fileferry.repositories.config_keys import key_ring_key
from fileferry.repositories.pages import Page
from fileferry.repositories.records import Records, Stored

_KIND = "KEYRING"


class KeyRingRecords(Records):
    """Raises what Records raises."""

    def key_ring(self, tenant: str, ring: str) -> Stored[KeyRing]:
        return self._read(KeyRing, key_ring_key(tenant, ring), f"Tenant {tenant!r} has no key ring {ring!r}.")

    def key_rings(self, tenant: str, limit: int, cursor: str | None = None) -> Page[KeyRing]:
        return self._list(KeyRing, tenant, f"{_KIND}#", limit, cursor)

    def create_key_ring(self, tenant: str, ring: str, spec: KeyRingSpec) -> Stored[KeyRing]:
        """A ring without keys."""
        at = timestamp()
        value = KeyRing(description=spec.description, tenant=tenant, id=ring, created_at=at, updated_at=at)
        taken = f"Tenant {tenant!r} has a key ring {ring!r} already."
        return self._create_record(key_ring_key(tenant, ring), _KIND, value, taken)

    def change_key_ring(
        self, tenant: str, ring: str, changed: Callable[[KeyRing], KeyRing], if_match: str | None = None
    ) -> Stored[KeyRing]:
        """The ring as `changed` makes it of what it is now; `changed` may be asked more than once, and may raise."""

        def touched(current: KeyRing) -> KeyRing:
            return changed(current).model_copy(update={"updated_at": timestamp()})

        key = key_ring_key(tenant, ring)
        return self._replace(lambda: self.key_ring(tenant, ring), touched, key, _KIND, if_match)
