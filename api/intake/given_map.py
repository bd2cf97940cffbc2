"""Take a file of finished tiles into use, as the raster map or, where its layers are the basemap's, as the basemap."""

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from api.intake import map_files
from api.intake.basemap import put_in_place
from layers.basemap.archive import BasemapInfo
from layers.basemap.errors import BasemapRefused
from layers.basemap.raster import RasterInfo, raster_file
from layers.roads.rules import Place

UNSHIFTED = ("wgs84", "cgcs2000")


def use_file(
    file: Path,
    *,
    datum: str,
    credit: str | None,
    basemaps: Path,
    rasters: Path,
    grids: Sequence[Place],
    now: datetime,
) -> RasterInfo | BasemapInfo:
    """Put a file of tiles in place in the folder of its kind. Raises `BasemapRefused`; what is there then stays.

    `credit` is who made it, by default as the file says. `grids` are points of the county's grids: most must lie in the
    box of the tiles.
    """
    if datum not in UNSHIFTED:
        raise BasemapRefused(reason="shifted", datum=datum)
    map_files.prepare(file, rasters, BasemapRefused)
    basemaps.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=map_files.BUILDING, dir=rasters) as place:
        job = {"file": str(file.resolve()), "folder": place}
        given = _read(job)
        if "refused" in given:
            raise BasemapRefused(reason=given["refused"], file=file.name, **given["params"])
        if not (credit := credit or given["credit"]):
            raise BasemapRefused(reason="credit", file=file.name)
        _refuse_elsewhere(given["bbox"], grids)
        version = map_files.version_of(Path(given["tiles"]))
        if given["kind"] == "raster":
            return _use_raster(given, rasters, version=version, credit=credit)
        return _use_basemap(given, basemaps, version=version, credit=credit, now=now)


def _read(job: dict[str, Any]) -> dict[str, Any]:
    try:
        return map_files.sandboxed("ingest.basemap.giving", job, BasemapRefused)
    except BasemapRefused as refused:
        if refused.params["reason"] == "unreadable":
            raise BasemapRefused(reason="no_tiles", file=refused.params["file"]) from refused
        raise


def _refuse_elsewhere(box: Sequence[float], grids: Sequence[Place]) -> None:
    west, south, east, north = box
    far = sum(not (west <= lon <= east and south <= lat <= north) for lon, lat in grids)
    if far > map_files.FAR_SHARE * len(grids):
        raise BasemapRefused(reason="beyond", far=far, grids=len(grids))


def _use_raster(given: dict[str, Any], folder: Path, *, version: str, credit: str) -> RasterInfo:
    info = RasterInfo(
        version=version,
        layers=1,
        credit=credit,
        min_zoom=given["min_zoom"],
        max_zoom=given["max_zoom"],
        bbox=tuple(given["bbox"]),
    )
    Path(given["tiles"]).replace(raster_file(folder, version))
    before = RasterInfo.load(folder)
    info.save(folder)
    kept = [raster_file(folder, each.version) for each in (info, before) if each]
    map_files.remove_old(folder.glob("raster-*.mbtiles"), kept)
    return info


def _use_basemap(given: dict[str, Any], folder: Path, *, version: str, credit: str, now: datetime) -> BasemapInfo:
    info = BasemapInfo(
        version=version,
        built_at=now,
        data_at=None,
        origin="given",
        credit=credit,
        bbox=tuple(given["bbox"]),
        things=0,
        incomplete=0,
        closed=0,
    )
    put_in_place(Path(given["tiles"]), info, folder)
    return info
