"""Reference data for checking rows: the county's outline, divisions and vocabulary."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from geoalchemy2.shape import to_shape
from shapely import Point
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.place.pack import Pack
from ingest.files.checked_rows import Checked, NumberedRow, Vocabulary
from ingest.files.checking import CountyOutline, merge_lookups
from ingest.files.problems import FileRefused, Problem, refuse
from layers.divisions.locks import hold_lines
from layers.divisions.queries import locate, on_day
from layers.divisions.tables import Division

CheckedRow = TypeVar("CheckedRow", bound=NumberedRow)


async def county_outline(session: AsyncSession, pack: Pack, day: date) -> CountyOutline:
    """Load the county's outline. Raises FileRefused if there is none."""
    root = await session.scalar(select(Division).where(Division.code == pack.root.code, on_day(day)))
    if root is None:
        raise refuse("county.missing", root=pack.root.code)
    return CountyOutline(to_shape(root.geom))


async def paths_on(session: AsyncSession, day: date) -> dict[str, str]:
    """Return the path of each division by its code."""
    known = await session.execute(select(Division.code, Division.division_path).where(on_day(day)))
    return {row.code: row.division_path for row in known}


async def paths_of(
    session: AsyncSession, placed: Sequence[tuple[str, Point]], *, paths: Mapping[str, str], root: str, day: date
) -> list[str]:
    """Return paths of divisions: by code, or without one the smallest division around the point."""
    await hold_lines(session)
    points = [(point.x, point.y) for _, point in placed]
    places = await locate(session, points, days=[day] * len(points))
    return [
        paths[code] if code else place.path if place else root for (code, _), place in zip(placed, places, strict=True)
    ]


def require_valid(checked: Checked[CheckedRow], *, skip_bad: bool = False) -> Checked[CheckedRow]:
    """Return checked rows. Raises FileRefused if there is any problem.

    With `skip_bad`, the problems come back beside the good rows, unless one is of the whole file or no row is good.
    """
    problems = sorted(checked.problems, key=lambda p: (p.row or 0, p.field or "", p.code))
    bad = {problem.row for problem in problems}
    rows = [row for row in checked.rows if row.row not in bad] if bad else checked.rows
    if problems and (not skip_bad or None in bad or not rows):
        raise FileRefused(problems)
    return replace(checked, rows=rows, problems=problems)


def counted(counts: Mapping[str, int], problems: Sequence[Problem]) -> dict[str, int]:
    """Return rows by outcome, with those that problems left out."""
    rejected = len({problem.row for problem in problems})
    return {**counts, "rejected": rejected} if rejected else dict(counts)


def vocabulary_of(pack: Pack) -> Vocabulary:
    """Collect the pack's codes with their names and, for categories, aliases of other systems."""

    def named(items: Sequence[Any]) -> dict[str, str]:
        return {word: item.code for item in items for word in (item.names.zh, item.names.en)}

    def coded(items: Sequence[Any]) -> dict[str, str]:
        return {item.code: item.code for item in items}

    incidents, forces, ways = pack.incidents, pack.forces, pack.dispatch.travel
    aliases = {alias: c.code for c in incidents.categories for alias in c.aliases}
    modes: dict[str, str] = {way.mode: way.mode for way in ways}
    return Vocabulary(
        categories=merge_lookups(coded(incidents.categories), named(incidents.categories), aliases),
        classes=merge_lookups(coded(incidents.classes), named(incidents.classes)),
        risks=merge_lookups(coded(incidents.risks), named(incidents.risks)),
        kinds=merge_lookups(coded(forces.kinds), named(forces.kinds)),
        modes=merge_lookups(modes, {name: way.mode for way in ways for name in (way.names.zh, way.names.en)}),
        mode_of_kind={k.code: k.mode for k in forces.kinds},
        duty_of_kind={k.code: k.duty for k in forces.kinds},
        languages=merge_lookups(coded(forces.languages), named(forces.languages)),
        sources=merge_lookups(coded(pack.reports.sources), named(pack.reports.sources)),
    )
