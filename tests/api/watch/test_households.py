"""Households are shared out by the boundaries of the day, whether or not the server ran when these changed."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.intake.files.importing import import_file
from api.intake.files.jobs import ImportJob
from api.watch.households import Households
from geo.store import Reach, Store
from layers.hotspots.tables import CellExposure
from tests.api.intake.test_files import CODES, GRIDS, HALVES, TODAY, WGS84
from tests.ingest.files.making import features, rows_of
from tests.worlds import NOW, PACK, ROOT, World

ROOT_REACH = Reach(scope=ROOT)
FIRST_DAY = NOW + (GRIDS.valid_from - TODAY)
"""From this day a village has two other grids, with 1,000 households each, and its micro-grids with 400 are gone."""


async def households(store: Store) -> float:
    async with store.transaction(ROOT_REACH) as session:
        return await session.scalar(select(func.sum(CellExposure.households))) or 0


@pytest.mark.parametrize("is_there_all_the_while", [True, False])
async def test_households_are_shared_out_again_on_the_day_boundaries_begin(
    store: Store, world: World, tmp_path: Path, *, is_there_all_the_while: bool
) -> None:
    server = Households(PACK.zone)
    await server.run_maintenance(store, ROOT_REACH, now=NOW)
    path = features(tmp_path, HALVES, CODES | {"households": [1000, 1000]})
    job = ImportJob("grids", rows_of(path), WGS84, now=NOW, day=TODAY, grid_options=GRIDS)
    await import_file(store, PACK, job)
    before = await households(store)
    for now in (NOW, FIRST_DAY - timedelta(days=1)):
        await server.run_maintenance(store, ROOT_REACH, now=now)
        assert await households(store) == before == pytest.approx(1600)
    if not is_there_all_the_while:
        server = Households(PACK.zone)
    await server.run_maintenance(store, ROOT_REACH, now=FIRST_DAY)
    assert await households(store) == pytest.approx(1600 - 400 + 2000)
