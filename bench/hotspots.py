"""Duration of hotspots: one pass over a county, beside esda's Gi* of its counts, and counting a million incidents.

Usage: python -m bench.hotspots [--cells 15000] [--passes 50] [--incidents 1000000]. Needs PostgreSQL with PostGIS, and
an otherwise idle machine. A pass computes a view: Gi* of the window and of the one before, their exact tails and q
values, expected counts, rates, classes. esda computes only the first of these, without permutations. The million
incidents of twenty years are inserted by SQL, with all indexes, and counted by `recount`, as after importing a history.
"""

import argparse
import asyncio
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter, process_time

import esda
import libpysal
import numpy as np
import shapely

from api.keeping.postgres.roles import connect
from bench.stage import Meter, Stage, machine, settle_county, staged, summary
from console.incidents.actions import recount
from geo.cells import adjacency, cells_covering
from geo.statistics import Neighbourhoods
from geo.store import Reach, Store
from layers.hotspots.cell_sets import CellSet
from layers.hotspots.rating import Counts, rate
from layers.hotspots.rules import LEAST_INCIDENTS, View

REACH_MS, REACH_S = 50, 30
COUNTY = shapely.box(120.3, 30.7, 121.0, 31.3)
SPANS = 5
MEAN = 0.3
HISTORY = """
INSERT INTO incidents (case_code, source, external_no, category, risk, level, title, description, status, geom, raw_x,
    raw_y, datum, cell, division_path, occurred_at, registered_at, first_due_at, closed_at, version)
SELECT 'H' || i, 'history', i, (ARRAY['dispute.family', 'dispute.neighbour', 'hazard.fire', 'errand'])[1 + i %% 4],
    'low', 'village', '', '', 'closed', d.label_point, 0, 0, 'wgs84', (%(cells)s::bigint[])[d.n], d.division_path, at,
    at, at, at + interval '1 day', 1
FROM (SELECT i, now() - random() * interval '20 years' AS at, (1 + power(random(), 2) * %(leaves)s)::int AS n
      FROM generate_series(1, %(incidents)s) AS i) drawn
JOIN (SELECT row_number() OVER (ORDER BY id) AS n, * FROM divisions WHERE level = 'micro_grid') d USING (n)
"""


def cell_set_of(cells: int) -> CellSet:
    found = cells_covering(COUNTY, 9)[:cells]
    households = np.random.default_rng(3).gamma(2, 20, len(found))
    return CellSet(9, found, Neighbourhoods(adjacency(found)), households)


def drawn(cell_set: CellSet) -> Counts:
    """Draw counts of the window and of four before it, as the database returns them: only cells that have any."""
    rng = np.random.default_rng(5)
    counts = rng.negative_binomial(0.2, 0.2 / (0.2 + MEAN), (len(cell_set.cells), SPANS))
    cells, slots = np.nonzero(counts)
    fine = cell_set.cells[cells]
    return Counts(cells=fine, slots=slots, n=counts[cells, slots].astype(np.float64), known=SPANS - 1)


def timed(pass_: Callable[[], object], *, passes: int) -> tuple[list[float], float]:
    """Return milliseconds of each pass, and the mean processor time."""
    took, cpu = [], process_time()
    for _ in range(passes):
        start = perf_counter()
        pass_()
        took.append(1000 * (perf_counter() - start))
    return took, 1000 * (process_time() - cpu) / passes


def passes_over(cell_set: CellSet, *, passes: int) -> list[str]:
    counts, now = drawn(cell_set), datetime(2026, 3, 2, tzinfo=UTC)
    values = np.zeros(len(cell_set.cells))
    present = counts.slots == 0
    values[cell_set.places(counts.cells[present])] = counts.n[present]
    weights = libpysal.weights.WSP(cell_set.neighbourhoods.adjacency.tocsr()).to_W(silence_warnings=True)
    view = View(res=9)
    ours, cpu = timed(lambda: rate(cell_set, counts, view=view, least_hot=LEAST_INCIDENTS, as_of=now), passes=passes)
    star, star_cpu = timed(lambda: cell_set.neighbourhoods.gi_star(values), passes=passes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = esda.G_Local(values, weights, transform="B", permutations=0, star=True)
        theirs, their_cpu = timed(
            lambda: esda.G_Local(values, weights, transform="B", permutations=0, star=True), passes=max(passes // 10, 3)
        )
    away = float(np.abs(cell_set.neighbourhoods.gi_star(values) - np.asarray(peer.Zs)).max())
    return [
        f"{len(cell_set.cells)} cells, {len(counts.cells)} counts (reach: a pass in {REACH_MS} ms)",
        f"{summary('a whole pass', ours)}, {cpu:.1f} ms of processor time",
        f"{summary('Gi* alone', star)}, {star_cpu:.2f} ms of processor time",
        f"{summary('esda G_Local', theirs)}, {their_cpu:.1f} ms of processor time",
        f"Gi*: esda takes {their_cpu / star_cpu:.0f} times as long, and differs by at most {away:.0e}",
        f"a whole pass of ours takes {cpu / their_cpu:.2f} of esda's Gi*",
    ]


async def counted(stage: Stage) -> tuple[int, Meter]:
    store = Store(stage.urls.app)
    try:
        with Meter(stage) as meter:
            async with store.transaction(Reach(scope="320509")) as session:
                rows = await recount(session)
    finally:
        await store.close()
    return rows, meter


async def history(stage: Stage, *, incidents: int) -> list[str]:
    await settle_county(stage)
    with connect(stage.cluster.socket, stage.database) as superuser:
        leaves = superuser.execute("SELECT count(*) FROM divisions WHERE level = 'micro_grid'").fetchone()
        assert leaves is not None
        cells = np.random.default_rng(1).choice(cells_covering(COUNTY, 10), leaves[0]).tolist()
        superuser.execute(HISTORY, {"incidents": incidents, "leaves": leaves[0] - 1, "cells": cells})
    stage.analyze()
    rows, meter = await counted(stage)
    again, second = await counted(stage)
    assert again == rows
    return [
        f"{incidents} incidents of twenty years counted into {rows} rows in {meter.clock:.1f} s (reach {REACH_S} s)",
        f"recounted over those {second.clock:.1f} s",
        meter.summary(per=incidents, unit="incidents"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=15_000)
    parser.add_argument("--passes", type=int, default=50)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    options = parser.parse_args()
    sys.stdout.write("\n".join([machine(), *passes_over(cell_set_of(options.cells), passes=options.passes)]) + "\n")
    if options.incidents:
        with staged() as stage:
            sys.stdout.write("\n".join(asyncio.run(history(stage, incidents=options.incidents))) + "\n")


if __name__ == "__main__":
    main()
