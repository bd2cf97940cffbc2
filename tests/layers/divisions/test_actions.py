"""Divisions begin and end on their day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import shapely
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from layers.divisions.actions import Replaced, replace_divisions
from layers.divisions.bulk import read_boundaries
from layers.divisions.queries import list_named, locate
from layers.divisions.rules import NewDivision
from layers.divisions.tables import Division

FIRST, LATER, LAST = date(2024, 1, 1), date(2026, 1, 1), date(2026, 6, 1)


def line(path: str, level: str, box: tuple[float, float, float, float], *, day: date = FIRST) -> NewDivision:
    code = path.rpartition(".")[2]
    shape = shapely.MultiPolygon([shapely.box(*box)])
    return NewDivision(code=code, level=level, name=f"Name of {code}", path=path, valid_from=day, geometry=shape)


COUNTY = [
    line("320509", "county", (0, 0, 4, 4)),
    line("320509.v", "village", (0, 0, 4, 4)),
    line("320509.v.a", "grid", (0, 0, 2, 4)),
    line("320509.v.b", "grid", (2, 0, 4, 4)),
    line("320509.v.a.m", "micro_grid", (0, 0, 2, 4)),
    line("320509.v.b.n", "micro_grid", (2, 0, 4, 4)),
]


def on(day: date, lines: Sequence[NewDivision]) -> list[NewDivision]:
    return [replace(each, valid_from=day) for each in lines]


async def held(session: AsyncSession, day: date) -> set[str]:
    return {named.code for named in await list_named(session, day=day)}


async def test_first_divisions_begin(session: AsyncSession) -> None:
    assert await replace_divisions(session, COUNTY, from_day=FIRST) == Replaced(begun=6, ended=0, kept=0)
    assert await held(session, FIRST) == {"320509", "v", "a", "b", "m", "n"}
    assert await held(session, date(2023, 12, 31)) == set()


async def test_replacing_by_the_same_divisions_changes_nothing(session: AsyncSession) -> None:
    await replace_divisions(session, COUNTY, from_day=FIRST)
    assert await replace_divisions(session, on(LATER, COUNTY), from_day=LATER) == Replaced(begun=0, ended=0, kept=6)


async def test_a_changed_boundary_begins_on_its_day_and_the_old_one_ends_then(session: AsyncSession) -> None:
    await replace_divisions(session, COUNTY, from_day=FIRST)
    moved = [line("320509.v.a", "grid", (0, 0, 3, 4)), line("320509.v.b", "grid", (3, 0, 4, 4))]
    assert await replace_divisions(session, on(LATER, moved), from_day=LATER) == Replaced(begun=2, ended=2, kept=0)
    before, after = await locate(session, [(2.5, 2), (2.5, 2)], days=[date(2025, 12, 31), LATER])
    assert before is not None and before.codes["grid"] == "b"
    assert after is not None and after.codes["grid"] == "a"


async def test_a_division_left_out_ends_with_all_below_it(session: AsyncSession) -> None:
    await replace_divisions(session, COUNTY, from_day=FIRST)
    await replace_divisions(session, on(LATER, [line("320509.v.a", "grid", (0, 0, 4, 4))]), from_day=LATER)
    assert await held(session, LATER) == {"320509", "v", "a", "m"}
    assert await held(session, FIRST) == {"320509", "v", "a", "b", "m", "n"}


async def test_replaced_future_versions_never_begin(session: AsyncSession) -> None:
    await replace_divisions(session, COUNTY, from_day=FIRST)
    await replace_divisions(session, on(LAST, [line("320509.v.c", "grid", (0, 0, 4, 4))]), from_day=LAST)
    await replace_divisions(session, on(LATER, [line("320509.v.d", "grid", (0, 0, 4, 4))]), from_day=LATER)
    assert await held(session, LAST) == {"320509", "v", "d"}
    assert await session.scalar(select(Division.id).where(Division.code == "c")) is None


async def test_replacing_twice_on_one_day_leaves_one_version(session: AsyncSession) -> None:
    await replace_divisions(session, COUNTY, from_day=FIRST)
    for east in (3.0, 3.5):
        moved = [line("320509.v.a", "grid", (0, 0, east, 4)), line("320509.v.b", "grid", (east, 0, 4, 4))]
        await replace_divisions(session, on(LATER, moved), from_day=LATER)
    versions = (await session.scalars(select(Division).where(Division.code == "a").order_by(Division.id))).all()
    assert [(row.valid_from, row.valid_to) for row in versions] == [(FIRST, LATER), (LATER, None)]


async def test_a_label_is_placed_where_there_is_room(session: AsyncSession) -> None:
    bent = shapely.union_all([shapely.box(0, 0, 10, 1), shapely.box(0, 0, 4, 4)])
    division = replace(COUNTY[0], geometry=shapely.MultiPolygon([bent]))
    assert division.label_point.distance(shapely.Point(2, 2)) < 0.3


async def test_a_point_on_a_border_always_belongs_to_the_same_side(session: AsyncSession) -> None:
    await replace_divisions(session, COUNTY, from_day=FIRST)
    here, outside = await locate(session, [(2, 2), (9, 9)], days=[FIRST, FIRST])
    assert here is not None and here.path == "320509.v.a.m"
    assert here.codes == {"county": "320509", "village": "v", "grid": "a", "micro_grid": "m"}
    assert outside is None


SLIT = 1.5e-7
"""Degrees: 1.6 cm."""


async def test_a_point_in_a_slit_belongs_to_the_nearest_division(session: AsyncSession) -> None:
    west, east = line("320509.v.a", "grid", (0, 0, 2, 4)), line("320509.v.b", "grid", (2 + SLIT, 0, 4, 4))
    await replace_divisions(session, [*COUNTY[:2], west, east], from_day=FIRST)
    inside = [(2 + 0.2 * SLIT, 2), (2 + 0.8 * SLIT, 2), (4 + 0.5 * SLIT, 2), (4 + 1e-5, 2)]
    alone = [(await locate(session, [point], days=[FIRST]))[0] for point in inside]
    assert [place and place.path for place in alone] == ["320509.v.a", "320509.v.b", "320509.v.b", None]
    many = await locate(session, [*inside, *[(1, 1)] * 60], days=[FIRST] * 64)
    assert many[:4] == alone
    boundaries = await read_boundaries(session)
    assert boundaries.locate(inside, days=[FIRST] * 4) == alone, "an import of history places them alike"
