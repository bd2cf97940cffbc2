"""Check an OpenStreetMap file before a graph is built from it. Runs in a sandbox: `run_sandboxed`.

What the builder does with a bad file is to die by a signal, or to build half a graph.
"""

import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import osmium

from ingest.files.job_runner import run_job

ORDER = "nwra"
"""Nodes, then ways, then relations; areas are never stored."""
TRUNCATED = ("unexpected EOF", "truncated")
MADE = "Maplebridge"
"""Written as the generator of a file with made-up roads."""


FASTEST: Mapping[str, float] = MappingProxyType(
    {"motorway": 120, "trunk": 100, "primary": 80, "secondary": 65, "tertiary": 55, "unclassified": 45}
)
"""Kilometres an hour of a road without a limit, by its class; of any other class 40."""
SLOWEST = 40.0


class BadFile(Exception):
    """`code` and `params` of what is wrong."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def check_file(path: str) -> dict[str, Any]:
    """Return what the file says about itself, or `refused` with a code and its params.

    Facts: `ways` that are roads, `bbox` of their points, the `fastest` road's kilometres an hour, `data_at`, `made`.
    """
    try:
        return _facts(path)
    except BadFile as bad:
        return {"refused": bad.code, "params": bad.params}
    except RuntimeError as error:
        cut = any(words in str(error) for words in TRUNCATED)
        return {"refused": "truncated" if cut else "unreadable", "params": {}}


def _facts(path: str) -> dict[str, Any]:
    ways, refs, fastest = _roads(path)
    found: set[int] = set()
    west, south, east, north = 180.0, 90.0, -180.0, -90.0
    for node in _in_order(path):
        if node.id in refs:
            lon, lat = node.location.lon, node.location.lat
            west, south, east, north = min(west, lon), min(south, lat), max(east, lon), max(north, lat)
            found.add(node.id)
    if missing := refs - found:
        raise BadFile("missing_nodes", count=len(missing), example=min(missing))
    header = osmium.io.Reader(osmium.io.File(path, "pbf")).header()
    return {
        "ways": ways,
        "fastest": fastest,
        "bbox": [west, south, east, north],
        "data_at": header.get("osmosis_replication_timestamp") or header.get("timestamp") or None,
        "made": header.get("generator") == MADE,
    }


def _roads(path: str) -> tuple[int, set[int], float]:
    """Count the ways that are roads, collect the points that they need, and find the speed of the fastest."""
    ways, fastest = 0, SLOWEST
    refs: set[int] = set()
    roads = osmium.FileProcessor(osmium.io.File(path, "pbf"), osmium.osm.WAY).with_filter(
        osmium.filter.KeyFilter("highway")
    )
    for way in roads:
        ways += 1
        assert isinstance(way, osmium.osm.Way)
        refs.update(node.ref for node in way.nodes)
        fastest = max(fastest, _kmh(way.tags["highway"], way.tags.get("maxspeed") or ""))
    if not ways:
        raise BadFile("no_roads")
    return ways, refs, fastest


def _kmh(kind: str, limit: str) -> float:
    """Return what a road's class allows at most, or its limit in kilometres an hour where that is more."""
    by_class = FASTEST.get(kind.removesuffix("_link"), SLOWEST)
    return max(by_class, float(limit)) if limit.isdecimal() and len(limit) <= len("999") else by_class


def _in_order(path: str) -> Iterator[Any]:
    """Yield the nodes. Refuse ids that are not positive, and things that do not ascend."""
    before = (0, 0)
    for thing in osmium.FileProcessor(osmium.io.File(path, "pbf")):
        if thing.id <= 0:
            raise BadFile("negative_id", id=thing.id)
        here = (ORDER.index(thing.type_str()), thing.id)
        if here <= before:
            raise BadFile("unsorted", id=thing.id)
        before = here
        if isinstance(thing, osmium.osm.Node):
            yield thing


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    return check_file(job["file"])


if __name__ == "__main__":
    sys.exit(run_job(run))
