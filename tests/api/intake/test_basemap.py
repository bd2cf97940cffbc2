"""A basemap takes the place of another in one step, or not at all; what a refused file leaves; two real extracts."""

import gzip
import shutil
import sqlite3
from pathlib import Path
from time import perf_counter

import pytest

from layers.basemap.archive import MOST_ZOOM, BasemapInfo, Basemaps, tiles_file
from layers.basemap.errors import BasemapRefused
from layers.tiles import Scheme, tile_at
from tests.basemaps import BOX, BUILT, ON_LAKE, ON_LAND, built, write_town
from tests.mvt import decode
from tests.roads import street_grid, write_roads
from tests.shared import shared_data
from tests.worlds import LAT, LON

pytestmark = pytest.mark.served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("basemap")


@pytest.fixture(scope="module")
def info(folder: Path) -> BasemapInfo:
    return built(write_town(folder / "town.osm.pbf"), folder, grids=[ON_LAND, ON_LAKE])


def tile_of(folder: Path, place: tuple[float, float], z: int) -> dict[str, list[dict[str, object]]]:
    """What each layer of a tile says of its features."""
    basemaps, at = Basemaps(folder), tile_at(*place, z=z, scheme=Scheme.WEB_MERCATOR)
    basemap = basemaps.now()
    assert basemap is not None
    body = basemap.tile(at.z, at.x, at.y)
    basemaps.close()
    return {
        layer: [feature.properties for feature in features]
        for layer, features in decode(gzip.decompress(body) if body else b"").items()
    }


def test_the_basemap_in_use_says_what_it_is(folder: Path, info: BasemapInfo) -> None:
    assert BasemapInfo.load(folder) == info
    assert info.built_at == BUILT and info.data_at is None and info.bbox == pytest.approx(BOX)
    assert (info.origin, info.credit) == ("given", "© OpenStreetMap contributors")
    assert (info.incomplete, info.closed) == (1, 1)
    assert [left.name for left in folder.glob("build-*")] == []


def test_tiles_have_what_there_is(folder: Path, info: BasemapInfo) -> None:
    near, lake = tile_of(folder, ON_LAND, MOST_ZOOM), tile_of(folder, ON_LAKE, MOST_ZOOM)
    street = {"class": "minor", "name": "枫桥路", "name_en": "Maple Bridge Road"}
    assert street in near["roads"] and lake["water"] == [{"class": "lake"}]
    assert near["labels"] == [{"class": "village", "name": "枫桥", "name_en": "Maple Bridge"}]
    assert tile_of(folder, (LON + 0.0025, LAT + 0.0025), MOST_ZOOM)["buildings"] == [{"class": "building"}]
    assert tile_of(folder, ON_LAND, 10).keys() == {"water"}, "streets and villages are drawn from nearer"
    assert tile_of(folder, (LON + 1, LAT), 10) == {}


def test_equal_files_give_equal_basemaps(folder: Path, info: BasemapInfo, tmp_path: Path) -> None:
    assert built(folder / "town.osm.pbf", tmp_path).version == info.version


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(5000), "unreadable"),
        (b"", "unreadable"),
        (None, "missing"),
    ],
)
def test_a_refused_file_leaves_the_old_basemap(
    folder: Path, info: BasemapInfo, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    bad = tmp_path / "bad.osm.pbf"
    if content is not None:
        bad.write_bytes(content)
    with pytest.raises(BasemapRefused) as refused:
        built(bad, folder)
    assert refused.value.params["reason"] == reason
    assert BasemapInfo.load(folder) == info and [left.name for left in folder.glob("build-*")] == []


def test_a_truncated_or_broken_extract_is_refused(folder: Path, info: BasemapInfo, tmp_path: Path) -> None:
    whole = (folder / "town.osm.pbf").read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(whole[: len(whole) * 2 // 3])
    points, streets = street_grid(LON, LAT, columns=3, rows=3, step=0.002)
    files = {
        "unsorted": write_roads(tmp_path / "unsorted.osm.pbf", points, streets, ways_first=True),
        "missing_nodes": write_roads(tmp_path / "missing.osm.pbf", points, [*streets, ({"highway": "path"}, [1, 77])]),
        "no_roads": write_roads(tmp_path / "planned.osm.pbf", points, [({"highway": "construction"}, [1, 2])]),
        "truncated": tmp_path / "cut.osm.pbf",
    }
    for reason, file in files.items():
        with pytest.raises(BasemapRefused) as refused:
            built(file, folder)
        assert refused.value.params["reason"] == reason
    assert BasemapInfo.load(folder) == info


def test_another_countrys_extract_is_refused(folder: Path, info: BasemapInfo, tmp_path: Path) -> None:
    elsewhere = write_town(tmp_path / "a.osm.pbf", moved=1.0)
    with pytest.raises(BasemapRefused) as refused:
        built(elsewhere, folder, grids=[ON_LAND, ON_LAKE])
    assert refused.value.params == {"reason": "elsewhere", "far": 2, "grids": 2, "metres": 500}
    assert BasemapInfo.load(folder) == info


def test_made_roads_are_credited_to_nobody_and_older_basemaps_go(
    folder: Path, info: BasemapInfo, tmp_path: Path
) -> None:
    """Whoever has just read a basemap's name still finds its file."""
    shutil.copy(tiles_file(folder, info.version), tiles_file(tmp_path, "older"))
    shutil.copy(tiles_file(folder, info.version), tmp_path)
    info.save(tmp_path)
    made = built(write_town(tmp_path / "a.osm.pbf", generator="Maplebridge", street={"highway": "primary"}), tmp_path)
    assert (made.origin, made.credit) == ("made", "")
    kept = {tiles_file(tmp_path, each.version) for each in (made, info)}
    assert {*tmp_path.glob("basemap-*.mbtiles")} == kept


def test_a_file_that_cannot_be_read_is_no_basemap(folder: Path, info: BasemapInfo, tmp_path: Path) -> None:
    basemaps = Basemaps(tmp_path)
    assert basemaps.now() is None
    shutil.copy(tiles_file(folder, info.version), tmp_path)
    info.save(tmp_path)
    assert basemaps.now() is basemaps.now() is not None
    tiles_file(tmp_path, info.version).write_bytes(b"no database")
    info.save(tmp_path)
    assert basemaps.now() is None
    basemaps.close()


def test_liechtenstein_is_built_in_time(tmp_path: Path) -> None:
    """A minute is promised for roads and map together, of which the map takes a few seconds."""
    file, began = shared_data("liechtenstein.osm.pbf"), perf_counter()
    info = built(file, tmp_path, grids=[(9.52, 47.14), (9.5, 47.2)])
    assert perf_counter() - began < 60
    assert info.data_at is not None and info.data_at.year == 2015 and info.things > 14_000
    near = tile_of(tmp_path, (9.52, 47.14), MOST_ZOOM)
    assert near.keys() == {"land", "water", "waterways", "buildings", "roads", "labels"}
    with sqlite3.connect(tiles_file(tmp_path, info.version)) as db:
        assert db.execute("SELECT max(length(tile_data)) FROM tiles").fetchone()[0] < 100_000


def test_guixis_river_reaches_to_the_border(tmp_path: Path) -> None:
    """A real extract that cuts the Xin River, with Chinese names."""
    info = built(shared_data("cn_gx.osm.pbf"), tmp_path)
    assert (info.incomplete, info.closed) == (1, 1)
    west = info.bbox[0]
    near = tile_of(tmp_path, (west + 0.001, 28.3), MOST_ZOOM)
    assert "water" in near
    road = next(said for said in tile_of(tmp_path, (117.24, 28.3), MOST_ZOOM)["roads"] if said.get("name_en"))
    assert str(road["name"]).encode() != str(road["name_en"]).encode()
