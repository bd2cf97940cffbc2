"""Plans as files over HTTP: a draft goes out in every format, and comes back as what was done to it elsewhere."""

from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import pytest

from tests.api.http.test_plans import GRID_1, PLANS, drawn, made
from tests.worlds import ClientAs, World

FORMATS = ("gpkg", "geojson", "shp", "kml", "fgb")
ENDINGS = {"shp": ".zip"}


async def exported(planner: httpx.AsyncClient, plan: int, kind: str = "gpkg", **query: str) -> bytes:
    answer = await planner.get(f"{PLANS}/{plan}/export", params={"format": kind, **query})
    assert answer.status_code == 200, answer.text
    return answer.content


async def imported(planner: httpx.AsyncClient, plan: int, content: bytes, **query: Any) -> dict[str, Any]:
    answer = await planner.post(f"{PLANS}/{plan}/import", content=content, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(content: bytes) -> gpd.GeoDataFrame:
    return gpd.read_file(BytesIO(content))


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_draft_goes_out_and_comes_back_unchanged(
    kind: str, client_as: ClientAs, world: World, tmp_path: Path
) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    await drawn(planner, plan, op="rename", code=GRID_1, name="一号网格")
    content = await exported(planner, plan, kind)
    found = await imported(planner, plan, content)
    assert (found["operations"], found["kept"], found["version"]) == ([], False, 2)
