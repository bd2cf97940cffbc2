"""Turn counts into hot cells. Pure; one pass over a county's 15,000 cells takes milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from geo.cells import Cells
from geo.statistics import Floats, Scan, expected_from_past, shrunken_rates
from layers.hotspots.cell_sets import CellSet
from layers.hotspots.rules import FALSE_DISCOVERY, HotCell, Hotspots, View, klass_of

PER_HOUSEHOLDS = 1000.0


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts read from the database, as parallel arrays: cell of the view, span (0 is now, 1 the one before), number.

    `known` is how many of the past spans lie within recorded history.
    """

    cells: Cells
    slots: NDArray[np.int64]
    n: Floats
    known: int


def rate(cell_set: CellSet, counts: Counts, *, view: View, least_hot: int, as_of: datetime) -> Hotspots:
    """Rate every cell of `cell_set`, which must hold every cell that has a count.

    No cell has a class while the window before is not known.

    A cell is hot when its neighbourhood holds more than chance puts there, at a false-discovery rate of 5 % over all
    cells, and it has at least `least_hot` incidents of its own. Without the second condition the quiet ring round a
    hotspot would be hot, and cells with a single incident.
    """
    grid = by_span(cell_set, counts)
    now, before = cell_set.neighbourhoods.scan(grid[:, 0]), cell_set.neighbourhoods.scan(grid[:, 1])
    expected = _expected(grid, counts.known)
    rates = _rates(cell_set, grid[:, 0])
    past_known = counts.known > 0
    hot, was_hot = hot_cells(now, grid[:, 0], least_hot=least_hot), hot_cells(before, grid[:, 1], least_hot=least_hot)
    shown = np.flatnonzero(((grid[:, 0] > 0) | (was_hot & past_known)) & _enough(grid, view.least))
    cells = tuple(
        HotCell(
            cell=int(cell_set.cells[i]),
            count=int(grid[i, 0]),
            expected=round(float(expected[i]), 3),
            z=round(float(now.z[i]), 2),
            q=round(float(now.q[i]), 4),
            klass=klass_of(hot=bool(hot[i]), was_hot=bool(was_hot[i]), past_known=past_known),
            exposure=None if cell_set.households is None else round(float(cell_set.households[i]), 1),
            rate=None if rates is None else round(float(rates[i]), 3),
        )
        for i in shown.tolist()
    )
    total = int(grid[:, 0].sum())
    shown_total = total if total >= view.least else 0
    return Hotspots(view=view, as_of=as_of, total=shown_total, cells=cells, past_known=past_known)


def _enough(grid: Floats, least: int) -> NDArray[np.bool_]:
    """Whether a cell has at least `least` incidents now, or none now and as many in the window before."""
    now, before = grid[:, 0], grid[:, 1]
    enough: NDArray[np.bool_] = (now >= least) | ((now == 0) & ((before >= least) | (least <= 1)))
    return enough


def by_span(cell_set: CellSet, counts: Counts) -> Floats:
    """Sum counts to cells × spans, at least the present one and the one before."""
    spans = max(int(counts.slots.max(initial=1)), counts.known) + 1
    flat = cell_set.places(counts.cells) * spans + counts.slots
    summed = np.bincount(flat, weights=counts.n, minlength=len(cell_set.cells) * spans)
    return summed.reshape(len(cell_set.cells), spans).astype(np.float64)


def _expected(grid: Floats, known: int) -> Floats:
    """Estimate from as much past as there is; without any, spread the present total evenly."""
    if known == 0:
        return np.full(len(grid), grid[:, 0].mean() if len(grid) else 0.0)
    return expected_from_past(grid[:, 1 : known + 1])


def _rates(cell_set: CellSet, counts: Floats) -> Floats | None:
    if cell_set.households is None:
        return None
    return shrunken_rates(counts, cell_set.households).rates * PER_HOUSEHOLDS


def hot_cells(scan: Scan, counts: Floats, *, least_hot: int) -> NDArray[np.bool_]:
    """Return which cells are hot: in a neighbourhood beyond chance, and with enough incidents of their own."""
    return (scan.q <= FALSE_DISCOVERY) & (counts >= least_hot)


def within(hotspots: Hotspots, bbox: Sequence[float], *, centres: Floats) -> Hotspots:
    """Keep only the cells whose centre lies in (west, south, east, north). `centres`: one (lon, lat) row per cell.

    They keep their rating among all cells: zooming in must not make a cell hot.
    """
    west, south, east, north = bbox
    lon, lat = centres[:, 0], centres[:, 1]
    kept = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    cells = tuple(cell for cell, keep in zip(hotspots.cells, kept.tolist(), strict=True) if keep)
    return replace(hotspots, total=sum(c.count for c in cells), cells=cells)
