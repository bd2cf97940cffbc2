"""A file of lines becomes a new plan from the command line; what is wrong with it is numbered, placed and drawn."""

from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.intake.edited_lines import edited_rows
from api.keeping.commands.draft_import import Made, Wanted, file_refused, make_draft
from api.keeping.commands.import_messages import message_of
from api.place.reading import load_pack
from console.planning.importing import EditedFile
from geo.coverage.refusals import PlanRefused
from geo.datum import Datum
from geo.store import Reach, Store
from ingest.files.edited_lines import read_drawn
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused
from tests.api.http.test_plan_files import exported, here, read, to_gcj
from tests.api.http.test_plans import GRID_1, GRID_2, PLANS, made
from tests.ingest.files.making import rows_of
from tests.worlds import ROOT, SIDE, ClientAs, World

__all__ = ["here"]
pytestmark = pytest.mark.usefixtures("here")
MICRO, OTHER = f"{GRID_1}01", f"{GRID_1}02"


async def drafted(store: Store, rows: gpd.GeoDataFrame, folder: Path) -> Made:
    path = folder / "edited.gpkg"
    rows.reset_index(drop=True).to_file(path, layer="lines_wgs84", driver="GPKG")
    edited = EditedFile(edited_rows(read_drawn(rows_of(path), Options(Datum.WGS84))), Datum.WGS84)
    async with store.transaction(Reach(scope=ROOT)) as session:
        wanted = Wanted("Redrawn", "planner", ROOT, edited)
        return await make_draft(session, load_pack("wujiang"), wanted, now=datetime.now(UTC))


async def test_a_file_becomes_a_plan_of_operations_or_is_refused_with_numbered_faults(
    client_as: ClientAs, world: World, store: Store, tmp_path: Path
) -> None:
    planner = client_as("planner")
    rows = read(await exported(planner, (await made(planner, division=ROOT))["id"]))
    assert len(rows) == len(world.micro_grids())
    edited = rows.copy()
    edited.loc[OTHER, "parent_code"] = GRID_2
    done = await drafted(store, edited, tmp_path)
    plan = (await planner.get(f"{PLANS}/{done.plan}")).json()
    assert (done.operations, plan["title"], plan["state"]) == (1, "Redrawn", "draft")
    (step,) = plan["operations"]
    assert (step["operation"]["op"], step["operation"]["codes"]) == ("reassign", [OTHER])

    refused = await faults_of(store, broken(rows), tmp_path)
    assert {one.code for one in refused.problems} == {"draft.overlap", "draft.gap", "draft.outside"}
    assert [one.params["number"] for one in refused.problems] == [*range(1, len(refused.problems) + 1)]
    assert len(refused.drawing) == len(refused.problems)
    for chinese in (False, True):
        assert all("{" not in message_of(one, chinese=chinese) and "?" not in message_of(one, chinese=chinese)
                   for one in refused.problems)  # fmt: skip

    elsewhere = rows.set_geometry(rows.geometry.map(lambda shape: shapely.transform(shape, to_gcj)))
    (offset,) = (await faults_of(store, elsewhere, tmp_path)).problems
    assert (offset.code, offset.params["likely"]) == ("draft.other_place", "gcj02")
    assert "gcj02" in message_of(offset, chinese=True)


def broken(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave one micro-grid out, and draw another over its neighbour."""
    other = rows.loc[[OTHER]].set_geometry([shapely.buffer(rows.loc[OTHER].geometry, SIDE / 5, join_style="mitre")])
    return gpd.GeoDataFrame(pd.concat([rows.drop(index=[MICRO, OTHER]), other]), crs=rows.crs)


async def faults_of(store: Store, rows: gpd.GeoDataFrame, folder: Path) -> FileRefused:
    with pytest.raises(PlanRefused) as caught:
        await drafted(store, rows, folder)
    return file_refused(caught.value)
