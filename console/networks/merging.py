"""Merge networks into one grid 多网融合: which areas become which grid, and what the grids should take over. Pure.

The county's grids stand unless most sectors say otherwise. The smallest divisions vote: where most of the sectors that
serve one give it to an area whose home is another grid, it is proposed to that grid, as an operation of a plan. What
would break the lines is left out, and said.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from console.networks.laying import Laid
from console.planning.homes import grid_of
from console.planning.lines import draw
from geo.coverage.refusals import PlanRefused
from geo.coverage.topology import Coverage
from geo.overlay.areas import Areas, Floats, Pieces, as_array, pieces_of
from geo.overlay.carrying import Carried, carry, shares_of, weights_of
from geo.overlay.disagreements import Overlay

LEAST_SECTORS = 2
"""Sectors that must agree on a change, at least: one office's network is no reason for the county's to follow."""
LEAST_SHARE = 0.01
"""Shares of an area below this are not listed with it."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Smallest divisions that most sectors have with another grid. `sectors` agree, of `voting` that serve them.

    `refusal` is the code by which the lines refuse it, None where it can be done.
    """

    codes: tuple[str, ...]
    of: str
    to: str
    sectors: tuple[str, ...]
    voting: int
    refusal: str | None = None

    @property
    def operation(self) -> dict[str, Any]:
        """The operation of a plan that does it."""
        return {"op": "reassign", "codes": list(self.codes), "to": self.to}


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which grids an area becomes: its shares of land, the largest first."""

    sector: str
    area: str
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class KnownCounts:
    """Households of the smallest divisions, by which counts are split: shapes in degrees, and a number for each."""

    shapes: Sequence[BaseGeometry]
    numbers: Sequence[int]


def proposals(laid: Laid, coverage: Coverage) -> tuple[list[Proposed], Coverage]:
    """Return what the sectors propose to change, and the lines with all of it that they allow."""
    found = []
    for wanted in _wanted(laid, coverage):
        try:
            coverage = draw(coverage, wanted.operation).coverage
            found.append(wanted)
        except PlanRefused as refused:
            found.append(_refused(wanted, refused.code))
    return found, coverage


def _refused(wanted: Proposed, code: str) -> Proposed:
    return Proposed(wanted.codes, wanted.of, wanted.to, wanted.sectors, wanted.voting, code)


def _wanted(laid: Laid, coverage: Coverage) -> Iterator[Proposed]:
    """Yield changes on which most sectors agree, those with the same grids and sectors together."""
    together: dict[tuple[str, str, tuple[str, ...], int], list[str]] = defaultdict(list)
    for code, votes in _votes(laid, coverage).items():
        own = grid_of(coverage, code)
        to, count = Counter(votes.values()).most_common(1)[0]
        if own is not None and to != own and count >= LEAST_SECTORS and 2 * count > len(votes):
            sectors = tuple(sorted(sector for sector, vote in votes.items() if vote == to))
            together[own, to, sectors, len(votes)].append(code)
    for (own, to, sectors, voting), codes in sorted(together.items()):
        yield Proposed(tuple(sorted(codes)), own, to, sectors, voting)


def _votes(laid: Laid, coverage: Coverage) -> dict[str, dict[str, str]]:
    """Return, for each of the smallest divisions below grids, the grid that each sector has it with."""
    codes = [code for code in coverage.finest if grid_of(coverage, code) not in (None, code)]
    finest = Areas.of({code: laid.plane.flatten(coverage.shapes[code]) for code in codes})
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for sector, overlay in laid.overlays.items():
        homes, mains = _homes(overlay)
        for code, area in _most_of(pieces_of(overlay.areas, finest, width=laid.width), finest):
            own = grid_of(coverage, code)
            if own is not None:
                found[code][sector] = own if mains.get(own) == area else homes.get(area, own)
    return found


def _homes(overlay: Overlay) -> tuple[dict[int, str], dict[str, int]]:
    """Return the grid that has the most land of each area, and the area that has the most land of each grid."""
    pieces, size = overlay.own, overlay.own.square_metres
    homes: dict[int, str] = {}
    mains: dict[str, int] = {}
    for row in np.argsort(-size, kind="stable").tolist():
        area, grid = int(pieces.area[row]), overlay.grids.codes[pieces.grid[row]]
        homes.setdefault(area, grid)
        mains.setdefault(grid, area)
    return homes, mains


def _most_of(pieces: Pieces, finest: Areas) -> Iterator[tuple[str, int]]:
    """Yield each of the smallest divisions with the area that has more than half of it."""
    whole = shapely.area(finest.shapes)[pieces.grid]
    for row in np.flatnonzero(2 * pieces.square_metres > whole).tolist():
        yield finest.codes[pieces.grid[row]], int(pieces.area[row])


def mapped(laid: Laid) -> Iterator[Mapped]:
    """Yield the grids that each area becomes."""
    for sector, overlay in laid.overlays.items():
        shares = shares_of(overlay)
        by_area: dict[int, list[tuple[str, float]]] = defaultdict(list)
        for area, grid, share in zip(shares.area.tolist(), shares.grid.tolist(), shares.share.tolist(), strict=True):
            if share >= LEAST_SHARE:
                by_area[area].append((shares.grids[grid], round(share, 4)))
        for area, found in sorted(by_area.items()):
            yield Mapped(sector, shares.areas[area], tuple(sorted(found, key=lambda one: (-one[1], one[0]))))


def carried(laid: Laid, known: KnownCounts | None) -> dict[str, dict[str, dict[str, Carried]]]:
    """Return the counts of each sector on the grids: by sector, count and grid."""
    found: dict[str, dict[str, dict[str, Carried]]] = {}
    for sector, overlay in laid.overlays.items():
        shares = shares_of(overlay, weights=_weights(laid, overlay.whole, known))
        found[sector] = {name: carry(counts, shares) for name, counts in laid.counts(sector).items()}
    return found


def _weights(laid: Laid, pieces: Pieces, known: KnownCounts | None) -> Floats | None:
    if known is None:
        return None
    shapes: NDArray[np.object_] = as_array([laid.plane.flatten(shape) for shape in known.shapes])
    return weights_of(pieces, shapes, np.array(known.numbers, dtype=np.float64))
