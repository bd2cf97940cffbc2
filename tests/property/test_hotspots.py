"""For any registrations and edits, running counts equal recounted ones, and a delta turns old cells into new."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import h3.api.basic_int as h3
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.cells import cell_of, centre, ring
from layers.hotspots.actions import count_incidents, key_of, move_count, rebuild
from layers.hotspots.queries import read_counts
from layers.hotspots.rules import RESOLUTIONS, CountedIncident, HotCell, View, delta
from layers.hotspots.tables import CellCount
from tests.counts import seen_as_rows
from tests.property.depth import examples

LONGITUDES = [120.6 + i * 0.002 for i in range(3)]
START = datetime(2026, 3, 2, tzinfo=UTC)

seen = st.builds(
    CountedIncident,
    division_path=st.sampled_from(["320509.1", "320509.2"]),
    lon=st.sampled_from(LONGITUDES),
    lat=st.just(31.1),
    category=st.sampled_from(["dispute.family", "hazard", "errand"]),
    occurred_at=st.integers(0, 90).map(lambda minutes: START + timedelta(minutes=minutes)),
)
edits = st.tuples(st.integers(0, 10**6), seen)
steps = st.lists(st.one_of(st.lists(seen, max_size=6), edits), max_size=12)

hot_cells = st.dictionaries(st.integers(1, 8), st.integers(0, 3), max_size=8).map(
    lambda counts: [HotCell(cell, n, 0.0, 0.0, 1.0, "none") for cell, n in counts.items()]
)


async def rows(session: AsyncSession) -> set[tuple[object, ...]]:
    return {tuple(row) for row in await session.execute(select(CellCount.__table__))}


async def play(
    session: AsyncSession, history: list[list[CountedIncident] | tuple[int, CountedIncident]]
) -> list[CountedIncident]:
    """Register batches and edit single incidents; return the final incidents."""
    now: list[CountedIncident] = []
    for step in history:
        if isinstance(step, list):
            await count_incidents(session, step)
            now.extend(step)
        elif now:
            which, new = step[0] % len(now), step[1]
            edited = replace(now[which], category=new.category)
            await move_count(session, now[which], edited)
            now[which] = edited
    return now


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=steps)
async def test_running_counts_equal_recounted_ones(
    session: AsyncSession, history: list[list[CountedIncident] | tuple[int, CountedIncident]]
) -> None:
    await session.execute(delete(CellCount))
    in_the_end = await play(session, history)
    kept = await rows(session)
    await rebuild(session, seen_as_rows(in_the_end))
    assert await rows(session) == kept


def near_edges(res: int) -> st.SearchStrategy[tuple[float, float]]:
    """Points on and around the outline of a hexagon: between its centre and a little beyond a point of its ring."""

    def point(i: int, corner: int, along: float, out: float) -> tuple[float, float]:
        cell = cell_of(120.6 + i * 0.01, 31.1, res)
        (x0, y0), (x1, y1), (x, y) = ring(cell)[corner], ring(cell)[corner + 1], centre(cell)
        edge = x0 + along * (x1 - x0), y0 + along * (y1 - y0)
        return x + out * (edge[0] - x), y + out * (edge[1] - y)

    return st.builds(point, st.integers(0, 9), st.integers(0, 4), st.floats(0, 1), st.floats(0.97, 1.03))


@given(at=st.sampled_from(RESOLUTIONS).flatmap(near_edges))
def test_an_incident_is_counted_in_the_hexagon_that_holds_it_at_every_resolution(at: tuple[float, float]) -> None:
    _, *cells, _, _ = key_of(CountedIncident("320509", *at, "hazard", START))
    assert cells == [h3.latlng_to_cell(at[1], at[0], res) for res in (10, 9, 8, 7)]


async def test_every_hexagon_shows_what_lies_in_it(session: AsyncSession) -> None:
    rng = np.random.default_rng(8)
    points = rng.uniform((120.6, 31.1), (120.7, 31.2), (400, 2)).tolist()
    await count_incidents(session, [CountedIncident("320509.1", lon, lat, "hazard", START) for lon, lat in points])
    for res in RESOLUTIONS:
        found = await read_counts(session, View(res=res), now=START)
        shown = dict(zip(found.cells.tolist(), found.n.tolist(), strict=True))
        assert shown == Counter(h3.latlng_to_cell(lat, lon, res) for lon, lat in points), res


@given(old=hot_cells, new=hot_cells)
def test_a_delta_turns_old_into_new(old: list[HotCell], new: list[HotCell]) -> None:
    change = delta(old, new)
    view = {cell.cell: cell for cell in old}
    view.update({cell.cell: cell for cell in change.changed})
    for gone in change.gone:
        del view[gone]
    assert view == {cell.cell: cell for cell in new}
