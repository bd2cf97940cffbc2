"""Files of finished tiles: pictures become the raster map, the basemap's own layers a basemap, others are refused."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from pmtiles.convert import mbtiles_to_pmtiles

from api.intake.given_map import use_file
from layers.basemap.archive import BasemapInfo, Basemaps, tiles_file
from layers.basemap.errors import BasemapRefused
from layers.basemap.raster import Raster, RasterFiles, RasterInfo, raster_file
from layers.roads.rules import Place
from layers.tiles import Scheme, tile_at
from tests.basemaps import BOX, BUILT, ON_LAND, built, write_pictures, write_town
from tests.upstream import PICTURE

CREDIT = "某测绘院 苏S(2026)012号"
AT = tile_at(*ON_LAND, z=12, scheme=Scheme.WEB_MERCATOR)
AWAY = tile_at(100.0, 20.0, z=12, scheme=Scheme.WEB_MERCATOR)


def used(
    file: Path, folder: Path, *, datum: str = "cgcs2000", credit: str | None = CREDIT, grids: Sequence[Place] = ()
) -> RasterInfo | BasemapInfo:
    basemaps, rasters = folder / "basemap", folder / "raster"
    return use_file(file, datum=datum, credit=credit, basemaps=basemaps, rasters=rasters, grids=grids, now=BUILT)


def reason_of(file: Path, folder: Path, **how: object) -> dict[str, object]:
    """Why a file is refused, with all that there was before left as it is."""
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*/*") if path.is_file()}
    with pytest.raises(BasemapRefused) as refused:
        used(file, folder, **how)  # type: ignore[arg-type]
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*/*") if path.is_file()} == before
    return refused.value.params


def tile_of(raster: Raster | None, at: object = AT) -> bytes:
    assert raster is not None
    return asyncio.run(raster.tile(0, at))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["mbtiles", "pmtiles"])
def test_pictures_become_the_raster_map(form: str, tmp_path: Path) -> None:
    said = {"minzoom": "8", "maxzoom": "12", "format": "png", "attribution": '<a href="http://x">某局</a> &amp; 某院'}
    file = write_pictures(tmp_path / "town.mbtiles", PICTURE, **said)
    if form == "pmtiles":
        mbtiles_to_pmtiles(file, tmp_path / "town.pmtiles", None)
        file = tmp_path / "town.pmtiles"
    info = used(file, tmp_path, credit=None, grids=[ON_LAND])
    assert isinstance(info, RasterInfo)
    assert (info.layers, info.credit, info.min_zoom, info.max_zoom) == (1, "某局 & 某院", 8, 12)
    assert info.bbox is not None
    west, south, east, north = info.bbox
    assert west <= BOX[0] < BOX[2] <= east and south <= BOX[1] < BOX[3] <= north
    files = RasterFiles(tmp_path / "raster")
    raster = files.now()
    assert raster is not None and raster.info == info
    assert tile_of(raster) == PICTURE and tile_of(raster, AWAY) == b""
    files.close()


def test_a_new_file_takes_the_old_ones_place_and_older_ones_go(tmp_path: Path) -> None:
    versions = []
    for most in (9, 10, 11):
        file = write_pictures(tmp_path / f"{most}.mbtiles", PICTURE, zooms=range(8, most + 1))
        versions.append(used(file, tmp_path).version)
    kept = {raster_file(tmp_path / "raster", version) for version in versions[1:]}
    assert {*(tmp_path / "raster").glob("*.mbtiles")} == kept
    raster_file(tmp_path / "raster", versions[2]).unlink()
    assert RasterFiles(tmp_path / "raster").now() is None, "one that cannot be read is none"


def test_layers_of_the_basemap_become_the_basemap(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    info = built(write_town(tmp_path / "town.osm.pbf"), elsewhere)
    given = used(tiles_file(elsewhere, info.version), tmp_path, credit="© OpenStreetMap contributors")
    assert isinstance(given, BasemapInfo) and (given.origin, given.credit) == ("given", info.credit)
    basemaps = [Basemaps(folder) for folder in (elsewhere, tmp_path / "basemap")]
    at = tile_at(*ON_LAND, z=14, scheme=Scheme.WEB_MERCATOR)
    first, second = (basemap.now().tile(at.z, at.x, at.y) for basemap in basemaps)  # type: ignore[union-attr]
    assert first == second != b""
    for basemap in basemaps:
        basemap.close()


def test_files_that_maps_cannot_draw_are_refused_with_what_is_needed(tmp_path: Path) -> None:
    used(write_pictures(tmp_path / "good.mbtiles", PICTURE), tmp_path)
    other = json.dumps({"vector_layers": [{"id": "transportation"}, {"id": "water"}]})
    vector = write_pictures(tmp_path / "omt.mbtiles", b"\x1f\x8b tile", json=other)
    assert reason_of(vector, tmp_path) == {
        "reason": "layers",
        "file": "omt.mbtiles",
        "found": "transportation, water",
        "wanted": "land, water, waterways, buildings, roads, labels",
    }
    ours = json.dumps({"vector_layers": [{"id": "roads"}]})
    few = write_pictures(tmp_path / "few.mbtiles", b"tile", zooms=[10, 11], json=ours)
    assert reason_of(few, tmp_path)["reason"] == "zooms"
    good = write_pictures(tmp_path / "far.mbtiles", PICTURE, moved=3.0)
    assert reason_of(good, tmp_path, datum="gcj02") == {"reason": "shifted", "datum": "gcj02"}
    assert reason_of(good, tmp_path, credit=None)["reason"] == "credit"
    assert reason_of(good, tmp_path, grids=[ON_LAND])["reason"] == "beyond"
    with closing(sqlite3.connect(good)) as db, db:
        db.execute("UPDATE tiles SET tile_data = CAST('a page' AS BLOB) WHERE rowid = 3")
    assert reason_of(good, tmp_path)["reason"] == "no_picture"
    assert reason_of(tmp_path / "none.mbtiles", tmp_path)["reason"] == "missing"


@pytest.mark.parametrize(
    "content", [b"", b"a text", b"PMTiles\x03" + bytes(500), b"PMTiles\x02", b"SQLite format 3\x00" + bytes(500)]
)
def test_what_is_no_file_of_tiles_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "given.pmtiles"
    file.write_bytes(content)
    assert reason_of(file, tmp_path) == {"reason": "no_tiles", "file": "given.pmtiles"}
