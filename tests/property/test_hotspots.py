"""For any registrations and edits, running counts equal recounted ones, and a delta turns old cells into new."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.cells import cell_of
from layers.hotspots.actions import count_incidents, move_count, rebuild
from layers.hotspots.rules import CountedIncident, HotCell, delta
from layers.hotspots.tables import CellCount
from tests.counts import seen_as_rows
from tests.property.depth import examples

CELLS = [cell_of(120.6 + i * 0.002, 31.1) for i in range(3)]
START = datetime(2026, 3, 2, tzinfo=UTC)

seen = st.builds(
    CountedIncident,
    division_path=st.sampled_from(["320509.1", "320509.2"]),
    cell=st.sampled_from(CELLS),
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


@given(old=hot_cells, new=hot_cells)
def test_a_delta_turns_old_into_new(old: list[HotCell], new: list[HotCell]) -> None:
    change = delta(old, new)
    view = {cell.cell: cell for cell in old}
    view.update({cell.cell: cell for cell in change.changed})
    for gone in change.gone:
        del view[gone]
    assert view == {cell.cell: cell for cell in new}
