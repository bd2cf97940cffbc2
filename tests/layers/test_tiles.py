"""Content of tiles made by PostGIS, by zoom and reader, and their borders."""

from collections.abc import Sequence
from datetime import date

import pytest

from geo.store import Reach, Store
from layers.catalogue import CAMERAS, LABELS, OWN, Layer, divisions
from layers.tiles import LevelZoom, NoSuchTile, Tile, etag_of, first_zoom, legible_zoom, read_level_zooms, read_tile
from tests.mvt import Feature, decode
from tests.worlds import EAST, LAT, LON, ROOT, SIDE, WEST

TODAY = date(2026, 3, 2)
DIVISIONS = divisions("divisions", title="Divisions")
WORLD = Tile(0, 0, 0)


def tile_at(z: int, lon: float, lat: float) -> Tile:
    return next(
        tile
        for x in [int((lon + 180) / 360 * 2**z)]
        for y in range(2**z)
        if (tile := Tile(z, x, y)).bounds()[1] <= lat <= tile.bounds()[3]
    )


async def read(
    store: Store, tile: Tile, layers: Sequence[Layer], *, scope: str = ROOT, zooms: Sequence[LevelZoom] | None = None
) -> dict[str, list[Feature]]:
    async with store.transaction(Reach(scope=scope)) as session:
        found = zooms if zooms is not None else await read_level_zooms(session, day=TODAY)
        return decode(await read_tile(session, tile, layers, zooms=found, day=TODAY))


def codes(features: Sequence[Feature]) -> set[str]:
    return {feature.properties["code"] for feature in features}


def test_bounds_are_those_of_the_map_projection() -> None:
    west, south, east, north = Tile(1, 1, 0).bounds()
    assert (west, east) == (0, 180)
    assert (south, north) == pytest.approx((0, 85.0511287798))


@pytest.mark.parametrize("wrong", [(0, 1, 0), (3, 0, 8), (23, 0, 0), (-1, 0, 0), (2, -1, 0)])
def test_tiles_beyond_the_world_are_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(NoSuchTile):
        Tile(*wrong)


def test_levels_begin_at_the_zoom_where_they_are_wide_enough() -> None:
    """A county of 1,200 km² with 307 villages, 1,142 grids and 5,337 micro-grids."""
    begins = [
        first_zoom(rank=rank, apparent=legible_zoom(area_m2=1.2e9 / n, lat=31))
        for rank, n in ((0, 1), (1, 11), (2, 307), (3, 1142), (4, 5337))
    ]
    assert begins == [0, 0, 11, 12, 13]


@pytest.mark.usefixtures("world")
async def test_every_level_is_drawn_from_its_zoom(store: Store) -> None:
    far = (await read(store, tile_at(7, LON, LAT), [DIVISIONS]))["divisions"]
    assert {f.properties["level"] for f in far} == {"county", "town"}
    inside = tile_at(14, LON + 0.005, LAT + 0.005)
    found = (await read(store, inside, [DIVISIONS]))["divisions"]
    assert {f.properties["level"] for f in found} == {"county", "town", "village", "grid", "micro_grid"}
    assert set(found[0].properties) >= {"code", "name", "level"} and all(isinstance(f.id, int) for f in found)


@pytest.mark.usefixtures("world")
async def test_a_towns_tile_holds_its_own_divisions_and_its_parents(store: Store) -> None:
    z, border = 13, tile_at(13, LON + 2 * SIDE, LAT + SIDE)
    west = codes((await read(store, border, [DIVISIONS], scope=WEST))["divisions"])
    east = codes((await read(store, border, [DIVISIONS], scope=EAST))["divisions"])
    assert z == border.z and west & east == {ROOT}
    assert WEST.split(".")[1] in west and EAST.split(".")[1] in east


@pytest.mark.usefixtures("world")
async def test_each_label_is_in_exactly_one_tile_of_a_zoom(store: Store) -> None:
    middle = tile_at(15, LON + 2 * SIDE, LAT + 2 * SIDE)
    found: list[str] = []
    for x in range(middle.x - 3, middle.x + 4):
        for y in range(middle.y - 3, middle.y + 4):
            found += sorted(codes((await read(store, Tile(15, x, y), [LABELS])).get("divisions_label", [])))
    assert len(found) == len(set(found)) == 1 + 2 + 4 + 8 + 16


@pytest.mark.usefixtures("world")
async def test_neighbours_share_every_border_vertex(store: Store) -> None:
    found = (await read(store, tile_at(14, LON + 0.01, LAT + 0.01), [DIVISIONS]))["divisions"]
    micro = [set(f.vertices) for f in found if f.properties["level"] == "micro_grid"]
    touching = [a & b for i, a in enumerate(micro) for b in micro[:i] if len(a & b) >= 2]
    assert len(touching) >= 3


@pytest.mark.usefixtures("world")
async def test_cameras_have_heading_and_field_of_view(store: Store) -> None:
    tile = tile_at(14, LON + 0.005, LAT + 0.004)
    assert (await read(store, WORLD, [CAMERAS])) == {}
    camera = (await read(store, tile, [CAMERAS]))["cameras"][0]
    assert camera.properties["heading"] == 0.0 and camera.properties["fov"] == 60.0
    assert camera.properties["range"] == 150.0 and camera.properties["online"] is True


@pytest.mark.usefixtures("world")
async def test_the_grids_layer_holds_grids_only(store: Store) -> None:
    grids = OWN.get("grids")
    assert grids is not None
    found = await read(store, tile_at(14, LON + 0.005, LAT + 0.005), [grids])
    assert {f.properties["level"] for f in found["grids"]} == {"grid"}


@pytest.mark.usefixtures("world")
async def test_a_tile_that_is_too_large_omits_its_deepest_level(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layers.tiles.LARGEST", 600)
    levels = ("county", "town", "village", "grid", "micro_grid")
    everywhere = [LevelZoom(level, rank, zoom=0, apparent=0) for rank, level in enumerate(levels)]
    found = (await read(store, tile_at(10, LON, LAT), [DIVISIONS], zooms=everywhere))["divisions"]
    assert {f.properties["level"] for f in found} < {"county", "town", "village", "grid", "micro_grid"}


def test_the_etag_changes_with_the_tile() -> None:
    assert etag_of(b"a") == etag_of(b"a") != etag_of(b"b")
