"""Count what happened and what is there on the lines of a draft. Pure, on numpy arrays.

Counts follow from the lines alone, not from how they came about: after undo and redo they are the same. Every count of
the finest divisions is a whole number, so that the sum over the divisions of a level is the whole's.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from console.planning.carrying import Nearby, Spread, carry
from console.planning.communities import Communities, Splits
from console.planning.homes import Worker
from console.planning.touching import Touched
from geo.coverage.owners import NOWHERE, SLIT_DEGREES, owner_rows
from geo.coverage.topology import Coverage
from geo.travel import TravelTime

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Work = Mapping[str, Mapping[str, int]]
MINUTES, OPEN, CAMERAS = -3, -2, -1
"""The last columns of sums; before them come the incidents of the months by class."""


@dataclass(frozen=True)
class Facts:
    """What figures are made of. `points` (n × 2, degrees) are incidents and cameras, with what each counts as: its
    place among `classes` for an incident of the months asked for (or -1), minutes of work, open or not, camera or not.

    `minutes` are None where the work of no incident is known, `communities` where no outline of one is.
    """

    points: Floats
    classes: Sequence[str]
    class_at: Ints
    minutes: Ints | None
    is_open: Ints
    is_camera: Ints
    workers: Sequence[Worker] = ()
    households: Mapping[str, int | None] = field(default_factory=dict)
    enterprises: Mapping[str, int | None] = field(default_factory=dict)
    communities: Communities | None = None
    known_ways: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(np.asarray(shapely.points(self.points), dtype=object))

    @cached_property
    def workers_of(self) -> Mapping[str, Sequence[Worker]]:
        """The workers of each grid."""
        found: dict[str, list[Worker]] = {}
        for worker in self.workers:
            found.setdefault(worker.grid, []).append(worker)
        return found

    def summed(self, owners: Ints, *, size: int, which: Any = slice(None)) -> Ints:
        """Add up points, all or some, by the row of each in `owners`: `size` rows and one for nowhere, columns as of
        `Tally.sums`.
        """
        rows, classes, of_class = owners % (size + 1), len(self.classes), self.class_at[which]
        counted, cells = of_class >= 0, (size + 1) * classes
        by_class = np.bincount(rows[counted] * classes + of_class[counted], minlength=cells)
        weighed = (self.minutes, self.is_open, self.is_camera)
        columns = [_sum(rows, None if one is None else one[which], size=size + 1) for one in weighed]
        return np.column_stack([by_class.reshape(size + 1, classes), *columns])


def _sum(rows: Ints, weights: Ints | None, *, size: int) -> Ints:
    if weights is None:
        return np.zeros(size, dtype=np.int64)
    some = weights > 0
    return np.bincount(rows[some], weights=weights[some], minlength=size).astype(np.int64)


@dataclass(frozen=True)
class Tally:
    """Counts of the finest divisions of one coverage: parallel to `coverage.finest`, the last row for nowhere.

    `owners` has the row of each point, `sums` incidents by class, minutes of work, open incidents and cameras, and
    `work` the minutes by level and division. Unknown households and enterprises are -1; `spread` is how they were
    carried from the lines that a draft begins with. The outlines of the divisions named in `alike` are those of the
    coverages there. `splits` has where each community counts. `figured` are rows of figures that were worked out.
    """

    coverage: Coverage
    facts: Facts
    owners: Ints
    sums: Ints
    work: Work
    households: Ints
    enterprises: Ints
    spread: Spread | None = None
    alike: Sequence[tuple[Coverage, frozenset[str]]] = ()
    splits: Splits | None = None
    figured: dict[TravelTime, dict[str, dict[str, Any]]] = field(default_factory=dict, init=False, repr=False)

    def compactness(self, code: str) -> float:
        """Return the compactness of a division, from a coverage where its outline is known already."""
        known = (coverage for coverage, codes in self.alike if code in codes)
        return next(known, self.coverage).compactness(code)

    @property
    def carried(self) -> frozenset[str]:
        """The finest divisions whose households and enterprises were estimated by area."""
        return frozenset() if self.spread is None else self.spread.estimated

    @cached_property
    def is_carried(self) -> NDArray[np.bool_]:
        found = np.zeros(len(self.coverage.finest) + 1, dtype=np.bool_)
        found[[self.coverage.rows[code] for code in self.carried]] = True
        return found

    @property
    def by_class(self) -> Ints:
        """Incidents of the months by finest division and class."""
        return self.sums[:, :MINUTES]

    @property
    def minutes(self) -> Ints | None:
        return None if self.facts.minutes is None else self.sums[:, MINUTES]

    @property
    def open_incidents(self) -> Ints:
        return self.sums[:, OPEN]

    @property
    def cameras(self) -> Ints:
        return self.sums[:, CAMERAS]

    @cached_property
    def communities_split(self) -> Ints | None:
        """Communities that grids split, by finest division; see `communities.py`."""
        if self.splits is None:
            return None
        found = np.zeros(len(self.coverage.finest) + 1, dtype=np.int64)
        np.add.at(found, [self.coverage.rows[code] for code in self.splits if code is not None], 1)
        return found

    def rows_of(self, code: str) -> Ints:
        """Return the rows of the finest divisions that make up one of any level."""
        return _rows_of(self.coverage, code)


def _rows_of(coverage: Coverage, code: str) -> Ints:
    if coverage.tree.children[None] == [code]:
        return np.arange(len(coverage.finest))
    rows = coverage.rows
    return np.array([rows[one] for one in coverage.tree.finest_below([code])], dtype=np.int64)


def tally(coverage: Coverage, facts: Facts) -> Tally:
    """Count all facts on the lines of a coverage."""
    owners = owner_rows(coverage, facts.points)
    sums = facts.summed(owners, size=len(coverage.finest))
    return Tally(
        coverage=coverage,
        facts=facts,
        owners=owners,
        sums=sums,
        work=_work(coverage, sums[:, MINUTES]),
        households=_known(coverage, facts.households),
        enterprises=_known(coverage, facts.enterprises),
        splits=None if facts.communities is None else facts.communities.splits(coverage),
    )


@dataclass(frozen=True, slots=True)
class Near:
    """Counts on lines from which others differ less than from those that the draft begins with, and by what."""

    tally: Tally
    change: Touched


def tally_after(before: Tally, coverage: Coverage, change: Touched, *, near: Near | None = None) -> Tally:
    """Count the facts of `before` on the lines of another coverage of the same land.

    Only points in or on what was touched are assigned anew, by the same rule as all. Counts on the lines `near` to
    these ones save work, and change nothing.
    """
    if coverage is before.coverage:
        return before
    known = near or Near(before, change)
    spread = carry(before.coverage, coverage, change, near=_nearby(near, coverage))
    owners, sums, rows = _summed_after(known.tally, coverage, known.change)
    return Tally(
        coverage=coverage,
        facts=before.facts,
        owners=owners,
        sums=sums,
        work=_work_after(known, coverage, sums[:, MINUTES], rows),
        households=spread.of(before.households),
        enterprises=spread.of(before.enterprises),
        spread=spread,
        alike=[(before.coverage, change.around), *([(near.tally.coverage, near.change.around)] if near else [])],
        splits=_splits_after(known, coverage),
    )


def _splits_after(near: Near, coverage: Coverage) -> Splits | None:
    known, communities = near.tally.splits, near.tally.facts.communities
    if known is None or communities is None:
        return None
    return communities.splits_after(known, coverage, _shapes_touched(near.tally.coverage, coverage, near.change))


def _nearby(near: Near | None, coverage: Coverage) -> Nearby | None:
    if near is None or near.tally.spread is None:
        return None
    return Nearby(near.tally.spread, shapely.bounds(_shapes_touched(near.tally.coverage, coverage, near.change)))


def _shapes_touched(before: Coverage, after: Coverage, change: Touched) -> NDArray[np.object_]:
    shapes = [before.shapes[code] for code in change.before] + [after.shapes[code] for code in change.after]
    return np.array(shapes, dtype=object)


def _summed_after(before: Tally, coverage: Coverage, change: Touched) -> tuple[Ints, Ints, tuple[Ints, Ints]]:
    """Return owners and sums on other lines, and the rows before and after whose sums are others."""
    was = before.coverage
    old = was.rows_without(code for code in change.before if code not in coverage.shapes)
    new = coverage.rows_without(code for code in change.after if code not in was.shapes)
    row_now = np.full(len(was.finest) + 1, NOWHERE, dtype=np.int64)
    row_now[old] = new
    owners = row_now[before.owners]
    sums = np.zeros((len(coverage.finest) + 1, before.sums.shape[1]), dtype=np.int64)
    sums[new], sums[NOWHERE] = before.sums[old], before.sums[NOWHERE]
    again = _points_around(before, coverage, change)
    left, owners[again] = before.owners[again], owner_rows(coverage, before.facts.points[again])
    moved = row_now[left] != owners[again]
    moved |= (owners[again] == NOWHERE) & (left != NOWHERE)
    again, left = again[moved], left[moved]
    lost = before.facts.summed(left, size=len(was.finest), which=again)
    sums[new] -= lost[old]
    sums[NOWHERE] -= lost[NOWHERE]
    sums += before.facts.summed(owners[again], size=len(coverage.finest), which=again)
    return owners, sums, (np.unique(left), np.unique(owners[again]))


def _points_around(before: Tally, coverage: Coverage, change: Touched) -> Ints:
    """Return the points in or on what was touched, before and after."""
    shapes = _shapes_touched(before.coverage, coverage, change)
    if not len(shapes) or not len(before.facts.points):
        return np.array([], dtype=np.int64)
    _, found = before.facts.tree.query(shapes, predicate="dwithin", distance=2 * SLIT_DEGREES)
    return np.unique(found)


def _work(coverage: Coverage, minutes: Ints) -> Work:
    """Add up minutes of the finest divisions by level and division."""
    found: dict[str, dict[str, int]] = {level: {} for level in coverage.levels}
    for code, one in coverage.divisions.items():
        found[one.level][code] = 0
    for code, spent in zip(coverage.finest, minutes.tolist(), strict=False):
        found[coverage.divisions[code].level][code] = spent
    for level, above in pairwise(reversed(coverage.levels)):
        for code, spent in found[level].items():
            found[above][coverage.divisions[code].parent or ""] += spent
    return found


def _work_after(near: Near, coverage: Coverage, minutes: Ints, rows: tuple[Ints, Ints]) -> Work:
    """Add up minutes anew for what was touched, and all above it."""
    was = near.tally.coverage
    found = {level: {**of_level} for level, of_level in near.tally.work.items()}
    concerned = {*near.change.before, *near.change.after, *_begun_or_ended(was, coverage)}
    for known, changed in zip((was, coverage), rows, strict=True):
        concerned |= {known.finest[row] for row in changed.tolist() if row != NOWHERE}
    codes = {up for known in (was, coverage) for up in known.tree.with_above(c for c in concerned if c in known)}
    for code in codes:
        if code in coverage:
            found[coverage.divisions[code].level][code] = int(minutes[_rows_of(coverage, code)].sum())
        else:
            del found[was.divisions[code].level][code]
    return found


def _begun_or_ended(before: Coverage, after: Coverage) -> Collection[str]:
    return {code for code in before.may_differ(after) if (code in before) != (code in after)}


def _known(coverage: Coverage, counts: Mapping[str, int | None]) -> Ints:
    known: Iterable[int | None] = (counts.get(code) for code in coverage.finest)
    return np.array([*(-1 if count is None else count for count in known), 0], dtype=np.int64)
