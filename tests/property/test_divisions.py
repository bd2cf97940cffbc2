"""However often and in whatever order of days divisions are redrawn: on every day they are nested partitions, the past
is unchanged, and every point is located in the division of its day.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import shapely
from geoalchemy2.shape import to_shape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from layers.divisions.actions import replace_divisions
from layers.divisions.queries import locate, on_day
from layers.divisions.rules import NewDivision
from layers.divisions.tables import Division
from tests.property.depth import examples

ROOT, VILLAGES = "320509", ("320509.v0", "320509.v1")
START = date(2026, 1, 1)
SIDE = 12
"""Each village is that many steps wide and high: whole numbers, so that unions are exact."""


@dataclass(frozen=True, slots=True)
class Redrawing:
    """A list of a village's grids (cut into columns) or of a grid's micro-grids (cut into rows) from a day on. `codes`
    are assigned to its pieces in order: some are those of earlier pieces elsewhere.
    """

    day: int
    village: int
    below: int | None
    cuts: list[int]
    codes: list[int]

    @property
    def edges(self) -> list[int]:
        return [0, *sorted(self.cuts), SIDE]

    @property
    def from_day(self) -> date:
        return START + timedelta(days=self.day)


redrawings = st.builds(
    Redrawing,
    day=st.integers(0, 6),
    village=st.integers(0, 1),
    below=st.one_of(st.none(), st.integers(0, 4)),
    cuts=st.lists(st.integers(1, SIDE - 1), max_size=4, unique=True),
    codes=st.permutations(range(6)),
)


def line(path: str, level: str, box: tuple[float, float, float, float], day: date) -> NewDivision:
    shape = shapely.MultiPolygon([shapely.box(*box)])
    code = path.rpartition(".")[2]
    return NewDivision(code=code, level=level, name=code, path=path, valid_from=day, geometry=shape)


def first_lines() -> list[NewDivision]:
    county = line(ROOT, "county", (0, 0, 2 * SIDE, SIDE), START)
    villages = [line(path, "village", (SIDE * i, 0, SIDE * (i + 1), SIDE), START) for i, path in enumerate(VILLAGES)]
    return [county, *villages]


async def standing(session: AsyncSession, day: date) -> dict[str, Division]:
    rows = list(await session.scalars(select(Division).where(on_day(day)).execution_options(populate_existing=True)))
    found = {row.code: row for row in rows}
    assert len(found) == len(rows), "a code stands once on a day"
    return found


async def redraw(session: AsyncSession, change: Redrawing) -> None:
    """Import one list of divisions, ending those that no longer fit."""
    day, village = change.from_day, VILLAGES[change.village]
    there = await standing(session, day)
    # A grid that will end gets no new micro-grids: they would outlive it, and the import refuses them.
    grids = sorted(
        row.division_path
        for row in there.values()
        if row.parent_code == village.rpartition(".")[2] and row.valid_to is None
    )
    if change.below is None:
        lines = _columns(change, village, x=SIDE * change.village)
    elif grids:
        grid = grids[change.below % len(grids)]
        lines = _rows(change, grid, to_shape(there[grid.rpartition(".")[2]].geom))
    else:
        return
    await replace_divisions(session, lines, from_day=day, ending=await _no_longer_fit(session, lines, day))


def _columns(change: Redrawing, village: str, *, x: int) -> list[NewDivision]:
    pieces = zip(change.edges, change.edges[1:], change.codes, strict=False)
    return [
        line(f"{village}.g{change.village}{code}", "grid", (x + a, 0, x + b, SIDE), change.from_day)
        for a, b, code in pieces
    ]


def _rows(change: Redrawing, grid: str, outline: BaseGeometry) -> list[NewDivision]:
    west, _, east, _ = outline.bounds
    pieces = zip(change.edges, change.edges[1:], change.codes, strict=False)
    name = grid.rpartition(".")[2]
    return [line(f"{grid}.m{name}{code}", "micro_grid", (west, a, east, b), change.from_day) for a, b, code in pieces]


async def _no_longer_fit(session: AsyncSession, lines: Sequence[NewDivision], day: date) -> set[str]:
    """Return codes below the new divisions, now or later, that their outlines do not contain."""
    outlines = {each.code: each.geometry for each in lines}
    rows = await session.scalars(select(Division).where(Division.valid_to.is_(None) | (Division.valid_to > day)))
    return {
        row.code
        for row in rows
        if row.parent_code in outlines and not outlines[row.parent_code].covers(to_shape(row.geom))
    }


def contents(there: dict[str, Division]) -> dict[str, tuple[str, bytes]]:
    return {code: (row.division_path, to_shape(row.geom).normalize().wkb) for code, row in there.items()}


def check_nested(there: dict[str, Division]) -> None:
    """Check that every division lies in its parent without overlapping siblings, and that grids fill their village."""
    shapes = {code: to_shape(row.geom) for code, row in there.items()}
    families: dict[str, list[str]] = {}
    for code, row in there.items():
        if row.parent_code is not None:
            assert row.division_path == f"{there[row.parent_code].division_path}.{code}"
            assert shapes[row.parent_code].covers(shapes[code])
            families.setdefault(row.parent_code, []).append(code)
    for parent, children in families.items():
        union = shapely.union_all([shapes[child] for child in children])
        assert union.area == sum(shapes[child].area for child in children), f"overlaps in {parent}"
        if there[parent].level != "grid":
            assert union.equals(shapes[parent]), f"gaps in {parent}"


async def check_places(session: AsyncSession, there: dict[str, Division], day: date) -> None:
    """Check that a point in the middle of any division lies in it and in its ancestors, and in no other."""
    leaves = Counter(row.parent_code for row in there.values())
    middles = {code: to_shape(row.geom).centroid for code, row in there.items() if not leaves[code]}
    places = await locate(session, [(p.x, p.y) for p in middles.values()], days=[day] * len(middles))
    for code, place in zip(middles, places, strict=True):
        assert place is not None and place.path == there[code].division_path


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(redrawings, max_size=8))
async def test_on_every_day_divisions_are_nested_partitions_and_the_past_is_unchanged(
    session: AsyncSession, history: list[Redrawing]
) -> None:
    await session.execute(delete(Division))
    await replace_divisions(session, first_lines(), from_day=START)
    days = [START + timedelta(days=n) for n in range(8)]
    before: dict[date, dict[str, tuple[str, bytes]]] = {}
    for change in history:
        await redraw(session, change)
        seen_on = {}
        for day in days:
            there = await standing(session, day)
            check_nested(there)
            seen_on[day] = contents(there)
            assert day >= change.from_day or seen_on[day] == before.get(day, seen_on[day]), "the past stays as it was"
        before = seen_on
    for day in days:
        await check_places(session, await standing(session, day), day)
