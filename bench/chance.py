"""Share of random maps with a hot cell, by the binomial and by the normal tail, and the duration of a scan.

python -m bench.chance [--cells 15000] [--seeds 200]
"""

import argparse
import sys
import time
from collections.abc import Iterator

import numpy as np
import shapely
from scipy.stats import norm

from geo.cells import adjacency, cells_covering
from geo.statistics import Neighbourhoods, false_discovery

COUNTY = shapely.box(120.4, 30.8, 120.85, 31.2)
MEANS = (0.002, 0.01, 0.05, 0.2, 1, 5, 30)
NOMINAL = 0.05


def rates(around: Neighbourhoods, *, cells: int, seeds: int) -> Iterator[tuple[float, float, float]]:
    """Yield mean count a cell, share of maps with a hot cell by the binomial tail, and by the normal tail of Gi*."""
    for mean in MEANS:
        maps = [np.random.default_rng(seed).poisson(mean, cells) for seed in range(seeds)]
        scans = [around.scan(counts) for counts in maps]
        ours = sum(bool((scan.q <= NOMINAL).any()) for scan in scans)
        usual = sum(bool((false_discovery(norm.sf(scan.z)) <= NOMINAL).any()) for scan in scans)
        yield mean, ours / seeds, usual / seeds


def milliseconds(around: Neighbourhoods, *, cells: int) -> float:
    counts = np.random.default_rng(0).poisson(0.05, cells)
    start = time.perf_counter()
    for _ in range(20):
        around.scan(counts)
    return (time.perf_counter() - start) * 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=15_000)
    parser.add_argument("--seeds", type=int, default=200)
    options = parser.parse_args()
    around = Neighbourhoods(adjacency(cells_covering(COUNTY, 10)[: options.cells]))
    sys.stdout.write(f"{options.cells} cells, one scan: {milliseconds(around, cells=options.cells):.1f} ms\n")
    sys.stdout.write("mean count   binomial tail   normal tail of Gi*\n")
    for mean, ours, usual in rates(around, cells=options.cells, seeds=options.seeds):
        sys.stdout.write(f"{mean:10g}   {ours:13.1%}   {usual:18.1%}\n")


if __name__ == "__main__":
    main()
