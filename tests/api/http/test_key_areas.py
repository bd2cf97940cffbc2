"""Key areas over HTTP: states of cameras with the unknown ones, and coverage, apart for those that can turn."""

from datetime import timedelta

import pytest
import shapely
from sqlalchemy import select

from geo.store import Reach, Store
from layers.cameras.actions import write_states
from layers.cameras.rules import SaidOfCamera
from layers.cameras.tables import Camera
from layers.key_areas.actions import register_many
from layers.key_areas.rules import KeyAreaRecord
from tests.worlds import EAST, NOW, ROOT, WEST, ClientAs, Clock, World


async def laid(store: Store) -> list[str]:
    """A square of about 200 m in front of the first camera of each town; return their cameras' codes."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        cameras = (await session.scalars(select(Camera).order_by(Camera.id))).all()
        records, codes = [], []
        for name, path in (("West", WEST), ("East", EAST)):
            camera = next(one for one in cameras if one.division_path.startswith(path))
            middle = await session.scalar(select(Camera.geom.ST_AsText()).where(Camera.id == camera.id))
            lon, lat = shapely.from_wkt(middle).coords[0]
            square = shapely.box(lon - 0.001, lat, lon + 0.001, lat + 0.0018)
            records.append(KeyAreaRecord(f"K{name}", "school", f"{name} school", shapely.MultiPolygon([square]), path))
            codes.append(camera.code)
        await register_many(session, records)
    return codes


async def said(store: Store, code: str, *, online: bool = True, said: float = 0, heard: float | None = 0) -> None:
    """Say a camera online or not, so many minutes ago."""
    heard_at = None if heard is None else NOW - timedelta(minutes=heard)
    one = SaidOfCamera(code, online, NOW - timedelta(minutes=said), heard_at)
    async with store.transaction(Reach(scope=ROOT)) as session:
        await write_states(session, [one])


async def states(client_as: ClientAs) -> dict[str, str]:
    items = (await client_as("operator").get("/api/cameras")).json()["items"]
    return {one["code"]: one["state"] for one in items}


async def test_a_camera_is_online_only_as_it_was_said_and_heard_of_lately(
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    first, second, third, fourth = list(await states(client_as))[:4]
    await said(store, first)
    await said(store, second, heard=30)
    await said(store, third, online=False, heard=None)
    await said(store, fourth, heard=None)
    now = await states(client_as)
    assert [now[code] for code in (first, second, third, fourth)] == ["online", "unknown", "offline", "unknown"]
    await said(store, first, online=False, said=1)
    assert (await states(client_as))[first] == "online", "what is older changes nothing"
    clock.turn(minutes=16)
    assert {*(await states(client_as)).values()} == {"unknown"}
    camera = (await client_as("operator").get("/api/cameras")).json()["items"][0]
    assert (camera["online"], camera["state_at"]) == (False, NOW.isoformat().replace("+00:00", "Z"))


async def test_a_key_area_has_its_own_figures_and_a_sister_town_sees_nothing_of_it(
    client_as: ClientAs, world: World, store: Store
) -> None:
    west, _ = await laid(store)
    await said(store, west)
    items = (await client_as("operator").get("/api/key-areas")).json()["items"]
    assert [one["code"] for one in items] == ["KEast", "KWest"]
    found = items[1]
    assert (found["online"], found["offline"], found["unknown"], found["fixed"], found["turning"]) == (1, 0, 0, 1, 0)
    sector = 3.14159 * 150**2 / 6
    assert found["fixed_share"] * found["area_m2"] == pytest.approx(sector, rel=0.01)
    assert (found["turning_share"], found["cut"], len(found["outlines"][0])) == (0, False, 5)
    async with store.transaction(Reach(scope=ROOT)) as session:
        camera = (await session.scalars(select(Camera).where(Camera.code == west))).one()
        camera.ptz = True
    turned = (await client_as("operator_west").get("/api/key-areas")).json()["items"]
    assert [one["code"] for one in turned] == ["KWest"]
    assert (turned[0]["fixed"], turned[0]["turning"], turned[0]["fixed_share"]) == (0, 1, 0)
    assert turned[0]["turning_share"] > 2 * found["fixed_share"]
    assert (await client_as("source").get("/api/key-areas")).status_code == 403
