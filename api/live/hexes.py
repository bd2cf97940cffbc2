"""Hotspots on open sockets: computes each watched view once for all its watchers, and sends the changes."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, Self
from zoneinfo import ZoneInfo

from api.live import frames
from api.live.hotspots import cell_body
from api.live.mailbox import TRY_AGAIN, Mailbox
from console.feed.rules import Audience
from geo.cells import to_hex
from geo.store import Store
from layers.hotspots.cell_sets import CellSets
from layers.hotspots.queries import HotspotReader, read_unrated
from layers.hotspots.rules import HotCell, Hotspots, View, delta, masked_view, quarter_of

TOPIC = "hexes"
TICK_SECONDS = 0.1
PACE_SECONDS = 2.0
"""A view is computed at most this often, however fast incidents arrive."""

MOST_VIEWS = 16
"""Different views that the sockets of one account watch. All views are computed in turn: with hundreds of one account,
the others would wait.
"""


class Watcher(Protocol):
    """An open socket as used here: its account, audience and mailbox. Compared by identity."""

    @property
    def account(self) -> int: ...

    @property
    def audience(self) -> Audience: ...

    @property
    def mailbox(self) -> Mailbox: ...


@dataclass(frozen=True, slots=True)
class HexChange:
    """A pending hexes frame. Merged with a newer one it has the changes of both: slow sockets get fewer, not older."""

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
            "past_known": self.head.past_known,
            "cells": [cell_body(cell) for cell in self.changed.values()],
            "gone": [to_hex(cell) for cell in sorted(self.gone)],
            "full": self.full,
        }


@dataclass(slots=True)
class WatchedView:
    """A watched view of a division: its members and their last version; `fresh` members have received nothing yet."""

    last: Hotspots | None = None
    members: set[Watcher] = field(default_factory=set)
    fresh: set[Watcher] = field(default_factory=set)


def frames_for(watched: WatchedView, found: Hotspots) -> Iterable[tuple[Watcher, HexChange]]:
    """Yield the change that each member needs to have `found`; none for members that have it already."""
    full = HexChange.all_of(found)
    for member in watched.fresh:
        yield member, full
    if watched.last is None or watched.last == found:
        return
    change = HexChange.between(watched.last, found)
    for member in watched.members - watched.fresh:
        yield member, change


class Hexes:
    """Watched views. The feed publisher sets `changed` for incidents; a new quarter of an hour is detected here."""

    def __init__(
        self,
        store: Store,
        *,
        changed: asyncio.Event,
        cell_sets: CellSets,
        zone: ZoneInfo,
        masked_least: int,
        least_hot: int,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._changed = changed
        self._cell_sets = cell_sets
        self._zone = zone
        self._masked_least = masked_least
        self._least_hot = least_hot
        self._now = now
        self._quarter: datetime | None = None
        self._rated_at = 0.0
        self._watched: dict[tuple[str, View], WatchedView] = {}
        self._view_of: dict[Watcher, tuple[str, View]] = {}

    def watch(self, member: Watcher, view: View) -> None:
        """Send hexes of `view` to `member` from now on, beginning with all. A force's own socket gets none.

        The socket is closed if its account watches too many other views.
        """
        self.leave(member)
        if member.audience.force_id is not None:
            return
        if member.audience.masked:
            view = masked_view(view, least=self._masked_least)
        key = member.audience.scope, view
        others = {seen for watcher, seen in self._view_of.items() if watcher.account == member.account}
        if len(others | {key}) > MOST_VIEWS:
            member.mailbox.close(TRY_AGAIN, "views")
            return
        self._view_of[member] = key
        watched = self._watched.setdefault(key, WatchedView())
        watched.members.add(member)
        watched.fresh.add(member)

    def leave(self, member: Watcher) -> None:
        """Remove a member from its view, if any."""
        key = self._view_of.pop(member, None)
        if key is None:
            return
        watched = self._watched[key]
        watched.members.discard(member)
        watched.fresh.discard(member)
        if not watched.members:
            del self._watched[key]

    async def step(self) -> None:
        """Check for due views a few times a second."""
        await asyncio.sleep(TICK_SECONDS)
        await self.tick()

    async def tick(self) -> None:
        """Compute due views: all when incidents or the quarter changed, else those with fresh members."""
        quarter, at = quarter_of(self._now()), asyncio.get_running_loop().time()
        if quarter == self._quarter and not (self._changed.is_set() and at >= self._rated_at + PACE_SECONDS):
            await self._refresh([key for key, watched in self._watched.items() if watched.fresh])
            return
        self._quarter = None  # Stays due until done, in case the database is unavailable.
        self._changed.clear()
        await self._refresh(list(self._watched))
        self._quarter, self._rated_at = quarter, at

    async def _refresh(self, keys: Iterable[tuple[str, View]]) -> None:
        """Compute each of these views once and send its members the changes. Views left meanwhile are skipped."""
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
        day = now.astimezone(self._zone).date()
        reader = HotspotReader(scope=scope, now=now, day=day, least_hot=self._least_hot, cell_sets=self._cell_sets)
        async with self._store.transaction(Audience(scope=scope).reach) as session:
            unrated = await read_unrated(session, reader, view)
        return await unrated.rated()
