"""Statistics of counts on cells: hotspots with their uncertainty, and rates that small numbers cannot dominate.

Two figures are kept apart. *How far* a neighbourhood stands out is Getis and Ord's Gi* as a z score (Getis & Ord 1992;
Ord & Getis 1995, *Geographical Analysis* 27: 286–306), the figure that analysts know. *Whether* it stands out is not
read from that z: its normal approximation fails for counts near zero, where most cells of a county are. Given the
total, a neighbourhood's sum under complete spatial randomness is exactly binomial, so p is that upper tail, and q
corrects it for testing many cells (Benjamini & Hochberg 1995, *JRSS B* 57: 289–300).

Rates are shrunk as gamma–Poisson with moments after Clayton & Kaldor (1987, *Biometrics* 43: 671–681) and Marshall
(1991, *Applied Statistics* 40: 283–294).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.special import betainc

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scan:
    """Result of one scan; every array has one entry a cell.

    `sums` counts the cell with its neighbours; `z` is Gi*; `p` is one-sided (more than by chance); `q` is `p` after
    correction: calling hot all cells with q ≤ 0.05 makes at most 5% of the calls false.
    """

    sums: Floats
    z: Floats
    p: Floats
    q: Floats


class Neighbourhoods:
    """Adjacency of a set of cells. Built once for a set, then scanned whenever counts change."""

    def __init__(self, adjacency: csr_array[np.float64, tuple[int, int]]) -> None:
        """`adjacency` is n × n and binary, with 1 on the diagonal."""
        self.adjacency = adjacency
        self.sizes: Floats = np.asarray(adjacency.sum(axis=1), dtype=np.float64).ravel()

    def scan(self, counts: ArrayLike, *, exposure: ArrayLike | None = None) -> Scan:
        """Find hot cells among whole, non-negative `counts`.

        With `exposure` (households, past incidents: any non-negative weight) chance spreads the total in proportion to
        it, so a cell is hot for its exposure; without, evenly. z is of the counts in either case.
        """
        values = np.asarray(counts, dtype=np.float64)
        sums = self._around(values)
        p = binomial_tail(sums, total=values.sum(), share=self._shares(exposure))
        return Scan(sums=sums, z=self.gi_star(values), p=p, q=false_discovery(p))

    def gi_star(self, values: ArrayLike) -> Floats:
        """Compute Gi* as z scores under the randomisation null; 0 where nothing varies."""
        x = np.asarray(values, dtype=np.float64)
        n = len(x)
        if n < 2:
            return np.zeros(n)
        mean, variance = x.mean(), x.var()
        spread = np.sqrt(variance * self.sizes * (n - self.sizes) / (n - 1))
        return _ratio(self._around(x) - mean * self.sizes, spread)

    def _around(self, values: Floats) -> Floats:
        return np.asarray(self.adjacency @ values, dtype=np.float64)

    def _shares(self, exposure: ArrayLike | None) -> Floats:
        if exposure is None:
            return self.sizes / max(len(self.sizes), 1)
        weights = np.asarray(exposure, dtype=np.float64)
        return np.minimum(_ratio(self._around(weights), np.full(len(weights), weights.sum())), 1.0)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Divide elementwise; 0 where the divisor is not positive."""
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)


def binomial_tail(sums: Floats, *, total: float, share: Floats) -> Floats:
    """P(X ≥ sum) for X ~ Binomial(total, share), elementwise; 1 where the sum or the share is 0.

    A share of 0 makes any sum impossible rather than unlikely: the exposure is wrong there, so nothing is called hot.
    Computed by the incomplete beta function, exact far into the tail, where 1 − cdf is rounding noise.
    """
    some = (sums > 0) & (share > 0)
    p = np.ones(len(sums))
    p[some] = betainc(sums[some], total - sums[some] + 1, share[some])
    return p


def false_discovery(p: ArrayLike) -> Floats:
    """Compute Benjamini and Hochberg's q values, in the order of `p`: the lowest false discovery rate at which each is
    called.
    """
    values = np.asarray(p, dtype=np.float64)
    n = len(values)
    order = np.argsort(values)[::-1]
    stepped = np.minimum.accumulate(values[order] * n / np.arange(n, 0, -1))
    q = np.empty(n)
    q[order] = np.minimum(stepped, 1.0)
    return q


@dataclass(frozen=True, slots=True)
class ShrunkRates:
    """Rates shrunk towards the common one. `weight` is each raw rate's share: 1 is the raw rate, 0 the common rate."""

    rates: Floats
    weight: Floats
    common: float


def shrunken_rates(counts: ArrayLike, exposure: ArrayLike) -> ShrunkRates:
    """Compute counts per exposure, shrunk towards the common rate: the less exposure, the more.

    All are the common rate where rates vary no more than chance would make them, and where there is no exposure.
    """
    observed, exposed = np.asarray(counts, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    total = exposed.sum()
    if total <= 0:
        return ShrunkRates(np.zeros(len(observed)), np.zeros(len(observed)), 0.0)
    common = float(observed.sum() / total)
    raw = np.divide(observed, exposed, out=np.full(len(observed), common), where=exposed > 0)
    between = _variance_between(raw, exposed, common)
    weight = between * exposed / (between * exposed + common) if common > 0 else np.zeros(len(observed))
    return ShrunkRates(common + weight * (raw - common), weight, common)


def _variance_between(raw: Floats, exposed: Floats, common: float) -> float:
    """Estimate the variance of the true rates: the weighted variance of the raw ones less that of chance, at least
    0.
    """
    seen = float((exposed * (raw - common) ** 2).sum() / exposed.sum())
    return max(seen - common / float(exposed[exposed > 0].mean()), 0.0)


def expected_from_past(past: ArrayLike, *, exposure: ArrayLike | None = None) -> Floats:
    """Expected count of each cell in one window, from earlier windows of the same length.

    `past` is cells × windows; the result, one number a cell, is the mean over windows, shrunk towards the county's (per
    `exposure`, where given), so that one incident in a quiet cell does not raise its expectation.
    """
    history = np.asarray(past, dtype=np.float64)
    cells, windows = history.shape
    weights = np.ones(cells) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if windows == 0:
        return np.zeros(cells)
    return shrunken_rates(history.sum(axis=1), weights * windows).rates * weights
