"""The coverages of drafts, kept in memory and rebuilt by replaying a plan's operations on the lines of its base day."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Generic, TypeVar

from sqlalchemy import cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.planning.lines import build, levels_of, problems_after, problems_of, redraw
from console.planning.queries import History, history_of
from console.planning.tables import Plan
from console.planning.touching import Touched, codes_touched, touched
from geo.coverage.partition import Problem
from geo.coverage.topology import Coverage
from geo.errors import ErrorKind, MaplebridgeError
from geo.store import Ltree
from layers.divisions.queries import StoredLine, on_day, read_lines
from layers.divisions.tables import Division

BASES, DRAFTS = 4, 16
"""Kept at a time. Of a county of 5,000 micro-grids, a base takes some 60 MB and a draft over it some 4 MB."""

BaseKey = tuple[str, date, str]
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Base:
    """The lines of a division on a day, and what was wrong with them already."""

    key: BaseKey
    coverage: Coverage
    problems: Sequence[Problem]
    households: Mapping[str, int | None]
    enterprises: Mapping[str, int | None]

    @property
    def lines(self) -> tuple[str, str]:
        """What names the lines, whatever day they are of: the division's path, and the version of all in it."""
        return self.key[0], self.key[2]


@dataclass(frozen=True)
class Draft:
    """The lines of a plan: its base, and the coverage with its operations applied."""

    base: Base
    coverage: Coverage

    def problems(self) -> Sequence[Problem]:
        """List what is wrong: what was so before, and what is with all that differs."""
        return problems_after(self.base.problems, self.coverage, {*self.touched} - self.change.around)

    def drawn(self, coverage: Coverage) -> "Draft":
        """Return the draft with other lines, which differ little from these."""
        draft, near = Draft(self.base, coverage), (self.coverage, self.change)
        vars(draft)["change"] = touched(self.base.coverage, coverage, near=near)
        return draft

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """Codes of all levels that differ from the base, and of all above them, from the top down."""
        return codes_touched(self.base.coverage, self.coverage, self.change)[1]

    @cached_property
    def change(self) -> Touched:
        """What differs from the base."""
        return touched(self.base.coverage, self.coverage)


class OtherLines(MaplebridgeError):
    """The two plans do not begin with the same lines. Way out: compare plans of one division and one base day."""

    code = "plan.other_lines"
    kind = ErrorKind.CONFLICT


def require_same_base(one: Draft, other: Draft) -> None:
    """Raise `OtherLines` unless two drafts begin with the same lines."""
    if one.base.key != other.base.key:
        raise OtherLines


class Recent(Generic[Kept]):
    """The last used of a limited number of things."""

    def __init__(self, most: int) -> None:
        self._most, self._kept = most, OrderedDict[Hashable, Kept]()

    def get(self, key: Hashable) -> Kept | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def values(self) -> list[Kept]:
        return [*self._kept.values()]

    def drop(self, is_over: Callable[[Kept], bool]) -> None:
        """Forget what is over."""
        for key in [key for key, value in self._kept.items() if is_over(value)]:
            del self._kept[key]

    def keep(self, key: Hashable, value: Kept) -> Kept:
        self._kept[key] = value
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value


@dataclass(slots=True)
class Drafts:
    """Cache of a server's drafts: what it has not got, it rebuilds. Readers share coverages, which are immutable.

    `order` are the levels of the county, from the top down.
    """

    order: Sequence[str]
    _bases: Recent[Base] = field(default_factory=lambda: Recent[Base](BASES))
    _coverages: Recent[Coverage] = field(default_factory=lambda: Recent[Coverage](DRAFTS))
    _building: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def base_of(self, session: AsyncSession, plan: Plan) -> Base:
        """Return the lines that a plan begins with. Raises `LinesDoNotFit`, `NothingBelow`."""
        return await self.lines_on(session, plan.division_path, day=plan.base_day)

    async def lines_on(self, session: AsyncSession, path: str, *, day: date) -> Base:
        """Return the lines of a division on a day. Raises `LinesDoNotFit`, `NothingBelow`."""
        key = (path, day, await _version_of(session, path, day=day))
        if (found := self._known_base(key)) is not None:
            return found
        async with self._building:
            if (found := self._known_base(key)) is not None:
                return found
            lines = await read_lines(session, path, day=day)
            return self._bases.keep(key, await asyncio.to_thread(_base, key, lines, self.order))

    def _known_base(self, key: BaseKey) -> Base | None:
        """Return the base that is kept for a day, or that of another day with the very same lines."""
        if (found := self._bases.get(key)) is not None:
            return found
        path, _, version = key
        same = next((one for one in self._bases.values() if (one.key[0], one.key[2]) == (path, version)), None)
        return None if same is None else self._bases.keep(key, replace(same, key=key))

    async def draft_of(self, session: AsyncSession, plan: Plan) -> Draft:
        """Return a plan's lines with its operations in force. Raises `OperationsDoNotFit` and what `base_of` does."""
        return await self._draft_on(session, plan, await self.base_of(session, plan))

    async def draft_on(self, session: AsyncSession, plan: Plan, *, day: date) -> Draft:
        """Return a plan's operations done on the lines of another day than its own. Raises what `draft_of` does."""
        return await self._draft_on(session, plan, await self.lines_on(session, plan.division_path, day=day))

    async def _draft_on(self, session: AsyncSession, plan: Plan, base: Base) -> Draft:
        known = base.coverage if not plan.head else self._coverages.get((plan.id, base.lines, plan.head))
        return Draft(base, known or await self._replayed(plan, base, await history_of(session, plan)))

    async def _replayed(self, plan: Plan, base: Base, history: History) -> Coverage:
        """Apply the operations in force that come after the last one whose coverage is kept."""
        done, known = 0, base.coverage
        for at, operation_id in enumerate(history.in_force, start=1):
            if (found := self._coverages.get((plan.id, base.lines, operation_id))) is not None:
                done, known = at, found
        rest = [(one, history.operations[one].operation) for one in history.in_force[done:]]
        drawn = await asyncio.to_thread(list, redraw(known, rest))
        for one, coverage in drawn[-DRAFTS // 2 :]:
            self._coverages.keep((plan.id, base.lines, one), coverage)
        return drawn[-1][1]

    def keep(self, plan: Plan, draft: Draft) -> None:
        """Keep the coverage of a plan whose head is the operation drawn last. Its id is no other's, even if the
        transaction fails.
        """
        self._coverages.keep((plan.id, draft.base.lines, plan.head), draft.coverage)


def _base(key: BaseKey, lines: Sequence[StoredLine], order: Sequence[str]) -> Base:
    levels = levels_of(lines, order=order)
    coverage = build(lines, top=key[0].rpartition(".")[2], levels=levels)
    return Base(
        key=key,
        coverage=coverage,
        problems=problems_of(coverage),
        households={line.code: line.households for line in lines},
        enterprises={line.code: line.enterprises for line in lines},
    )


async def _version_of(session: AsyncSession, path: str, *, day: date) -> str:
    """Return a version of a division and all below on a day: it changes whenever one of them does."""
    within = Division.division_path.op("<@")(cast(path, Ltree))
    counted = select(func.max(Division.id), func.count(), func.sum(Division.id)).where(within, on_day(day))
    last, count, total = (await session.execute(counted)).one()
    return f"{last or 0}-{count}-{total or 0}"
