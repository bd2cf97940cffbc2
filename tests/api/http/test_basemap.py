"""Tiles of the basemap over HTTP, and what the county tells of it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from layers.basemap.archive import BasemapInfo, Basemaps
from layers.tiles import Scheme, tile_at
from tests.basemaps import ON_LAND, built, write_town
from tests.mvt import decode
from tests.worlds import ClientAs

pytestmark = pytest.mark.served

AT = tile_at(*ON_LAND, z=14, scheme=Scheme.WEB_MERCATOR)
STREETS = {True: {"highway": "residential"}, False: {"highway": "primary", "bridge": "yes"}}
KEPT = "private, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("basemap")
    built(write_town(folder / "town.osm.pbf"), folder)
    return folder


@pytest.fixture
def basemaps(app: FastAPI, folder: Path) -> Iterator[Basemaps]:
    """The server's basemap, which it finds in that folder."""
    basemaps: Basemaps = app.state.services.basemaps
    basemaps.folder = folder
    yield basemaps
    basemaps.close()


def url(version: str, *, z: int = AT.z, x: int = AT.x, y: int = AT.y) -> str:
    return f"/api/basemap/{version}/{z}/{x}/{y}"


async def version_of(client: httpx.AsyncClient) -> str:
    told = (await client.get("/api/county")).json()["basemap"]
    return str(told["version"])


async def test_without_a_basemap_there_is_none_and_no_tile(client_as: ClientAs) -> None:
    operator = client_as("operator")
    assert (await operator.get("/api/county")).json()["basemap"] is None
    assert (await operator.get(url("1"))).status_code == 404


async def test_the_county_tells_what_basemap_there_is(client_as: ClientAs, basemaps: Basemaps, folder: Path) -> None:
    told = (await client_as("operator").get("/api/county")).json()["basemap"]
    info = BasemapInfo.load(folder)
    assert info is not None and told["version"] == info.version and told["built_at"].startswith("2026-03-01")
    assert (told["origin"], told["credit"]) == ("given", "© OpenStreetMap contributors")
    assert tuple(told["bbox"]) == info.bbox and (told["min_zoom"], told["max_zoom"]) == (8, 14)


async def test_a_tile_is_kept_for_ever_under_its_version(client_as: ClientAs, basemaps: Basemaps) -> None:
    """Without ranges: a browser's cache holds whole answers alone."""
    operator = client_as("operator")
    path = url(await version_of(operator))
    tile = await operator.get(path)
    assert {"roads", "labels"} <= decode(tile.content).keys()
    assert tile.headers["cache-control"] == KEPT and tile.headers["content-encoding"] == "gzip"
    plain = await operator.get(path, headers={"Accept-Encoding": "identity", "Range": "bytes=0-15"})
    assert plain.status_code == 200 and plain.content == tile.content and "content-encoding" not in plain.headers
    again = await operator.get(path, headers={"If-None-Match": tile.headers["etag"]})
    assert again.status_code == 304 and again.content == b"" and again.headers["cache-control"] == KEPT
    nothing = await operator.get(url(await version_of(operator), x=0, y=0))
    assert nothing.status_code == 200 and nothing.content == b""


async def test_tiles_need_sign_in_and_the_right_to_read_layers(
    client_as: ClientAs, client: httpx.AsyncClient, basemaps: Basemaps
) -> None:
    assert (await client.get(url("1"))).status_code == 401
    assert (await client_as("source").get(url("1"))).status_code == 403
    assert (await client_as("operator").get(url("1", z=2, x=4, y=0))).status_code == 404
    assert (await client_as("operator").get(url("1", z=99))).status_code == 422


async def test_new_basemaps_are_built_under_requests(client_as: ClientAs, basemaps: Basemaps, tmp_path: Path) -> None:
    """Three are built in turn while tiles are asked: each is whole, and kept by its own address alone."""
    operator = client_as("operator")
    towns = [write_town(tmp_path / f"{lake}.osm.pbf", whole_lake=lake, street=STREETS[lake]) for lake in (True, False)]
    first = built(towns[0], tmp_path)
    basemaps.folder = tmp_path
    whole = {first.version: (await operator.get(url(first.version))).content}
    answers: list[httpx.Response] = []
    for turn in (1, 0, 1):
        building = asyncio.create_task(asyncio.to_thread(built, towns[turn], tmp_path))
        while not building.done():
            answers += await asyncio.gather(*(operator.get(url(first.version)) for _ in range(8)))
        latest = building.result()
        assert await version_of(operator) == latest.version
        whole[latest.version] = (await operator.get(url(latest.version))).content
    assert len({*whole.values()}) == len(whole) == len(towns)
    for answer in answers:
        assert answer.status_code == 200 and answer.content in whole.values()
        is_kept = answer.headers["cache-control"] == KEPT
        assert is_kept == (answer.content == whole[first.version])
