"""Overlays and merging of networks, read from the database, computed beside the event loop, and kept for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import shapely
from geoalchemy2.shape import to_shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.networks.laying import KnownPlace, Laid, NoGrids, lay_all
from console.networks.merging import KnownCounts, Mapped, Proposed, carried, mapped, proposals
from console.networks.queries import StoredNetworkArea, networks_version, read_areas
from console.planning.lines import build, levels_of
from geo.coverage.topology import Coverage
from geo.overlay.carrying import Carried
from geo.store import Ltree
from layers.divisions.queries import Bbox, StoredLine, boundaries_version, read_lines
from layers.divisions.terms import GRID
from layers.places.tables import Place

KEPT = 8
"""Answers kept at a time. Five networks of a county of 900 grids take some 20 MB."""
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the networks in a division on a day. Borders that differ by up to `width` metres are the same.

    `reach` is the scope of who asks: what lies beyond it is not read.
    """

    reach: str
    path: str
    day: date
    width: float


@dataclass(frozen=True, slots=True)
class Merged:
    """Networks merged into one grid: before, what is proposed, and the networks on the grids as proposed."""

    before: Laid
    proposed: Sequence[Proposed]
    after: Laid
    mapped: Sequence[Mapped]
    carried: Mapping[str, Mapping[str, Mapping[str, Carried]]]
    by_households: bool


@dataclass(slots=True)
class Overlays:
    """Computes one overlay at a time, and keeps the last ones. `order` are the county's levels, from the top down."""

    order: Sequence[str]
    _kept: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    _computing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def laid(self, session: AsyncSession, asked: Question) -> Laid:
        """Return the networks on the grids of a division. Raises `NoGrids`."""
        key = ("laid", asked, *await _versions(session, asked))

        async def compute() -> Laid:
            areas, lines = await _read(session, asked)
            return await asyncio.to_thread(lay_all, areas, _grids(lines), width=asked.width)

        return await self._once(key, compute)

    async def merged(self, session: AsyncSession, asked: Question) -> Merged:
        """Return what merging the networks of a division proposes. Raises `NoGrids` and what `build` does."""
        before = await self.laid(session, asked)
        key = ("merged", asked, *await _versions(session, asked))

        async def compute() -> Merged:
            areas, lines = await _read(session, asked)
            return await asyncio.to_thread(_merge, before, areas, lines, self.order, asked)

        return await self._once(key, compute)

    async def laid_on(self, session: AsyncSession, asked: Question, coverage: Coverage, lines: Hashable) -> Laid:
        """Return the networks on the grids of a draft. `lines` tells its lines from others'."""
        key = ("draft", asked, lines, *await _versions(session, asked))

        async def compute() -> Laid:
            areas = await read_areas(session, coverage.outer.bounds, day=asked.day)
            return await asyncio.to_thread(lay_all, areas, grids_of(coverage), width=asked.width)

        return await self._once(key, compute)

    async def _once(self, key: Hashable, compute: Callable[[], Awaitable[Value]]) -> Value:
        if key not in self._kept:
            async with self._computing:
                if key not in self._kept:
                    self._kept[key] = await compute()
        self._kept.move_to_end(key)
        found: Value = self._kept[key]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found


async def _versions(session: AsyncSession, asked: Question) -> tuple[str, str]:
    areas = await networks_version(session, day=asked.day)
    return areas, await boundaries_version(session, day=asked.day)


async def _read(session: AsyncSession, asked: Question) -> tuple[list[StoredNetworkArea], list[StoredLine]]:
    lines = await read_lines(session, asked.path, day=asked.day)
    if not lines:
        raise NoGrids
    return await read_areas(session, box_around([line.shape for line in lines]), day=asked.day), lines


def box_around(shapes: Sequence[BaseGeometry]) -> Bbox:
    """Return the box around shapes."""
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return west, south, east, north


async def read_places(session: AsyncSession, path: str) -> list[KnownPlace]:
    """Read the centres and stations of a division."""
    within = Place.division_path.op("<@")(cast(path, Ltree))
    found = await session.scalars(select(Place).where(within).order_by(Place.id))
    points = [(place, to_shape(place.geom)) for place in found]
    return [KnownPlace(place.code, place.name, *point.coords[0]) for place, point in points]


def _grids(lines: Sequence[StoredLine]) -> dict[str, BaseGeometry]:
    return {line.code: line.shape for line in lines if line.level == GRID}


def grids_of(coverage: Coverage) -> dict[str, BaseGeometry]:
    """Return the grids of a coverage, in degrees."""
    codes = [code for code, one in coverage.divisions.items() if one.level == GRID]
    return {code: coverage.outline(code) for code in codes}


def known_counts(lines: Sequence[StoredLine]) -> KnownCounts | None:
    """Return the households of the smallest divisions, None unless all are known."""
    parents = {line.parent for line in lines}
    finest = [line for line in lines if line.code not in parents]
    numbers = [line.households for line in finest if line.households is not None]
    if not finest or len(numbers) < len(finest):
        return None
    return KnownCounts([line.shape for line in finest], numbers)


def _merge(
    before: Laid, areas: Sequence[StoredNetworkArea], lines: Sequence[StoredLine], order: Sequence[str], asked: Question
) -> Merged:
    proposed: list[Proposed] = []
    after = before
    if asked.path.rpartition(".")[2] not in before.grids.codes:
        coverage = build(lines, top=asked.path.rpartition(".")[2], levels=levels_of(lines, order=order))
        proposed, drawn = proposals(before, coverage)
        after = before if drawn is coverage else lay_all(areas, grids_of(drawn), width=asked.width)
    known = known_counts(lines)
    return Merged(before, proposed, after, [*mapped(after)], carried(after, known), known is not None)
