"""Time of an operation on boundaries with its check, of the whole check, and of mending a county drawn twice.

Usage: python -m bench.coverage [--operations 300] [--slivers 0.03] [--repair 0.05]. Needs no database. The county is
Wujiang's: 5,337 micro-grids in five levels. Mending is compared with GEOS's own `coverage_clean`, and by how far each
moves a border at most.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from time import process_time

import numpy as np
import shapely

from api.place.reading import load_pack
from bench.imports import OUTLINE, drawn_twice
from geo.coverage.building import build_coverage
from geo.coverage.checking import check_coverage
from geo.coverage.divisions import Division
from geo.coverage.editing.applying import apply
from geo.coverage.fitting import Fitted, fit_together
from geo.coverage.refusals import PlanRefused
from geo.coverage.topology import Coverage
from geo.plane import Plane
from ingest.county.gazetteer import Gazetteer
from tests.ingest.county.conftest import VILLAGES, figures_of, generate, town
from tests.property.editing import MAKERS

REACH_OPERATION_S, REACH_CHECK_S, REACH_MEND_S = 0.1, 0.3, 10.0
LEVELS = ("county", "town", "village", "grid", "micro_grid")


def county() -> Coverage:
    """Build the coverage of the made county."""
    pack = load_pack("wujiang")
    figures = figures_of(pack)
    codes = sorted(seat.code for seat in figures.seats)
    names = Gazetteer(tuple(town(code, count) for code, count in zip(codes, VILLAGES, strict=True)))
    made = generate(pack, names, figures)
    divisions = [Division(d.code, d.name, d.level, d.parent) for d in made.divisions]
    shapes = {d.code: d.polygon for d in made.divisions if d.level == LEVELS[-1]}
    began = process_time()
    coverage = build_coverage(divisions, shapes, levels=LEVELS)
    say(f"{len(shapes)} micro-grids, {len(coverage.edges)} edges: built in {process_time() - began:.2f} s")
    return coverage


def operations(coverage: Coverage, *, count: int) -> Coverage:
    """Time random operations, each on the coverage that the one before left."""
    chance, took, refused = np.random.default_rng(4), defaultdict[str, list[float]](list), 0
    while sum(map(len, took.values())) < count:
        make = MAKERS[int(chance.integers(len(MAKERS)))]
        operation = make(coverage, chance.random(8).tolist())
        began = process_time()
        try:
            coverage = apply(coverage, operation).coverage
        except PlanRefused:
            refused += 1
            continue
        took[make.__name__].append(process_time() - began)
    for name, times in sorted(took.items()):
        say(f"  {name}: {len(times)}, p50 {at(times, 50):.1f} ms, p95 {at(times, 95):.1f} ms")
    every = [time for times in took.values() for time in times]
    p95 = at(every, 95)
    ratio = p95 / 1000 / REACH_OPERATION_S
    say(f"all {len(every)}: p50 {at(every, 50):.1f} ms, p95 {p95:.1f} ms: {ratio:.2f} of its reach; {refused} refused")
    return coverage


def whole(coverage: Coverage) -> None:
    """Time the whole check, beside bare `coverage_is_valid`."""
    began = process_time()
    problems = check_coverage(coverage)
    took = process_time() - began
    began = process_time()
    shapely.coverage_is_valid(coverage.polygons)
    bare = process_time() - began
    ratio = took / REACH_CHECK_S
    say(f"whole check {took:.2f} s: {ratio:.2f} of its reach; {len(problems)} problems; bare validity {bare:.2f} s")


def mending(count: int, *, slivers: float, repair: float) -> None:
    """Time mending beside `coverage_clean`, and compare how far they move borders."""
    shapes = drawn_twice(count, slivers=slivers)
    codes = [f"{i:05}" for i in range(len(shapes))]
    fitted, took = timed(shapes, codes, repair, None)
    _, to_outline = timed(shapes, codes, repair, OUTLINE)
    plane = Plane.at(shapely.GeometryCollection(shapes))
    flat = np.array([plane.flatten(shape) for shape in shapes], dtype=object)
    began = process_time()
    cleaned = shapely.coverage_clean(flat, snapping_distance=repair, gap_width=repair)
    bare = process_time() - began
    ratio = took / REACH_MEND_S
    say(f"mending {count} with slivers of {slivers} m: {took:.1f} s: {ratio:.2f} of its reach")
    say(f"  fitted to an outline, too, {to_outline:.1f} s; bare `coverage_clean` {bare:.1f} s")
    ours = [plane.flatten(shape) for shape in fitted.shapes]
    say(f"  furthest move {furthest(flat, ours):.3f} m; `coverage_clean` {furthest(flat, [*cleaned]):.3f} m")


def timed(
    shapes: Sequence[shapely.Polygon], codes: Sequence[str], repair: float, outline: shapely.Polygon | None
) -> tuple[Fitted, float]:
    """Return the fitted polygons, and the processor time that it took."""
    began = process_time()
    fitted = fit_together(shapes, codes, limit_m=repair, outline=outline)
    return fitted, process_time() - began


def furthest(before: Sequence[shapely.Geometry], after: Sequence[shapely.Geometry]) -> float:
    """Return the largest Hausdorff distance of a polygon from what became of it."""
    return float(shapely.hausdorff_distance(np.array(before, dtype=object), np.array(after, dtype=object)).max())


def at(times: Sequence[float], share: float) -> float:
    """Return a percentile in milliseconds."""
    return float(np.percentile(times, share)) * 1000


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--operations", type=int, default=300)
    words.add_argument("--grids", type=int, default=5337)
    words.add_argument("--slivers", type=float, default=0.03)
    words.add_argument("--repair", type=float, default=0.05)
    given = words.parse_args()
    coverage = county()
    whole(coverage)
    after = operations(coverage, count=given.operations)
    whole(after)
    if given.grids:
        mending(given.grids, slivers=given.slivers, repair=given.repair)


if __name__ == "__main__":
    main()
