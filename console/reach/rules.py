"""Who reaches which grid in time, and the one move that closes most. Pure: times of travel are given.

A grid is inside when somebody on duty comes to a point of it within the minutes. An incident counts with its grid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geo.travel import ModeName

Bools = NDArray[np.bool_]
Place = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A grid: a point inside it, and the incidents of the last year that count with it."""

    code: str
    name: str
    path: str
    lon: float
    lat: float
    incidents: int = 0


@dataclass(frozen=True, slots=True)
class Origin:
    """A force that can be asked now: from where it goes and how, and the minutes that pass before it answers.

    `sure`: its position is fresh. `free`: it has no task, so it could be sent to wait elsewhere.
    """

    force: int
    name: str
    mode: ModeName
    lon: float
    lat: float
    wait_minutes: float = 0.0
    sure: bool = True
    free: bool = True

    @property
    def may_move(self) -> bool:
        """Whether it is there already and free: it could wait elsewhere."""
        return self.free and self.wait_minutes == 0


@dataclass(frozen=True, slots=True)
class Share:
    """Grids and incidents inside, of how many; `doubtful` ones are reached only by forces whose position is old."""

    grids: int
    of_grids: int
    doubtful_grids: int
    incidents: int
    of_incidents: int
    doubtful_incidents: int


@dataclass(frozen=True, slots=True)
class Move:
    """One force that would wait in another grid, by index, and what the circle gains by it: more incidents, or as many
    and more grids.
    """

    force: int
    name: str
    spot: int
    grids: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Cover:
    """Which spots are reached: `counts` by how many forces, `sure` by one whose position is fresh."""

    counts: NDArray[np.int64]
    sure: Bools

    @classmethod
    def of(cls, reached: Mapping[int, Bools], origins: Sequence[Origin], *, spots: int) -> Self:
        """`reached`: by force, whether it comes to each spot in time."""
        counts, sure = np.zeros(spots, dtype=np.int64), np.zeros(spots, dtype=bool)
        for origin in origins:
            counts += reached[origin.force]
            if origin.sure:
                sure |= reached[origin.force]
        return cls(counts, sure)

    @property
    def inside(self) -> Bools:
        return self.counts > 0


def share_of(cover: Cover, incidents: NDArray[np.int64]) -> Share:
    inside, doubtful = cover.inside, cover.inside & ~cover.sure
    return Share(
        grids=int(inside.sum()),
        of_grids=len(inside),
        doubtful_grids=int(doubtful.sum()),
        incidents=int(incidents[inside].sum()),
        of_incidents=int(incidents.sum()),
        doubtful_incidents=int(incidents[doubtful].sum()),
    )


def weights_of(incidents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Weigh spots so that more incidents count first, and of equally many more grids."""
    return incidents * (len(incidents) + 1) + 1


@dataclass(slots=True)
class Moves:
    """Looks for the move that closes most: every force against every spot outside, by trying.

    Spots are tried while more could be gained there, by the most that a straight line allows, than by the best move so
    far: the result equals trying all. Of equal moves the one of the least force and spot is taken.
    """

    cover: Cover
    weights: NDArray[np.int64]
    only: Mapping[int, Bools]
    """By force that is free, the spots that it alone reaches."""
    best: tuple[int, int, int] | None = None
    """Gain in weight, force and spot."""

    @classmethod
    def of(
        cls, cover: Cover, reached: Mapping[int, Bools], forces: Iterable[int], incidents: NDArray[np.int64]
    ) -> Self:
        """`forces` are those that could wait elsewhere."""
        single = cover.counts == 1
        return cls(cover, weights_of(incidents), {force: reached[force] & single for force in forces})

    def most(self, could_reach: Bools) -> int:
        """Return the most weight that a force at a place could add, which comes at best to the spots given."""
        return int(self.weights[could_reach & ~self.cover.inside].sum())

    def worth(self, most: int) -> bool:
        """Whether a move that adds at most so much could be the best."""
        return most > 0 and (self.best is None or most >= self.best[0])

    def consider(self, spot: int, reached: Bools, forces: Iterable[int]) -> bool:
        """Try to let each of the forces wait at a spot, from where those given are reached in time.

        Returns whether that is the best move so far.
        """
        before = self.best
        gained = int(self.weights[reached & ~self.cover.inside].sum())
        for force in forces:
            gain = gained - int(self.weights[self.only[force] & ~reached].sum())
            if gain > 0 and (self.best is None or (-gain, force, spot) < (-self.best[0], *self.best[1:])):
                self.best = (gain, force, spot)
        return self.best != before

    def move(self, reached: Bools, names: Mapping[int, str], incidents: NDArray[np.int64]) -> Move | None:
        """Tell the best move in grids and incidents; `reached` are the spots reached from its new place."""
        if self.best is None:
            return None
        _, force, spot = self.best
        new, lost = reached & ~self.cover.inside, self.only[force] & ~reached
        grids, closed = int(new.sum()) - int(lost.sum()), int(incidents[new].sum()) - int(incidents[lost].sum())
        return Move(force, names[force], spot, grids, closed)
