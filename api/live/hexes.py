"""Hotspots on open sockets: each view is rated once for all who look at it, and only what changed is sent."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, Self
from zoneinfo import ZoneInfo

from api.live import frames
from api.live.hotspots import cell_body
from api.live.mailbox import Mailbox
from console.feed.bodies import WALL_RESOLUTION
from console.feed.rules import Audience
from geo.cells import to_hex
from geo.store import Store
from layers.hotspots.cell_sets import CellSets
from layers.hotspots.queries import HotspotReader, hotspots
from layers.hotspots.rules import HotCell, Hotspots, View, delta, quarter_of

TOPIC = "hexes"
TICK_SECONDS = 0.1
PACE_SECONDS = 2.0
"""A view is rated at most this often, however fast incidents come."""


class Watcher(Protocol):
    """An open socket as hexes know it: who is behind it, and where to put frames. Told apart by identity."""

    @property
    def audience(self) -> Audience: ...

    @property
    def mailbox(self) -> Mailbox: ...


@dataclass(frozen=True, slots=True)
class HexChange:
    """A hexes frame to be. Merged with a newer one it says what both say, so a slow socket gets fewer, not older."""

    head: Hotspots
    changed: dict[int, HotCell]
    gone: frozenset[int] = frozenset()
    full: bool = False

    @classmethod
    def all_of(cls, found: Hotspots) -> Self:
        return cls(head=found, changed={cell.cell: cell for cell in found.cells}, full=True)

    @classmethod
    def between(cls, old: Hotspots, new: Hotspots) -> Self:
        change = delta(old.cells, new.cells)
        return cls(head=new, changed={cell.cell: cell for cell in change.changed}, gone=frozenset(change.gone))

    def text(self) -> bytes:
        return frames.encode(self._frame())

    def merged(self, newer: "HexChange") -> "HexChange":
        if newer.full:
            return newer
        changed = {cell: hot for cell, hot in self.changed.items() if cell not in newer.gone} | newer.changed
        gone = frozenset() if self.full else (self.gone - newer.changed.keys()) | newer.gone
        return replace(newer, changed=changed, gone=gone, full=self.full)

    def _frame(self) -> dict[str, Any]:
        return {
            "t": TOPIC,
            "res": self.head.view.res,
            "window": self.head.view.window,
            "category": self.head.view.category,
            "as_of": self.head.as_of,
            "total": self.head.total,
            "cells": [cell_body(cell) for cell in self.changed.values()],
            "gone": [to_hex(cell) for cell in sorted(self.gone)],
            "full": self.full,
        }


@dataclass(slots=True)
class WatchedView:
    """A view of one audience's division: who looks at it, and what they have. `fresh` have nothing of it yet."""

    last: Hotspots | None = None
    members: set[Watcher] = field(default_factory=set)
    fresh: set[Watcher] = field(default_factory=set)


def frames_for(watched: WatchedView, found: Hotspots) -> Iterable[tuple[Watcher, HexChange]]:
    """What each member is to be sent so that it has `found`; nothing for those who have it already."""
    full = HexChange.all_of(found)
    for member in watched.fresh:
        yield member, full
    if watched.last is None or watched.last == found:
        return
    change = HexChange.between(watched.last, found)
    for member in watched.members - watched.fresh:
        yield member, change


def view_for(audience: Audience, view: View) -> View:
    """The view as an audience may have it: a wall is told no place more finely than it blurs an incident."""
    return replace(view, res=min(view.res, WALL_RESOLUTION)) if audience.masked else view


class Hexes:
    """The views being watched. `changed` is set by whoever learns of an incident; a new quarter is noticed here."""

    def __init__(
        self, store: Store, *, changed: asyncio.Event, cell_sets: CellSets, zone: ZoneInfo, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._changed = changed
        self._cell_sets = cell_sets
        self._zone = zone
        self._now = now
        self._quarter: datetime | None = None
        self._rated_at = 0.0
        self._watched: dict[tuple[str, View], WatchedView] = {}

    def watch(self, member: Watcher, view: View) -> None:
        """Send hexes of `view` to `member` from now on, all of them first. A force's own socket gets none."""
        self.leave(member)
        if member.audience.force_id is not None:
            return
        key = member.audience.scope, view_for(member.audience, view)
        watched = self._watched.setdefault(key, WatchedView())
        watched.members.add(member)
        watched.fresh.add(member)

    def leave(self, member: Watcher) -> None:
        """Forget what a member looks at; one that looks at nothing is no matter."""
        for key, watched in list(self._watched.items()):
            watched.members.discard(member)
            watched.fresh.discard(member)
            if not watched.members:
                del self._watched[key]

    async def step(self) -> None:
        """Look whether something is due, a few times a second."""
        await asyncio.sleep(TICK_SECONDS)
        await self.tick()

    async def tick(self) -> None:
        """Rate what is due: everything when incidents or the quarter changed, else what somebody has nothing of yet."""
        quarter, at = quarter_of(self._now()), asyncio.get_running_loop().time()
        if quarter == self._quarter and not (self._changed.is_set() and at >= self._rated_at + PACE_SECONDS):
            await self._refresh([key for key, watched in self._watched.items() if watched.fresh])
            return
        self._quarter = None  # Until it is done, it stays due: the database may be away.
        self._changed.clear()
        await self._refresh(list(self._watched))
        self._quarter, self._rated_at = quarter, at

    async def _refresh(self, keys: Iterable[tuple[str, View]]) -> None:
        """Rate each of these views once, and send each member what it lacks. One left meanwhile is passed by."""
        for key in keys:
            found = await self._rate(*key)
            watched = self._watched.get(key)
            if watched is None:
                continue
            for member, change in frames_for(watched, found):
                member.mailbox.put_latest(TOPIC, change)
            watched.last = found
            watched.fresh.clear()

    async def _rate(self, scope: str, view: View) -> Hotspots:
        now = self._now()
        look = HotspotReader(scope=scope, now=now, day=now.astimezone(self._zone).date(), cell_sets=self._cell_sets)
        async with self._store.transaction(Audience(scope=scope).reach) as session:
            return await hotspots(session, look, view)
