"""A point belongs to the same micro-grid in a draft as in the database, once the draft's lines are in force."""

from datetime import date

import shapely
from sqlalchemy.ext.asyncio import AsyncSession

from geo.coverage.editing.applying import apply
from geo.coverage.editing.splitting import Split
from geo.coverage.owners import owners_of
from layers.divisions.actions import add_many
from layers.divisions.queries import locate
from layers.divisions.rules import NewDivision
from tests.geo.coverage.made import drawn_county

FIRST = date(2026, 1, 1)


async def test_corners_and_middles_of_edges_have_the_owner_that_incidents_get(session: AsyncSession) -> None:
    drawn = drawn_county(24)
    west, south, east, north = drawn.shapes[drawn.finest[5]].bounds
    coverage = apply(drawn, Split(drawn.finest[5], ((west, south), (east, north)))).coverage
    lines = [
        NewDivision(
            code=code,
            level=one.level,
            name=one.name,
            path=coverage.tree.path(code),
            valid_from=FIRST,
            geometry=shapely.MultiPolygon([*shapely.get_parts(coverage.outline(code))]),
        )
        for code, one in coverage.divisions.items()
    ]
    await add_many(session, lines)
    corners = sorted({point for edge in coverage.edges.values() for point in edge.line})
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for e in coverage.edges.values() for a, b in [e.line[:2]]]
    points = [*corners, *middles]
    located = await locate(session, points, days=[FIRST] * len(points))
    assert owners_of(coverage, points) == [place and place.codes["micro_grid"] for place in located]
