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


@dataclass(frozen=True)
class Ways:
    """The ways of a coverage's workers. `known` keeps what was measured by outline: drafts share most of theirs."""

    coverage: Coverage
    workers: Sequence[Worker]
    travel: TravelTime
    known: dict[str, tuple[BaseGeometry, Sequence[Worker], float]] = field(default_factory=dict)

    def farthest(self, code: str) -> float | None:
        """Return the minutes to the farthest corner of a grid from its nearest worker's home; of a division above, the
        most of its grids. None without a worker, and below grids.
        """
        found = [self._farthest(grid) for grid in self._grids_below(code) if grid in self.posted]
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

    @cached_property
    def posted(self) -> Mapping[str, Sequence[Worker]]:
        """Workers by grid: their own while it is there, else the one that their home lies in."""
        kept, found = self.coverage.divisions, dict[str, list[Worker]]()
        for one in self.workers:
            if one.grid in kept:
                found.setdefault(one.grid, []).append(one)
        without = [one for one in self.workers if one.grid not in kept]
        homes = owners_of(self.coverage, [(one.lon, one.lat) for one in without])
        for one, home in zip(without, homes, strict=True):
            grid = None if home is None else self._grid_of(home)
            if grid is not None:
                found.setdefault(grid, []).append(one)
        return found

    def _grid_of(self, finest: str) -> str | None:
        return grid_of(self.coverage, finest)

    def _farthest(self, grid: str) -> float:
        outline, workers = self.coverage.outline(grid), self.posted[grid]
        kept = self.known.get(grid)
        if kept is not None and kept[0] is outline and kept[1] == workers:
            return kept[2]
        corners = shapely.get_coordinates(outline)
        minutes = float(np.min([self._minutes_to(corners, worker) for worker in workers], axis=0).max())
        if kept is None:
            self.known[grid] = outline, workers, minutes
        return minutes

    def _minutes_to(self, corners: Floats, worker: Worker) -> Floats:
        metres = np.hypot(*Plane(worker.lon, worker.lat).to_metres(corners).T)
        start = self.travel(0.0, worker.mode)
        return np.asarray(start + (self.travel(1000.0, worker.mode) - start) / 1000 * metres)
