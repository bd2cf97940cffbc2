"""Build the road graph from a file, check that it is this county's, and put it in place of the one in use."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from api.intake import map_files
from layers.roads.engines import EmbeddedEngine, installed
from layers.roads.errors import EngineFault, RoadsRefused
from layers.roads.graph import OPENSTREETMAP, GraphInfo, graph_file
from layers.roads.rules import MOTORED_TOP_KMH, Place, distances_of, locate_request

Told = Callable[[str], None]


def build_roads(
    file: Path, folder: Path, *, grids: Sequence[Place], now: datetime, told: Told = lambda step: None
) -> GraphInfo:
    """Build the graph of a file in `folder` and put it in place. Raises `RoadsRefused`; the old graph then stays.

    `grids` are points of the county's grids, none if there are no grids yet. `told` hears each step: `checking`,
    `building`, `comparing`.
    """
    if installed() is None:
        raise RoadsRefused(reason="library")
    map_files.prepare(file, folder, RoadsRefused)
    told("checking")
    facts = map_files.check(file, RoadsRefused)
    with tempfile.TemporaryDirectory(prefix=map_files.BUILDING, dir=folder) as place:
        told("building")
        graph = _build(file, Path(place))
        if grids:
            told("comparing")
            _compare(graph, grids)
        info = _info(graph, facts, now)
        graph.replace(graph_file(folder, info.version))
    before = GraphInfo.load(folder)
    info.save(folder)
    kept = [graph_file(folder, each.version) for each in (info, before) if each]
    map_files.remove_old(folder.glob("graph-*.tar"), kept)
    return info


def _build(file: Path, place: Path) -> Path:
    job = {"file": str(file.resolve()), "folder": str(place.resolve())}
    built = map_files.sandboxed("ingest.roads.building", job, RoadsRefused)
    if "failed" in built:
        raise RoadsRefused(reason="builder", exit=built["failed"])
    return Path(built["graph"])


def _compare(graph: Path, grids: Sequence[Place]) -> None:
    """Refuse roads that most grids are far from."""
    try:
        answer = EmbeddedEngine(graph).ask("locate", locate_request(grids))
    except EngineFault as error:
        raise RoadsRefused(reason="builder", exit=str(error)) from error
    far = sum(metres > map_files.FAR_M for metres in distances_of(answer, grids))
    map_files.refuse_elsewhere(far, len(grids), RoadsRefused)


def _info(graph: Path, facts: dict[str, Any], now: datetime) -> GraphInfo:
    made = facts["made"]
    return GraphInfo(
        version=map_files.version_of(graph),
        built_at=now,
        data_at=facts["data_at"] and datetime.fromisoformat(facts["data_at"]),
        origin="made" if made else "given",
        credit="" if made else OPENSTREETMAP,
        ways=facts["ways"],
        bbox=tuple(facts["bbox"]),
        motored_kmh=min(facts["fastest"], MOTORED_TOP_KMH),
    )
