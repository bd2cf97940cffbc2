"""Build the road graph from a file, check that it is this county's, and put it in place of the one in use."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.files.problems import FileRefused
from ingest.files.sandbox import run_sandboxed
from layers.roads.engines import EmbeddedEngine, installed
from layers.roads.errors import EngineFault, RoadsRefused
from layers.roads.graph import OPENSTREETMAP, GraphInfo, graph_file
from layers.roads.rules import MOTORED_TOP_KMH, Place, distances_of, locate_request

BUILDING = "build-"
FAR_M = 500.0
FAR_SHARE = 0.5
"""More grids than this share farther than FAR_M from any road: the file is another county's."""
LEFT_SECONDS = 86_400
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
    if not file.is_file():
        raise RoadsRefused(reason="missing", file=str(file))
    folder.mkdir(parents=True, exist_ok=True)
    _remove_left(folder)
    told("checking")
    facts = _check(file)
    with tempfile.TemporaryDirectory(prefix=BUILDING, dir=folder) as place:
        told("building")
        graph = _build(file, Path(place))
        if grids:
            told("comparing")
            _compare(graph, grids)
        info = _info(graph, facts, now)
        graph.replace(graph_file(folder, info.version))
    before = GraphInfo.load(folder)
    info.save(folder)
    _remove_old(folder, {info.version, before.version if before else info.version})
    return info


def _check(file: Path) -> dict[str, Any]:
    facts = _sandboxed("ingest.roads.checking", {"file": str(file.resolve())})
    if "refused" in facts:
        raise RoadsRefused(reason=facts["refused"], file=file.name, **facts["params"])
    return facts


def _build(file: Path, place: Path) -> Path:
    built = _sandboxed("ingest.roads.building", {"file": str(file.resolve()), "folder": str(place.resolve())})
    if "failed" in built:
        raise RoadsRefused(reason="builder", exit=built["failed"])
    return Path(built["graph"])


def _sandboxed(module: str, job: dict[str, Any]) -> dict[str, Any]:
    try:
        done: dict[str, Any] = run_sandboxed(module, job)
    except FileRefused as refused:
        problem = refused.problems[0]
        reason = "unreadable" if problem.code == "file.unreadable" else "too_large"
        raise RoadsRefused(reason=reason, file=Path(job["file"]).name, **problem.params) from refused
    return done


def _compare(graph: Path, grids: Sequence[Place]) -> None:
    """Refuse roads that most grids are far from."""
    try:
        answer = EmbeddedEngine(graph).ask("locate", locate_request(grids))
    except EngineFault as error:
        raise RoadsRefused(reason="builder", exit=str(error)) from error
    far = sum(metres > FAR_M for metres in distances_of(answer, grids))
    if far > FAR_SHARE * len(grids):
        raise RoadsRefused(reason="elsewhere", far=far, grids=len(grids), metres=round(FAR_M))


def _info(graph: Path, facts: dict[str, Any], now: datetime) -> GraphInfo:
    made = facts["made"]
    with graph.open("rb") as opened:
        version = hashlib.file_digest(opened, "sha256").hexdigest()[:12]
    return GraphInfo(
        version=version,
        built_at=now,
        data_at=facts["data_at"] and datetime.fromisoformat(facts["data_at"]),
        origin="made" if made else "given",
        credit="" if made else OPENSTREETMAP,
        ways=facts["ways"],
        bbox=tuple(facts["bbox"]),
        motored_kmh=min(facts["fastest"], MOTORED_TOP_KMH),
    )


def _remove_old(folder: Path, kept: set[str]) -> None:
    """Remove graphs that nobody begins with: the one before stays for those who have just read its name."""
    names = {graph_file(folder, version).name for version in kept}
    for graph in folder.glob("graph-*.tar"):
        if graph.name not in names:
            graph.unlink(missing_ok=True)


def _remove_left(folder: Path) -> None:
    """Remove what builders that were killed have left."""
    for place in folder.glob(f"{BUILDING}*"):
        if time.time() - place.stat().st_mtime > LEFT_SECONDS:
            shutil.rmtree(place, ignore_errors=True)
