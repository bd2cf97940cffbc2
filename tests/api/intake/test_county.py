"""The generated county in the store, at its reported scale."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from api.intake.county import NothingToGenerate, load_county
from api.place.pack import Demo
from api.settings import Settings
from console.access.tables import User
from console.feed.tables import OutboxEvent
from console.forces.tables import Force
from geo.store import Reach, Store
from layers.cameras.tables import Camera
from layers.divisions.tables import Division
from layers.hotspots.tables import CellExposure
from tests.worlds import NOW, PACK, ROOT

NAMES = Settings().names_dir
HASHES = {account.username: "a hash" for account in PACK.demo.accounts}
FIGURES = PACK.demo.generator


@pytest.mark.skipif(not NAMES.is_dir(), reason=f"no names of towns and villages in {NAMES}")
async def test_the_county_is_generated_at_its_scale_once(store: Store) -> None:
    assert FIGURES is not None
    first = await load_county(store, PACK, names=NAMES, passwords=HASHES, now=NOW)
    again = await load_county(store, PACK, names=NAMES, passwords=HASHES, now=NOW)
    assert (first.created, again.created) == (True, False)
    assert first.forces == again.forces
    async with store.transaction(Reach(scope=ROOT)) as session:
        levels = Counter((await session.scalars(select(Division.level))).all())
        counted = {
            table: await session.scalar(select(func.count()).select_from(table)) for table in (Camera, User, Force)
        }
        exposed = await session.scalar(select(func.sum(CellExposure.households)))
        patrol = await session.get_one(Force, first.forces["patrol"])
        events = await session.scalar(select(func.count()).select_from(OutboxEvent))
    counts = FIGURES.counts
    assert levels == {"county": 1, "town": counts.towns, "village": counts.villages, "grid": counts.grids,
                      "micro_grid": counts.micro_grids}  # fmt: skip
    assert counted[Camera] == FIGURES.cameras.count
    assert counted[User] == len(PACK.demo.accounts)
    assert exposed == pytest.approx(FIGURES.households)
    assert (patrol.kind, patrol.division_path.split(".")[1]) == ("patrol", "320509001")
    assert events == counted[Force], "one event for each force"


async def test_a_pack_without_a_generator_has_to_be_imported(store: Store) -> None:
    with pytest.raises(NothingToGenerate) as refused:
        await load_county(store, PACK.model_copy(update={"demo": Demo()}), names=NAMES, passwords={}, now=NOW)
    assert "maplebridge import" in str(refused.value)
