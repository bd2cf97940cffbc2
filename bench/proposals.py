"""Time to propose even loads for a town, and how even they get; for GerryChain's best in the same time, write the land.

Usage: python -m bench.proposals [--grids 100] [--micro-grids 500] [--seconds 20] [--write LAND.json]
then:  uv run --no-project --with gerrychain==1.0.0 python bench/gerrychain_best.py LAND.json --seconds S

Prints seconds of a processor, the worst deviation of today's lines and of each alternative with what it moves: once
with villages' lines kept, once across them. Loads are log-normal, as households' and incidents' are.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from shapely.geometry import box

from geo.coverage.evening.evening import Evened, even_out
from geo.coverage.evening.land import Land
from geo.plane import Plane
from geo.regions import CellGraph, divide
from geo.tiling import borders, centres, scatter, tile

VILLAGES = 10
SPREAD = 0.8
HOUSEHOLDS, HOUSEHOLDS_SPREAD, FEWEST = 90, 30, 20


def town(micro_grids: int, grids: int, *, seed: int = 3) -> Land:
    """Draw a town of villages with grids and micro-grids, and give these loads and households."""
    outline, rng = box(120.6, 31.0, 120.7, 31.08), np.random.default_rng(seed)
    plane = Plane.at(outline)
    shapes = tile(outline, scatter(outline, plane, count=micro_grids, density=_even, rng=rng), plane, rng=rng)
    links = borders(shapes)
    land = CellGraph.of(centres(shapes, plane), np.ones(micro_grids), links)
    loads = np.round(rng.lognormal(6, SPREAD, micro_grids))
    households = np.round(np.clip(rng.normal(HOUSEHOLDS, HOUSEHOLDS_SPREAD, micro_grids), FEWEST, None))
    owners, per = np.zeros(micro_grids, dtype=np.int64), grids // VILLAGES
    village = divide(land, np.ones(VILLAGES), rng=rng)
    for at in range(VILLAGES):
        own = np.flatnonzero(village == at)
        owners[own] = divide(land.part(own), np.ones(per), rng=rng) + at * per
    touching: list[list[tuple[int, float]]] = [[] for _ in range(micro_grids)]
    for (one, other), metres in zip(links.pairs.tolist(), links.metres.tolist(), strict=True):
        touching[one].append((other, metres))
        touching[other].append((one, metres))
    count = per * VILLAGES
    return Land(
        loads=loads.tolist(),
        costs=households.tolist(),
        borders=touching,
        owners=tuple(owners.tolist()),
        fixed=[False] * micro_grids,
        parents=[group // per for group in range(count)],
        closed=[False] * count,
        parts=[1] * count,
    )


def _even(points: np.ndarray) -> np.ndarray:
    return np.ones(len(points))


def evened(land: Land, seconds: float) -> tuple[Evened, float]:
    """Even out within seconds of a processor; returns what was found, and how long it took."""
    begun = time.process_time()
    found = even_out(land, lambda: time.process_time() - begun > seconds)
    return found, time.process_time() - begun


def summary(name: str, land: Land, found: Evened, took: float) -> str:
    households = sum(land.costs)
    lines = [f"{name}: {took:.1f} s of a processor; worst today {land.worst(land.owners):.1%}"]
    lines += [
        f"  worst {land.worst(owners):.1%}, {land.moved(owners) / households:.0%} of households moved"
        for owners in found.alternatives
    ]
    causes = ", ".join(f"{one.cause} {one.deviation:+.0%}" for one in found.bottlenecks)
    return "\n".join([*lines, f"  left: {causes or 'nothing'}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=int, default=100)
    parser.add_argument("--micro-grids", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    kept = town(options.micro_grids, options.grids)
    across = replace(kept, parents=[0] * len(kept.parents))
    if options.write:
        fields = ("loads", "costs", "borders", "owners", "parents")
        options.write.write_text(json.dumps({name: getattr(kept, name) for name in fields}))
    for name, land in (("within villages", kept), ("across villages", across)):
        sys.stdout.write(summary(name, land, *evened(land, options.seconds)) + "\n")


if __name__ == "__main__":
    main()
