"""Vector tiles over HTTP."""

import httpx
import pytest

from tests.layers.test_tiles import tile_at
from tests.mvt import decode
from tests.worlds import LAT, LON, ClientAs, World

HERE = tile_at(14, LON + 0.005, LAT + 0.004)
URL = f"/ogc/tiles/WebMercatorQuad/{HERE.z}/{HERE.y}/{HERE.x}"
MVT = "application/vnd.mapbox-vector-tile"


async def test_one_tile_holds_what_the_map_draws(client_as: ClientAs) -> None:
    answer = await client_as("operator").get(URL)
    assert answer.status_code == 200 and answer.headers["content-type"] == MVT
    assert set(decode(answer.content)) == {"divisions", "divisions_label", "cameras"}


async def test_collections_choose_the_source_layers(client_as: ClientAs) -> None:
    answer = await client_as("operator").get(URL, params={"collections": "grids,cameras"})
    assert set(decode(answer.content)) == {"grids", "cameras"}
    alone = await client_as("operator").get(f"/ogc/collections/grids/tiles/WebMercatorQuad/{HERE.z}/{HERE.y}/{HERE.x}")
    assert set(decode(alone.content)) == {"grids"}


async def test_who_has_the_tile_is_told_so(client_as: ClientAs) -> None:
    first = await client_as("operator").get(URL)
    again = await client_as("operator").get(URL, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    assert "private" in first.headers["cache-control"] and "Cookie" in first.headers["vary"]


async def test_a_town_gets_no_other_towns_names_or_cameras(client_as: ClientAs, world: World) -> None:
    whole = tile_at(12, LON + 0.02, LAT + 0.02)
    answer = await client_as("operator_east").get(f"/ogc/tiles/WebMercatorQuad/12/{whole.y}/{whole.x}")
    assert b"East South Village" in answer.content and b"West" not in answer.content
    assert b"Camera 5" in answer.content and b"Camera 1" not in answer.content


async def test_old_lines_are_drawn_on_their_day(client_as: ClientAs) -> None:
    answer = await client_as("operator").get(URL, params={"datetime": "2020-01-01", "collections": "divisions"})
    assert answer.status_code == 200 and answer.content == b""


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ogc/tiles/WebMercatorQuad/2/4/0", 404),
        ("/ogc/tiles/WebMercatorQuad/99/0/0", 422),
        ("/ogc/tiles/WebMercatorQuad/0/0/0?collections=nothing", 404),
        ("/ogc/collections/nothing/tiles/WebMercatorQuad/0/0/0", 404),
    ],
)
async def test_what_there_is_not_is_refused(client_as: ClientAs, path: str, status: int) -> None:
    assert (await client_as("operator").get(path)).status_code == status


async def test_a_stranger_gets_none_and_a_source_may_not(client_as: ClientAs, client: httpx.AsyncClient) -> None:
    assert (await client_as("source").get(URL)).status_code == 403
    assert (await client.get(URL)).status_code == 401
