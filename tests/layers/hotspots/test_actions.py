"""Counts of incidents in the database."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.cells import point_cells
from geo.store import Reach, Store
from layers.hotspots.actions import KEY, count_incidents, move_count, rebuild, share_out_exposure
from layers.hotspots.rules import CountedIncident
from layers.hotspots.tables import CellCount, CellExposure
from tests.counts import seen_as_rows
from tests.worlds import ROOT

HERE = point_cells(120.615, 31.115)
SEEN = CountedIncident("320509.320509100", 120.615, 31.115, "dispute.family", datetime(2026, 3, 2, 2, 7, tzinfo=UTC))


async def rows(session: AsyncSession) -> set[tuple[object, ...]]:
    columns = [CellCount.__table__.c[name] for name in (*KEY, "n")]
    found = await session.execute(select(*columns))
    return {tuple(row) for row in found}


async def test_incidents_of_one_quarter_cell_and_category_are_one_row(session: AsyncSession) -> None:
    await count_incidents(session, [SEEN, replace(SEEN, occurred_at=SEEN.occurred_at + timedelta(minutes=7))])
    await count_incidents(session, [SEEN])
    bucket = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert await rows(session) == {("320509.320509100", *HERE[::-1], "dispute.family", bucket, 3)}


async def test_an_edited_category_moves_the_count_and_leaves_no_empty_row(session: AsyncSession) -> None:
    await count_incidents(session, [SEEN])
    await move_count(session, SEEN, replace(SEEN, category="hazard.fire"))
    assert {row[-3::2] for row in await rows(session)} == {("hazard.fire", 1)}


async def test_an_edit_that_changes_nothing_counts_nothing(session: AsyncSession) -> None:
    await count_incidents(session, [SEEN])
    before = await rows(session)
    await move_count(session, SEEN, SEEN)
    assert await rows(session) == before


async def test_a_recount_replaces_wrong_counts(session: AsyncSession) -> None:
    await count_incidents(session, [SEEN])
    other = replace(SEEN, category="opinion")
    assert await rebuild(session, seen_as_rows([other, other])) == 1
    assert {row[-3::2] for row in await rows(session)} == {("opinion", 2)}


async def test_a_recount_agrees_on_quarters_before_the_epoch(session: AsyncSession) -> None:
    old = replace(SEEN, occurred_at=datetime(1955, 6, 1, 2, 14, 59, 999999, tzinfo=UTC))
    await count_incidents(session, [old])
    kept = await rows(session)
    await rebuild(session, seen_as_rows([old]))
    assert await rows(session) == kept


async def test_two_batches_in_opposite_order_do_not_deadlock(store: Store) -> None:
    batch = [replace(SEEN, occurred_at=SEEN.occurred_at + i * timedelta(minutes=15)) for i in range(200)]

    async def write(seen: Sequence[CountedIncident]) -> None:
        for _ in range(10):
            async with store.transaction(Reach(scope=ROOT)) as session:
                await count_incidents(session, seen)

    await asyncio.gather(write(batch), write(batch[::-1]), write(batch[100:] + batch[:100]))
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert await session.scalar(select(func.sum(CellCount.n))) == 200 * 30


@pytest.mark.usefixtures("world")
async def test_households_are_shared_out_completely(store: Store) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        cells = await share_out_exposure(session, day=date(2026, 3, 2))
        households, enterprises, n = (
            await session.execute(
                select(func.sum(CellExposure.households), func.sum(CellExposure.enterprises), func.count())
            )
        ).one()
    assert n == cells
    assert households == pytest.approx(1600)
    assert enterprises == pytest.approx(160)
