"""OGC API Features over HTTP: collections, pages, filters, refusals; and GDAL as a client."""

import asyncio
import html
import itertools
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyogrio
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from api.http.ogc.links import OGC_REL
from geo.cells import from_hex
from geo.store import Reach, Store
from layers.hotspots.actions import count_incidents
from layers.hotspots.rules import CountedIncident
from tests.reporting import report
from tests.worlds import NOW, ROOT, ClientAs, World

Json = dict[str, Any]
COLLECTIONS = ["divisions", "grids", "micro_grids", "cameras", "key_areas", "places", "hotspots"]


async def get(client: httpx.AsyncClient, url: str, **query: Any) -> Json:
    answer = await client.get(url, params=query or None)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def every_page(client: httpx.AsyncClient, url: str) -> list[Json]:
    """Return all features, by following `next` to the end."""
    features: list[Json] = []
    following: str | None = url
    while following:
        page = await get(client, following)
        assert page["numberReturned"] == len(page["features"])
        features += page["features"]
        following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    return features


async def hot(store: Store, world: World, *where: int) -> None:
    paths = [world.micro_grids()[i] for i in where]
    async with store.transaction(Reach(scope=ROOT)) as session:
        seen = [CountedIncident(path, *world.middle_of(path), "dispute.family", NOW) for path in paths]
        await count_incidents(session, seen)


async def test_the_landing_page_links_to_all_resources(client_as: ClientAs) -> None:
    client = client_as("operator")
    landing = await get(client, "/ogc")
    for link in landing["links"]:
        answer = await client.get(link["href"])
        assert answer.status_code == 200, link
        assert answer.headers["content-type"].split(";")[0] == link["type"].split(";")[0]
    assert {"self", "service-desc", "conformance", "data"} <= {link["rel"] for link in landing["links"]}
    classes = (await get(client, "/ogc/conformance"))["conformsTo"]
    assert {url.rsplit("/", 1)[-1] for url in classes} >= {"core", "geojson", "oas30", "html", "mvt"}


async def test_collections_are_those_that_the_role_may_read(client_as: ClientAs) -> None:
    found = await get(client_as("operator"), "/ogc/collections")
    assert [each["id"] for each in found["collections"]] == [*COLLECTIONS, "incidents", "forces"]
    assert found["collections"][0]["extent"]["spatial"]["bbox"] == [[120.6, 31.1, 120.64, 31.14]]
    planner = await get(client_as("planner"), "/ogc/collections")
    assert [each["id"] for each in planner["collections"]] == [*COLLECTIONS, "networks"]
    assert (await client_as("planner").get("/ogc/collections/incidents/items")).status_code == 403
    assert (await client_as("source").get("/ogc")).status_code == 403


async def test_pages_follow_each_other_to_the_end(client_as: ClientAs) -> None:
    client = client_as("operator")
    first = await get(client, "/ogc/collections/divisions/items")
    assert (first["numberReturned"], first["numberMatched"]) == (10, 31)
    features = await every_page(client, "/ogc/collections/divisions/items?limit=7&bbox=120,31,121,32")
    assert len({feature["id"] for feature in features}) == len(features) == 31
    assert features[0]["properties"]["level"] == "county"
    assert features[0]["geometry"]["type"] == "MultiPolygon"


async def test_bbox_datetime_and_properties_filter_features(client_as: ClientAs, world: World) -> None:
    client = client_as("operator")
    lon, lat = world.middle_of(world.micro_grids()[0])
    items = "/ogc/collections/micro_grids/items"
    assert (await get(client, items, bbox=f"{lon},{lat},{lon},{lat}"))["numberMatched"] == 1
    assert (await get(client, items, bbox=f"{lon},{lat},-5,{lon},{lat},90"))["numberMatched"] == 1
    assert (await get(client, items, datetime="2020-01-01"))["numberMatched"] == 0
    assert (await get(client, items, datetime="../2024-01-01T00:00:00Z"))["numberMatched"] == 16
    divisions = "/ogc/collections/divisions/items"
    assert (await get(client, divisions, level="town"))["numberMatched"] == 2
    assert (await get(client, divisions, generated="true", households=100))["numberMatched"] == 16


@pytest.mark.parametrize(
    "query",
    [
        "crs=EPSG:3857",
        "bbox=1,2,3", "bbox=1,2,x,4", "bbox=5,0,1,9", "bbox=nan,0,1,1", "limit=0", "limit=-1", "limit=ten", "cursor=x",
        "datetime=yesterday", "datetime=2026-01-02/2026-01-01", "datetime=2026-01-01/2026-01-02/2026-01-03",
        "datetime=2026-02-01T10:00:00", "datetime=20260201", "datetime=2026-W05-1", "datetime=2026-02-30",
        "datetime=9999-12-31T23:59:59-14:00", "area_m2=nan", "households=1_0", "valid_from=20260101",
        "nothing=1", "households=many", "generated=perhaps", "valid_from=soon",
    ],
)  # fmt: skip
async def test_unknown_and_invalid_parameters_are_refused(client_as: ClientAs, query: str) -> None:
    answer = await client_as("operator").get(f"/ogc/collections/divisions/items?{query}")
    assert answer.status_code == 400
    assert answer.json()["params"]["parameter"] == query.split("=")[0]


async def test_a_limit_above_the_maximum_is_lowered(client_as: ClientAs) -> None:
    assert (await get(client_as("operator"), "/ogc/collections/cameras/items", limit=99999))["numberReturned"] == 8


async def test_one_feature_has_its_own_address(client_as: ClientAs) -> None:
    client = client_as("operator")
    camera = (await get(client, "/ogc/collections/cameras/items", limit=1))["features"][0]
    alone = await get(client, f"/ogc/collections/cameras/items/{camera['id']}")
    assert alone["properties"] == camera["properties"] and alone["properties"]["fov"] == 60
    for missing in ("/ogc/collections/cameras/items/999999", "/ogc/collections/cameras/items/x", "/ogc/collections/no"):
        assert (await client.get(missing)).status_code == 404


def rels_of(page: Json) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in page["links"]}


async def test_links_keep_what_was_asked(client_as: ClientAs) -> None:
    client = client_as("operator")
    asked = "limit=3&bbox=120%2C31%2C121%2C32&datetime=2026-01-01"
    items = "/ogc/collections/micro_grids/items"
    pages = [await get(client, f"{items}?{asked}&f=json")]
    while following := rels_of(pages[-1]).get("next"):
        pages.append(await get(client, following))
    assert [page["numberReturned"] for page in pages] == [3, 3, 3, 3, 3, 1]
    for page in pages:
        assert all(set(asked.split("&")) <= set(href.partition("?")[2].split("&")) for href in rels_of(page).values())
    assert "prev" not in rels_of(pages[0])
    for before, after in itertools.pairwise(pages):
        assert (await get(client, rels_of(after)["prev"]))["features"] == before["features"]
    page = await client.get(f"{items}?{asked}&f=html")
    assert f"{items}?{asked}&f=html&cursor=" in html.unescape(page.text)


async def test_every_number_has_a_decimal_point(client_as: ClientAs) -> None:
    client = client_as("operator")
    camera = (await client.get("/ogc/collections/cameras/items?limit=1")).text
    assert '"fov" : 60.0' in camera and '"heading" : 0.0' in camera
    division = (await client.get("/ogc/collections/divisions/items?limit=1")).text
    assert re.search(r'"area_m2" : \d+\.\d', division) and re.search(r'"households" : (\d+|null),', division)


async def test_schema_and_queryables_describe_every_property(client_as: ClientAs) -> None:
    client = client_as("operator")
    for each in (await get(client, "/ogc/collections"))["collections"]:
        links = rels_of(each)
        schema = await get(client, links[f"{OGC_REL}schema"])
        queryables = await get(client, links[f"{OGC_REL}queryables"])
        assert links["describedby"] == links[f"{OGC_REL}schema"] == schema["$id"]
        named = [name for name in schema["properties"] if name not in ("id", "geometry")]
        assert [name for name in queryables["properties"] if name != "geometry"] == named
        assert queryables["additionalProperties"] is False
        features = (await get(client, links["items"].partition("?")[0]))["features"]
        assert not features or list(features[0]["properties"]) == named
    cameras = (await get(client, "/ogc/collections/cameras/schema"))["properties"]
    assert cameras["fov"]["type"] == "number" and cameras["geometry"]["x-ogc-role"] == "primary-geometry"
    divisions = (await get(client, "/ogc/collections/divisions/schema"))["properties"]
    assert divisions["valid_from"]["x-ogc-role"] == "primary-interval-start"


async def test_days_are_local_and_intervals_half_open(client_as: ClientAs, store: Store, world: World) -> None:
    """The incident occurred on the 2nd of March at 00:30 in the county, which is the 1st in UTC."""
    at = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    await report(store, world, world.micro_grids()[0], at=at)
    client = client_as("operator")
    for when, matched in (
        ("2026-03-02", 1), ("2026-03-01", 0), ("2026-03-01/2026-03-02", 1), ("2026-03-02/2026-03-03", 1),
        ("../2026-03-01", 0), ("2026-03-03/..", 0), ("../..", 1), ("2026-03-01T16:30:00Z", 1),
        ("2026-03-02T00:30:00%2B08:00", 1), ("2026-03-01T16:30:00Z/2026-03-01T17:00:00Z", 1),
        ("2026-03-01T16:00:00Z/2026-03-01T16:30:00Z", 0), ("2026-03-01T16:30:00Z/2026-03-01T16:30:00Z", 1),
    ):  # fmt: skip
        assert (await get(client, f"/ogc/collections/incidents/items?datetime={when}"))["numberMatched"] == matched, (
            when
        )


async def test_a_feature_of_another_view_is_found_alone(client_as: ClientAs, store: Store, world: World) -> None:
    await hot(store, world, 0, 0, 0)
    client = client_as("operator")
    items = "/ogc/collections/hotspots/items"
    [feature] = (await get(client, items, res=8, window="7d"))["features"]
    assert (await get(client, f"{items}/{feature['id']}"))["properties"]["res"] == 8
    alone = await get(client, f"{items}/{feature['id']}", res=8, window="7d")
    assert alone["properties"]["window"] == "7d" and rels_of(alone)["self"].endswith("?res=8&window=7d")
    assert (await client.get("/ogc/collections/cameras/items/1?res=8")).status_code == 400


async def test_features_are_compressed(client_as: ClientAs) -> None:
    answer = await client_as("operator").get("/ogc/collections/divisions/items?limit=100")
    assert answer.headers["content-encoding"] == "gzip"
    assert {"Accept", "Accept-Encoding"} <= set(answer.headers["vary"].split(", "))
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"


async def test_hotspots_are_hexagons(client_as: ClientAs, store: Store, world: World) -> None:
    await hot(store, world, 0, 0, 0, 15)
    client = client_as("operator")
    features = await every_page(client, "/ogc/collections/hotspots/items?limit=1")
    assert sorted(feature["properties"]["count"] for feature in features) == [1, 3]
    assert len(features[0]["geometry"]["coordinates"][0]) == 7
    items = "/ogc/collections/hotspots/items"
    assert (await get(client, items, count=3, res=8))["features"][0]["properties"]["res"] == 8
    assert (await get(client, items, category="hazard"))["numberMatched"] == 0
    assert (await get(client, items, datetime=f"../{NOW.isoformat()}"))["numberMatched"] == 0, "before they occurred"
    assert (await get(client, items, datetime=f"{(NOW + timedelta(days=3)).isoformat()}"))["numberMatched"] == 2
    alone = await get(client, f"{items}/{features[0]['id']}")
    assert from_hex(alone["properties"]["cell"]) and alone["id"] == features[0]["id"]
    for wrong in ({"res": 3}, {"window": "2h"}, {"category": "no.such"}):
        assert (await client.get(items, params=wrong)).status_code == 400


async def test_a_town_gets_no_features_of_other_towns(client_as: ClientAs, store: Store, world: World) -> None:
    await hot(store, world, 0, 15)
    west, east = client_as("operator_west"), client_as("operator_east")
    for collection, n in (("divisions", 16), ("micro_grids", 8), ("cameras", 4), ("hotspots", 1), ("forces", 7)):
        mine = await every_page(west, f"/ogc/collections/{collection}/items")
        theirs = await every_page(east, f"/ogc/collections/{collection}/items")
        assert len(mine) == len(theirs) == n
        assert "East" not in json.dumps(mine) and "West" not in json.dumps(theirs)
        other = max(feature["id"] for feature in theirs)
        assert (await west.get(f"/ogc/collections/{collection}/items/{other}")).status_code == 404


async def test_responses_are_available_as_html_pages(client_as: ClientAs) -> None:
    client = client_as("operator")
    for url in ("/ogc", "/ogc/collections", "/ogc/collections/cameras", "/ogc/collections/cameras/items"):
        answer = await client.get(url, params={"f": "html"})
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
        assert "<script" not in answer.text and "style" not in answer.text
    browser = await client.get("/ogc/collections/cameras/items", headers={"Accept": "text/html,*/*"})
    assert "Camera 1" in browser.text and "<table>" in browser.text


async def test_tilesets_describe_address_and_content_of_tiles(client_as: ClientAs) -> None:
    client = client_as("operator")
    tilesets = await get(client, "/ogc/tiles")
    described = await get(client, tilesets["tilesets"][0]["links"][0]["href"])
    template = next(link["href"] for link in described["links"] if link["rel"] == "item")
    tile = template.format(tileMatrix=0, tileRow=0, tileCol=0)
    assert (await client.get(tile)).status_code == 200
    divisions = described["layers"][0]
    assert divisions["levels"]["town"] == 0 and divisions["levels"]["grid"] > 9
    scheme = await get(client, "/ogc/tileMatrixSets/WebMercatorQuad")
    assert scheme["tileMatrices"][0]["scaleDenominator"] == pytest.approx(559082264.0287178)
    assert {each["tileMatrix"] for each in described["tileMatrixSetLimits"]} == {str(z) for z in range(17)}
    kept = await get(client, "/ogc/tiles/WorldCRS84Quad?collections=grids&datetime=2026-01-01")
    assert "?collections=grids&datetime=2026-01-01&version=" in rels_of(kept)["item"]
    assert (await client.get("/ogc/tiles/Other")).status_code == 404
    for collection in ("grids", "cameras"):
        assert (await get(client, f"/ogc/collections/{collection}/tiles/WebMercatorQuad"))["layers"][0][
            "id"
        ] == collection


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Run the app behind a real server; the fixture has started its lifespan already."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None)
    server, sockets = uvicorn.Server(config), [config.bind_socket()]
    sockets[0].listen()  # So that who comes before the server accepts waits, and is not refused.
    serving = asyncio.create_task(server.serve(sockets=sockets))
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await serving


GDAL = """
import sys, pyogrio
url, token = sys.argv[1:]
pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": token, "GDAL_HTTP_TIMEOUT": "60"})
for name in ("divisions", "cameras"):
    frame = pyogrio.read_dataframe(f"OAPIF:{url}/ogc", layer=name, PAGE_SIZE="1000")
    print(name, len(frame), *sorted(set(frame.geom_type)), *frame.total_bounds.round(3))
print(frame.dtypes["fov"], frame["fov"].max())
tiles = f"OGCAPI:{url}/ogc/collections/grids"
frame = pyogrio.read_dataframe(tiles, layer=pyogrio.list_layers(tiles)[0][0])
print("tiles", len(set(frame["code"])), *frame.total_bounds.round(2))
"""
"""Reads in a process of its own, since GDAL holds the interpreter lock while it waits. It sets headers of its own, so
GDAL_HTTP_HEADERS would have no effect.
"""


OWSLIB = """
import sys
from owslib.ogcapi.features import Features
url, token = sys.argv[1:]
service = Features(f"{url}/ogc/", headers={"Authorization": f"Bearer {token}"})
print(*service.feature_collections())
print(*service.collection_schema("cameras")["properties"])
print(service.collection_items("divisions", level="town", limit=1)["numberMatched"], service.api()["openapi"])
"""


async def test_owslib_reads_the_collections(app: FastAPI, world: World) -> None:
    async with served(app) as url:
        assert await printed_by(OWSLIB, url, world.tokens["operator"]) == [
            "divisions grids micro_grids cameras key_areas places hotspots incidents forces",
            "id geometry code name owner heading fov range level ptz online",
            "2 3.0.3",
        ]


async def printed_by(script: str, url: str, token: str) -> list[str]:
    """Run a script in a process of its own, and return its lines."""
    reader = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, url, token, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(120):
        output, _ = await reader.communicate()
    return output.decode().splitlines()


@pytest.mark.skipif("OAPIF" not in pyogrio.list_drivers(), reason="this GDAL has no OGC API Features driver")
async def test_gdal_reads_the_collections(app: FastAPI, store: Store, world: World) -> None:
    """The last camera of a page of whole numbers has a fraction."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(text("UPDATE cameras SET fov_deg = 60.5 WHERE id = (SELECT max(id) FROM cameras)"))
    async with served(app) as url:
        found = await printed_by(GDAL, url, world.tokens["operator"])
    assert found == [
        "divisions 31 MultiPolygon 120.6 31.1 120.64 31.14",
        "cameras 8 Point 120.605 31.104 120.635 31.124",
        "float64 60.5",
        "tiles 8 120.6 31.1 120.64 31.14",
    ]
