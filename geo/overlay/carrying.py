"""Carry counts that are known per area to grids, with how far each may be off. Pure.

An area's count is split over the grids that it lies in by what is known to be there, such as households, or else by
land. The results add up to the unit. How a count lies within its area is not known, so the error is told as the least
and the most that the areas allow: no interpolation can be off by more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely

from geo.overlay.areas import Bools, Floats, Ints, Pieces, Shapes
from geo.overlay.disagreements import Overlay

ELSEWHERE = ""
"""Stands for the land beyond the grids."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Carried:
    """A count on a grid: the `estimate`, the whole number that keeps the total, and the least and most there can be.

    `is_complete` is false where some of the land has no count.
    """

    estimate: float
    value: int
    least: int
    most: int
    is_complete: bool

    @property
    def is_small(self) -> bool:
        """Whether there may be some, though so few that the whole number is 0."""
        return self.value == 0 < self.estimate

    @property
    def error(self) -> int:
        """How far the value may be off."""
        return max(self.value - self.least, self.most - self.value)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate on a grid, one carried count by another. None without anything to divide by."""

    value: float | None
    least: float | None
    most: float | None
    is_complete: bool

    @classmethod
    def of(cls, above: Carried, below: Carried) -> Self:
        """Divide two counts. Rates are never carried themselves: an area's rate is not that of each part of it."""
        return cls(
            value=_divided(above.value, below.value),
            least=_divided(above.least, below.most),
            most=_divided(above.most, below.least),
            is_complete=above.is_complete and below.is_complete,
        )


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of areas in grids, by rows of both; the last grid is `ELSEWHERE`. An area's shares add up to 1.

    `with_gaps` are codes of grids with land of no area, `doubled` codes of areas that overlap another of the network.
    """

    areas: tuple[str, ...]
    grids: tuple[str, ...]
    area: Ints
    grid: Ints
    share: Floats
    with_gaps: frozenset[str]
    doubled: frozenset[str]


def shares_of(overlay: Overlay, *, weights: Floats | None = None) -> Shares:
    """Return how counts of areas are split over their pieces, by the pieces' weights or else by land.

    What lies beyond the grids has its share by land, as have areas whose pieces weigh nothing.
    """
    pieces, beyond = overlay.whole, overlay.beyond_m2
    land, count = pieces.square_metres, len(overlay.areas)
    total = _sums(pieces.area, land, count)
    within = np.divide(total, total + beyond, out=np.zeros(count), where=total > 0)
    left = np.flatnonzero(within < 1)
    return Shares(
        areas=overlay.areas.codes,
        grids=(*overlay.grids.codes, ELSEWHERE),
        area=np.concatenate([pieces.area, left]),
        grid=np.concatenate([pieces.grid, np.full(len(left), len(overlay.grids))]),
        share=np.concatenate([_normed(pieces, land, weights) * within[pieces.area], 1 - within[left]]),
        with_gaps=overlay.with_gaps,
        doubled=overlay.doubled,
    )


def weights_of(pieces: Pieces, finest: Shapes, known: Floats) -> Floats:
    """Return what is known to be in each piece: the counts of the finest divisions, each by its land in the piece."""
    piece, division = shapely.STRtree(finest).query(pieces.shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(pieces.shapes[piece], finest[division]))
    held = known[division] * common / shapely.area(finest[division])
    return _sums(piece, held, len(pieces.area))


def _normed(pieces: Pieces, land: Floats, weights: Floats | None) -> Floats:
    """Return weights as shares of their area's, or shares of land where they are all zero."""
    if not len(land):
        return land
    used = land if weights is None else np.where(_sums(pieces.area, weights)[pieces.area] > 0, weights, land)
    return np.asarray(used / _sums(pieces.area, used)[pieces.area])


def _sums(rows: Ints, values: Floats | Ints, count: int = 0) -> Floats:
    return np.asarray(np.bincount(rows, weights=values, minlength=count), dtype=np.float64)


def carry(counts: Mapping[str, int], shares: Shares) -> dict[str, Carried]:
    """Carry counts of areas to grids. Where an area has none, the grids that it lies in are incomplete.

    The counts of all grids, and of `ELSEWHERE` if something lies there, add up to the total of all areas.
    """
    given = np.array([counts.get(code, -1) for code in shares.areas], dtype=np.int64)
    known = given[shares.area] >= 0
    area, grid, share = shares.area[known], shares.grid[known], shares.share[known]
    size, is_sure = len(shares.grids), _lie_whole(shares)[area]
    estimates = _sums(grid, given[area] * share, size)
    values = _rounded(estimates, int(given[given >= 0].sum()))
    least, most = _sums(grid, given[area] * is_sure, size), _sums(grid, given[area], size)
    unknown = {*shares.grid[~known].tolist()}
    return {
        code: Carried(
            estimate=round(float(estimates[i]), 3),
            value=int(values[i]),
            least=int(least[i]),
            most=int(most[i]),
            is_complete=i not in unknown and code not in shares.with_gaps,
        )
        for i, code in enumerate(shares.grids)
        if code != ELSEWHERE or i in shares.grid
    }


def _lie_whole(shares: Shares) -> Bools:
    """Return which areas lie in one grid with all that they count, and count nothing that another counts too."""
    is_single = np.array([code not in shares.doubled for code in shares.areas], dtype=bool)
    return np.asarray(is_single & (np.bincount(shares.area, minlength=len(is_single)) == 1))


def _rounded(estimates: Floats, total: int) -> Ints:
    """Return whole numbers with the given total: of what rounding down leaves, the largest remainders get one each."""
    whole: Ints = np.floor(estimates + ROUNDING).astype(np.int64)
    left = total - int(whole.sum())
    whole[np.argsort(whole - estimates, kind="stable")[:left]] += 1
    return whole


def _divided(above: int, below: int) -> float | None:
    return round(above / below, 4) if below else None
