"""Which lines are in force: one version for tiles, `/ogc` and screens, which fetch their lines anew when it changes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from geo.store import Reach, Store
from layers.divisions.queries import boundaries_version

LOOK_SECONDS = 10.0
"""A notification that was lost, or the turn of a day, is noticed so late."""


class LinesInForce:
    """The version of the county's lines of today. `changed` wakes `step`, which says so at once when it is another."""

    def __init__(
        self,
        store: Store,
        *,
        root: Reach,
        zone: ZoneInfo,
        now: Callable[[], datetime],
        on_change: Callable[[str], None],
    ) -> None:
        self.version = ""
        self.changed = asyncio.Event()
        self._store, self._root, self._zone, self._now = store, root, zone, now
        self._on_change = on_change

    async def step(self) -> None:
        """Read the version, tell a change, and wait."""
        await self.read()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await self.changed.wait()
        self.changed.clear()

    async def read(self) -> str:
        """Return the version now. Versions differ if any division does, and are the same again after an undo."""
        day = self._now().astimezone(self._zone).date()
        async with self._store.transaction(self._root) as session:
            found = await boundaries_version(session, day=day)
        if found != self.version:
            self.version = found
            self._on_change(found)
        return found
