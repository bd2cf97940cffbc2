"""The embedded road engine: Valhalla's library on the graph's one file, and one actor in each thread.

An actor is not safe in two threads, and its making takes longer than an answer. The file is mapped, so that all actors
of all processes share its pages.
"""

import tempfile
import threading
from collections.abc import Mapping
from copy import deepcopy
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import orjson

from layers.roads.errors import EngineFault, NoWayKnown
from layers.roads.rules import COSTINGS, Action

LIBRARY = "valhalla"
"""Imported when a graph is first used: it takes longer than all else that a server loads."""
PACKAGES = ("pyvalhalla", "pyvalhalla-weekly")
NO_WAY = frozenset({170, 171, 442})
"""Valhalla's codes for places that are not connected, no road near, no path."""
FAULTS: Mapping[str, int] = MappingProxyType(
    {
        "Locations are in unconnected regions. Go check/edit the map at osm.org": 170,
        "No suitable edges near location": 171,
        "No path could be found for input": 442,
    }
)
"""Codes by message: the wheel for Python 3.11 raises errors without a code."""
METHODS: Mapping[Action, str] = MappingProxyType({"sources_to_targets": "matrix"})
PAIRS = 100_000
METRES = 1_000_000.0


class Engine(Protocol):
    """One way to a road engine. Called from several threads at once."""

    name: str

    def ask(self, action: Action, request: Mapping[str, Any]) -> Any:
        """Return the answer's JSON. Raises `NoWayKnown` and `EngineFault`."""
        ...

    def close(self) -> None:
        """Let go of what it holds open."""
        ...


def installed() -> str | None:
    """Return the name and version of the installed library, None without one."""
    if find_spec(LIBRARY) is None:
        return None
    for package in PACKAGES:
        try:
            return f"{package} {version(package)}"
        except PackageNotFoundError:
            continue
    return None


def program(name: str) -> Path:
    """Return the path of one of the programs that the library brings along."""
    spec = find_spec(LIBRARY)
    if spec is None or spec.origin is None:
        raise EngineFault(fault="no library")
    return Path(spec.origin).parent / "bin" / name


class EmbeddedEngine:
    """Valhalla's library on a graph in one tar file, which must exist."""

    name = "library"

    def __init__(self, graph: Path) -> None:
        if not graph.is_file():
            raise EngineFault(fault=f"no file {graph}")
        self._config = configuration(graph)
        self._own = threading.local()

    def ask(self, action: Action, request: Mapping[str, Any]) -> Any:
        text = orjson.dumps(request).decode()
        actor = self._actor()
        try:
            answer = getattr(actor, METHODS.get(action, action))(text)
        except RuntimeError as error:
            raise refusal(getattr(error, "code", None) or FAULTS.get(str(error)), str(error)) from error
        return orjson.loads(answer)

    def close(self) -> None:
        """Actors end with their threads."""

    def _actor(self) -> Any:
        actor = getattr(self._own, "actor", None)
        if actor is None:
            actor = self._own.actor = make_actor(self._config)
        return actor


def refusal(code: int | None, message: str) -> NoWayKnown | EngineFault:
    """Make the error for one of Valhalla's."""
    return NoWayKnown() if code in NO_WAY else EngineFault(fault=message)


def make_actor(config: Mapping[str, Any]) -> Any:
    """Make an actor. The library reads its settings from a file, once."""
    with tempfile.NamedTemporaryFile("wb", suffix=".json") as file:
        file.write(orjson.dumps(config))
        file.flush()
        return import_module(LIBRARY).Actor(file.name)


def configuration(graph: Path | None, *, tiles: Path | None = None) -> dict[str, Any]:
    """Return the library's settings for a graph, or for the folder that one is built in.

    Limits in a request do nothing; those here hold. The graph is flat: a county needs no levels of roads, with which a
    matrix and a route differ by up to a third, and on one level they are equal. The library hands out the same inner
    dicts at each call, so that they are copied: another graph's settings would be written into these.
    """
    config: dict[str, Any] = deepcopy(import_module(LIBRARY).get_config(tile_extract="", tile_dir=""))
    config["mjolnir"] |= {
        "tile_extract": "" if graph is None else str(graph.resolve()),
        "tile_dir": "" if tiles is None else str(tiles.resolve()),
        "hierarchy": False,
        "shortcuts": False,
    }
    for part in ("mjolnir", "loki", "thor"):
        config[part].setdefault("logging", {})["type"] = ""
    config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
    for costing in {*COSTINGS.values()}:
        config["service_limits"][costing] |= {
            "max_matrix_location_pairs": PAIRS,
            "max_matrix_distance": METRES,
            "max_distance": METRES,
        }
    config["service_limits"]["max_exclude_polygons_length"] = 200_000
    return config
