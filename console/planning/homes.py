"""Minutes from the homes of workers to the farthest corner of their grids. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.owners import owners_of
from geo.coverage.topology import Coverage
from geo.plane import Plane
from geo.travel import TravelTime
from layers.divisions.terms import GRID

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Worker:
    """A force that is posted to a grid or below: where its home is, how it travels, and the grid."""

    lon: float
    lat: float
    mode: str
    grid: str


def grid_of(coverage: Coverage, finest: str) -> str | None:
    """Return the grid that one of the finest divisions is or lies in."""
    above = (finest, *coverage.tree.above(finest))
    return next((up for up in above if coverage.divisions[up].level == GRID), None)


def homes_left(
    before: Coverage, after: Coverage, workers: Sequence[Worker], *, grids: Collection[str]
) -> list[tuple[Worker, str | None]]:
    """Return the workers of some grids whose homes lay in their grid and do so no more, each with the grid there."""
    asked = [one for one in workers if one.grid in grids and one.grid in before and one.grid in after]
    places = [(one.lon, one.lat) for one in asked]
    was = [None if code is None else grid_of(before, code) for code in owners_of(before, places)]
    now = [None if code is None else grid_of(after, code) for code in owners_of(after, places)]
    return [(one, there) for one, own, there in zip(asked, was, now, strict=True) if own == one.grid != there]


Measured = tuple[BaseGeometry, Sequence[Worker], float]


@dataclass(frozen=True)
class Ways:
    """The ways of a coverage's workers, given by grid.

    `known` keeps what was measured by outline, first and last: drafts share most of theirs with what they begin with,
    and previews with the draft.
    """

    coverage: Coverage
    workers: Mapping[str, Sequence[Worker]]
    travel: TravelTime
    known: dict[str, tuple[Measured, Measured]] = field(default_factory=dict)

    def farthest(self, code: str) -> float | None:
        """Return the minutes to the farthest corner of a grid from its nearest worker's home; of a division above, the
        most of its grids. None without a worker, and below grids.
        """
        posted = [(grid, workers) for grid in self._grids_below(code) if (workers := self._posted(grid))]
        found = [self._farthest(grid, workers) for grid, workers in posted]
        return round(max(found), 1) if found else None

    def _grids_below(self, code: str) -> list[str]:
        divisions, waiting, found = self.coverage.divisions, [code], list[str]()
        while waiting:
            one = waiting.pop()
            if divisions[one].level == GRID:
                found.append(one)
            else:
                waiting.extend(self.coverage.tree.children.get(one, ()))
        return found

    def _posted(self, grid: str) -> Sequence[Worker]:
        """Return a grid's workers: its own, and those whose grid is not there any more and whose home lies in it."""
        own = self.workers.get(grid, ())
        return [*own, *self._come[grid]] if grid in self._come else own

    @cached_property
    def _come(self) -> Mapping[str, Sequence[Worker]]:
        """Workers whose grid is not there any more, by the grid that their home lies in."""
        kept, found = self.coverage.divisions, dict[str, list[Worker]]()
        without = [one for grid, own in self.workers.items() if grid not in kept for one in own]
        homes = owners_of(self.coverage, [(one.lon, one.lat) for one in without])
        for one, home in zip(without, homes, strict=True):
            grid = None if home is None else self._grid_of(home)
            if grid is not None:
                found.setdefault(grid, []).append(one)
        return found

    def _grid_of(self, finest: str) -> str | None:
        return grid_of(self.coverage, finest)

    def _farthest(self, grid: str, workers: Sequence[Worker]) -> float:
        outline, known = self.coverage.outline(grid), self.known.get(grid, ())
        for was, before, minutes in known:
            if was is outline and before == workers:
                return minutes
        corners = shapely.get_coordinates(outline)
        minutes = float(np.min([self._minutes_to(corners, worker) for worker in workers], axis=0).max())
        measured = outline, workers, minutes
        self.known[grid] = (known[0] if known else measured, measured)
        return minutes

    def _minutes_to(self, corners: Floats, worker: Worker) -> Floats:
        metres = np.hypot(*Plane(worker.lon, worker.lat).to_metres(corners).T)
        start = self.travel(0.0, worker.mode)
        return np.asarray(start + (self.travel(1000.0, worker.mode) - start) / 1000 * metres)
