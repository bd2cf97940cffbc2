"""Draw on a plan: apply an operation, and answer what it changed, what is wrong, and the figures.

Geometry and counting run in threads beside the event loop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.access.sight import Subject, sees_masked
from console.planning.carrying import Spread, carry
from console.planning.communities import Communities
from console.planning.contests import changed_or_ended
from console.planning.counts import Near, Tally, tally, tally_after
from console.planning.drafts import Base, Draft, Recent
from console.planning.facts import read_facts
from console.planning.figures import Figures, Row
from console.planning.homes import Worker, homes_left
from console.planning.lines import as_features, draw, problems_as_json
from console.planning.touching import changed_between, codes_touched, touched
from geo.coverage.topology import Coverage
from geo.travel import TravelTime
from layers.divisions.queries import Bbox

HOME = "home"
"""Notice of a grid whose worker's home lies in another one now. It can be submitted: the reviewer decides."""
TALLIES, COUNTED = 8, 16
"""Counts kept at a time, on the lines that plans begin with and on those of drafts: some 10 MB and 2 MB of a county."""
FRESH = timedelta(minutes=5)
"""While somebody draws, incidents of the last minutes are not read anew for every answer."""


@dataclass(frozen=True, slots=True)
class Span:
    """Incidents that count: those that occurred from `since` on. `months` is how the caller said it."""

    months: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation did to a draft, JSON-ready but for the draft itself.

    `before` are the figures of what was touched on the lines that the plan begins with.
    """

    draft: Draft
    tally: Tally
    operation: Mapping[str, Any]
    changed: Sequence[str]
    ended: Sequence[str]
    problems: Sequence[Mapping[str, Any]]
    notices: Sequence[Mapping[str, Any]]
    figures: Mapping[str, Row]
    before: Mapping[str, Row]

    def lines(self) -> bytes:
        """Return what has changed, as it is now: a GeoJSON FeatureCollection."""
        return as_features(self.draft.coverage, self.changed)


@dataclass(frozen=True, slots=True)
class Counted:
    """A draft, and the counts on its lines."""

    draft: Draft
    tally: Tally


@dataclass(frozen=True, slots=True)
class Pair:
    """Figures of two plans by code, and the codes that both change. Provisional codes are each plan's own."""

    ours: Mapping[str, Row]
    theirs: Mapping[str, Row]
    both: Sequence[str]


ReadCommunities = Callable[[AsyncSession, Bbox, datetime], Awaitable[Sequence[BaseGeometry] | None]]


async def no_communities(session: AsyncSession, box: Bbox, now: datetime) -> None:
    """Know of no community."""


@dataclass(slots=True)
class Tallies:
    """Cache of the counts on the lines that plans begin with, by who may see what. `least`: see `read_facts`.

    `communities` reads the outlines of communities within a box; None where there are none.
    """

    travel: TravelTime
    least: int
    communities: ReadCommunities = no_communities
    _kept: Recent[tuple[datetime, Tally]] = field(default_factory=lambda: Recent[tuple[datetime, Tally]](TALLIES))
    _counted: Recent[tuple[Tally, Counted]] = field(default_factory=lambda: Recent[tuple[Tally, Counted]](COUNTED))

    async def of(
        self, session: AsyncSession, actor: Actor, base: Base, *, span: Span, now: datetime, anew: bool = False
    ) -> Tally:
        """Return the counts on the lines of a base, read within the last minutes, or now where asked `anew`."""
        masked = sees_masked(actor, Subject.INCIDENTS), sees_masked(actor, Subject.FORCES)
        key = (base.key, span.months, actor.scope, masked)
        kept = self._kept.get(key)
        if kept is not None and not anew and timedelta() <= now - kept[0] < FRESH:
            return kept[1]
        outlines = await self.communities(session, base.coverage.outer.bounds, now)
        communities = None if outlines is None else Communities(outlines)
        facts = await read_facts(
            session, actor, base, since=span.since, least=self.least, now=now, communities=communities
        )
        found = self._kept.keep(key, (now, await asyncio.to_thread(tally, base.coverage, facts)))[1]
        known = {id(one) for _, one in self._kept.values()}
        self._counted.drop(lambda counted: id(counted[0]) not in known)
        return found

    async def on_lines(self, base: Base, counted: Tally) -> tuple[Tally, Spread]:
        """Return counts on the lines of another day, and how those known per division only were carried over."""
        return await asyncio.to_thread(_on_lines, base, counted)

    async def drawn(self, draft: Draft, body: Mapping[str, Any], before: Tally) -> Outcome:
        """Apply an operation to a draft. Nothing is kept. Raises a `PlanRefused`."""
        was = await self._counted_on(draft, before)
        return await asyncio.to_thread(self._drawn, was, body, before)

    def _drawn(self, was: Counted, body: Mapping[str, Any], before: Tally) -> Outcome:
        drawn = draw(was.draft.coverage, body)
        after = was.draft.drawn(drawn.coverage)
        return self._outcome(
            was.draft.coverage, after, before, near=was.tally, operation=drawn.operation, changed=drawn.changed
        )

    async def _counted_on(self, draft: Draft, before: Tally) -> Counted:
        """Return a draft with its counts, as kept: what is drawn next differs little from it."""
        kept = self._counted.get(_key(before, draft.coverage))
        if kept is not None and kept[1].draft.base is draft.base:
            return kept[1]
        found = await asyncio.to_thread(_counted, draft, before)
        return self._keep(before, found)

    def keep(self, outcome: Outcome, before: Tally) -> None:
        """Keep the counts of a draft that an operation was kept on."""
        self._keep(before, Counted(outcome.draft, outcome.tally))

    def _keep(self, before: Tally, counted: Counted) -> Counted:
        return self._counted.keep(_key(before, counted.draft.coverage), (before, counted))[1]

    async def moved(self, was: Draft, draft: Draft, before: Tally) -> Outcome:
        """Answer what has changed in a draft since it `was` another, by undo or redo."""
        near = (await self._counted_on(was, before)).tally if was.base is draft.base else None
        return await asyncio.to_thread(self._moved, was.coverage, draft, before, near)

    def _moved(self, was: Coverage, draft: Draft, before: Tally, near: Tally | None) -> Outcome:
        changed = changed_between(was, draft.coverage)
        return self._outcome(was, draft, before, near=near, operation={}, changed=changed)

    def outcome_of(self, was: Coverage, draft: Draft, before: Tally) -> Outcome:
        """Return what has changed in a draft since it `was` another, by several operations."""
        changed = changed_between(was, draft.coverage)
        return self._outcome(was, draft, before, near=None, operation={}, changed=changed)

    def figures_after(self, was: Coverage, draft: Draft, before: Tally) -> Mapping[str, Row]:
        """Return the figures of a draft, of what has changed since it `was` another, and of the whole."""
        _, codes = codes_touched(was, draft.coverage, touched(was, draft.coverage))
        return Figures(tally_after(before, draft.coverage, draft.change), self.travel).of(codes)

    def _outcome(
        self,
        was: Coverage,
        draft: Draft,
        before: Tally,
        *,
        near: Tally | None,
        operation: Mapping[str, Any],
        changed: Sequence[str],
    ) -> Outcome:
        step = touched(was, draft.coverage)
        old, codes = codes_touched(was, draft.coverage, step)
        base = draft.base.coverage
        first = Figures(before, self.travel).of(base.tree.in_order({*old, *codes} & base.divisions.keys()))
        counts = tally_after(before, draft.coverage, draft.change, near=None if near is None else Near(near, step))
        return Outcome(
            draft=draft,
            tally=counts,
            operation=operation,
            changed=changed,
            ended=was.tree.in_order(was.divisions.keys() - draft.coverage.divisions.keys()),
            problems=problems_as_json(draft.problems()),
            notices=_homes_left(draft, before),
            figures=Figures(counts, self.travel).of(codes),
            before=first,
        )

    async def side_by_side(self, ours: Draft, theirs: Draft, before: Tally) -> Pair:
        """Return the figures of two drafts over the same lines, of all that either touches."""
        return await asyncio.to_thread(self._side_by_side, ours, theirs, before)

    def _side_by_side(self, ours: Draft, theirs: Draft, before: Tally) -> Pair:
        both = {*ours.touched} | {*theirs.touched}
        mine, other = (
            Figures(tally_after(before, draft.coverage, draft.change), self.travel).of(
                draft.coverage.tree.in_order(both & draft.coverage.divisions.keys())
            )
            for draft in (ours, theirs)
        )
        return Pair(mine, other, sorted(changed_or_ended(ours) & changed_or_ended(theirs)))

    async def compared(self, draft: Draft, before: Tally) -> tuple[Mapping[str, Row], Mapping[str, Row]]:
        """Return the figures of all that a draft touches, and of the whole: before and after."""
        return await asyncio.to_thread(self._compared, draft, before)

    def _compared(self, draft: Draft, before: Tally) -> tuple[Mapping[str, Row], Mapping[str, Row]]:
        old, new = codes_touched(draft.base.coverage, draft.coverage, draft.change)
        after = tally_after(before, draft.coverage, draft.change)
        return Figures(before, self.travel).of(old), Figures(after, self.travel).of(new)

    async def of_level(self, draft: Draft, before: Tally, level: str) -> tuple[Mapping[str, Row], Mapping[str, Row]]:
        """Return the figures of every division of a level, before and after."""
        return await asyncio.to_thread(self._of_level, draft, before, level)

    def _of_level(self, draft: Draft, before: Tally, level: str) -> tuple[Mapping[str, Row], Mapping[str, Row]]:
        after = tally_after(before, draft.coverage, draft.change)
        old, new = (
            [code for code, one in coverage.divisions.items() if one.level == level]
            for coverage in (draft.base.coverage, draft.coverage)
        )
        return Figures(before, self.travel).of(old), Figures(after, self.travel).of(new)


def _key(before: Tally, coverage: Coverage) -> tuple[int, int]:
    """Name counts by what they are made of: both are kept beside them, so that no other is ever there."""
    return id(before), id(coverage)


def _counted(draft: Draft, before: Tally) -> Counted:
    draft.problems()
    return Counted(draft, tally_after(before, draft.coverage, draft.change))


def _homes_left(draft: Draft, before: Tally) -> list[dict[str, Any]]:
    """List the grids that a draft parts from their workers' homes."""
    return _as_notices(homes_left(draft.base.coverage, draft.coverage, before.facts.workers, grids={*draft.touched}))


def homes_parted(was: Coverage, now: Coverage, workers: Sequence[Worker]) -> list[dict[str, Any]]:
    """List the grids that one coverage parts from their workers' homes and the other did not."""
    return _as_notices(homes_left(was, now, workers, grids={worker.grid for worker in workers}))


def _as_notices(found: Sequence[tuple[Worker, str | None]]) -> list[dict[str, Any]]:
    return [
        {
            "fault": HOME,
            "code": worker.grid,
            "other": there,
            "area_m2": 0.0,
            "where": {"type": "Point", "coordinates": [worker.lon, worker.lat]},
        }
        for worker, there in found
    ]


def _on_lines(base: Base, counted: Tally) -> tuple[Tally, Spread]:
    change = touched(counted.coverage, base.coverage)
    return tally_after(counted, base.coverage, change), carry(counted.coverage, base.coverage, change)
