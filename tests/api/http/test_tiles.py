"""Vector tiles over HTTP."""

import httpx
import pytest

from tests.layers.test_tiles import tile_at
from tests.mvt import decode
from tests.worlds import LAT, LON, ClientAs, World

HERE = tile_at(14, LON + 0.005, LAT + 0.004)
URL = f"/ogc/tiles/WebMercatorQuad/{HERE.z}/{HERE.y}/{HERE.x}"
MVT = "application/vnd.mapbox-vector-tile"


async def test_one_tile_holds_all_default_layers(client_as: ClientAs) -> None:
    answer = await client_as("operator").get(URL)
    assert answer.status_code == 200 and answer.headers["content-type"] == MVT
    assert set(decode(answer.content)) == {"divisions", "divisions_label", "cameras"}


async def test_collections_select_the_source_layers(client_as: ClientAs) -> None:
    answer = await client_as("operator").get(URL, params={"collections": "grids,cameras"})
    assert set(decode(answer.content)) == {"grids", "cameras"}
    alone = await client_as("operator").get(f"/ogc/collections/grids/tiles/WebMercatorQuad/{HERE.z}/{HERE.y}/{HERE.x}")
    assert set(decode(alone.content)) == {"grids"}


async def test_an_unchanged_tile_gives_304(client_as: ClientAs) -> None:
    first = await client_as("operator").get(URL)
    again = await client_as("operator").get(URL, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    assert "private" in first.headers["cache-control"] and "Cookie" in first.headers["vary"]


async def test_a_town_gets_no_names_or_cameras_of_other_towns(client_as: ClientAs, world: World) -> None:
    whole = tile_at(12, LON + 0.02, LAT + 0.02)
    answer = await client_as("operator_east").get(f"/ogc/tiles/WebMercatorQuad/12/{whole.y}/{whole.x}")
    assert b"East South Village" in answer.content and b"West" not in answer.content
    assert b"Camera 5" in answer.content and b"Camera 1" not in answer.content


async def test_old_boundaries_are_drawn_on_their_day(client_as: ClientAs) -> None:
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
async def test_unknown_tiles_and_collections_are_not_found(client_as: ClientAs, path: str, status: int) -> None:
    assert (await client_as("operator").get(path)).status_code == status


async def test_tiles_need_sign_in_and_a_source_is_forbidden(client_as: ClientAs, client: httpx.AsyncClient) -> None:
    assert (await client_as("source").get(URL)).status_code == 403
    assert (await client.get(URL)).status_code == 401
