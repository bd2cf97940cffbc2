"""Build the basemap from a file, check that it is this county's, and put it in place of the one in use."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from api.intake import map_files
from layers.basemap.archive import BasemapInfo, tiles_file
from layers.basemap.errors import BasemapRefused
from layers.roads.graph import OPENSTREETMAP
from layers.roads.rules import Place

Told = Callable[[str], None]


def build_basemap(
    file: Path, folder: Path, *, grids: Sequence[Place], now: datetime, told: Told = lambda step: None
) -> BasemapInfo:
    """Build the basemap of a file in `folder` and put it in place. Raises `BasemapRefused`; the old one then stays.

    `grids` are points of the county's grids, none if there are no grids yet. `told` hears each step: `checking`,
    `drawing`.
    """
    map_files.prepare(file, folder, BasemapRefused)
    told("checking")
    facts = map_files.check(file, BasemapRefused)
    with tempfile.TemporaryDirectory(prefix=map_files.BUILDING, dir=folder) as place:
        told("drawing")
        job = {"file": str(file.resolve()), "folder": place, "grids": list(grids), "far_m": map_files.FAR_M}
        built = map_files.sandboxed("ingest.basemap.building", job, BasemapRefused)
        if not built["count"]:
            raise BasemapRefused(reason="no_roads", file=file.name)
        map_files.refuse_elsewhere(built["far"], len(grids), BasemapRefused)
        tiles = Path(built["tiles"])
        info = _info(tiles, facts, built, now)
        put_in_place(tiles, info, folder)
    return info


def put_in_place(tiles: Path, info: BasemapInfo, folder: Path) -> None:
    """Make these tiles the basemap in use; the one before stays for those who have just read its name."""
    tiles.replace(tiles_file(folder, info.version))
    before = BasemapInfo.load(folder)
    info.save(folder)
    kept = [tiles_file(folder, each.version) for each in (info, before) if each]
    map_files.remove_old(folder.glob("basemap-*.mbtiles"), kept)


def _info(tiles: Path, facts: dict[str, Any], built: dict[str, Any], now: datetime) -> BasemapInfo:
    made = facts["made"] or built["made"]
    return BasemapInfo(
        version=map_files.version_of(tiles),
        built_at=now,
        data_at=facts["data_at"] and datetime.fromisoformat(facts["data_at"]),
        origin="made" if made else "given",
        credit="" if made else OPENSTREETMAP,
        bbox=tuple(built["bbox"]),
        things=built["things"],
        incomplete=built["incomplete"],
        closed=built["closed"],
    )
