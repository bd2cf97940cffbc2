"""The land of a draft as numbers to search: pieces with loads, what must stay, and which lines are not crossed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from console.planning.counts import Tally
from console.planning.proposals.cells import cells_of
from console.planning.proposals.rules import BadSeeds, NothingToEven, Wish, require_levels
from geo.coverage.editing.operations import as_json
from geo.coverage.evening.land import Land, Layer
from geo.coverage.evening.redrawing import redrawn
from geo.coverage.owners import owners_of
from geo.coverage.refusals import PlanRefused
from geo.coverage.topology import Coverage

Floats = NDArray[np.float64]
UNMOVED = 1e-3
"""What moving a piece costs besides its households, as a share of the mean: not even an empty piece moves for nothing.
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Land, with the codes of its `pieces` and `groups`. `households` are those of each piece, None where none is known
    anywhere. `cells` are there where the pieces are none of the draft's divisions, but cut for the search.
    """

    land: Land
    pieces: Sequence[str]
    groups: Sequence[str]
    households: Sequence[int] | None
    wish: Wish
    seeds: Mapping[int, int]
    piece_level: str
    cells: Coverage | None = None

    def operations(self, coverage: Coverage, owners: Sequence[int]) -> Iterator[dict[str, Any]]:
        """Yield operations that make a grouping of a draft, as JSON, the better one first; each is one step to undo.

        Raises `PlanRefused` where one cannot be made.
        """
        if self.cells is None:
            yield self._reassigned(owners)
            return
        named = {code: self.groups[now] for code, now in zip(self.pieces, owners, strict=True)}
        with suppress(PlanRefused):
            yield as_json(redrawn(coverage, self.cells, named))
        yield as_json(redrawn(coverage, self.cells, named, straightened=0.0))

    def _reassigned(self, owners: Sequence[int]) -> dict[str, Any]:
        moved: dict[str, list[str]] = {}
        for piece, was, now in zip(self.pieces, self.land.owners, owners, strict=True):
            if was != now:
                moved.setdefault(self.groups[now], []).append(piece)
        steps = [{"op": "reassign", "codes": sorted(codes), "to": group} for group, codes in sorted(moved.items())]
        return {"op": "batch", "operations": steps}

    def parent_of(self, group: str, coverage: Coverage) -> str:
        """Return the division whose lines a group stays within."""
        divisions = coverage.divisions
        return next(up for up in coverage.tree.above(group) if divisions[up].level == self.wish.within)

    def deviations(self, counts: Tally) -> list[float]:
        """Return how much more than its even share each group has, in mean loads, counted on the lines of a draft.

        A point on a border belongs to the division whose path comes first, and paths change with the lines: so loads
        may differ a little from those of the pieces.
        """
        rows = [counts.rows_of(group) for group in self.groups]
        loads = loads_of(counts, np.concatenate(rows), self.wish.weights)
        of_group = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
        return self.land.deviations_of(np.bincount(of_group, loads, minlength=len(rows)).tolist())

    def moved_pieces(self, owners: Sequence[int]) -> int:
        return sum(was != now for was, now in zip(self.land.owners, owners, strict=True))

    def moved_households(self, owners: Sequence[int]) -> int | None:
        """Return how many households get another group; None where no count is known."""
        if self.households is None:
            return None
        changed = zip(self.households, self.land.owners, owners, strict=True)
        return sum(count for count, was, now in changed if was != now)


def site_of(coverage: Coverage, counts: Tally, wish: Wish) -> Site:
    """Return the land that a wish is about. Raises `UnknownCode`, `WrongLevel`, `NothingToEven`, `BadSeeds`."""
    require_levels(coverage, wish)
    groups = _groups(coverage, wish)
    if len(groups) > 1 and all(coverage.tree.is_finest(code) for code in groups):
        cells = cells_of(coverage, counts, groups)
        return replace(_Surveying(cells.coverage, cells, wish, keep_middles=True).site(), cells=cells.coverage)
    return _Surveying(coverage, counts, wish).site()


class _Surveying:
    """Takes the land of a draft apart into pieces, the divisions directly below the groups."""

    def __init__(self, coverage: Coverage, counts: Tally, wish: Wish, *, keep_middles: bool = False) -> None:
        self.coverage, self.counts, self.wish, self.keep_middles = coverage, counts, wish, keep_middles
        self.groups = _groups(coverage, wish)
        self.whole = {code for code in self.groups if coverage.tree.is_finest(code)}
        parted = {*self.groups} - self.whole
        if len(parted) < 2:
            raise NothingToEven(*self.groups, groups=len(parted), figures=[])
        self.group_at = {code: at for at, code in enumerate(self.groups)}
        self.pieces = sorted([*self.whole, *(piece for group in parted for piece in coverage.tree.children[group])])
        self.piece_at = {code: at for at, code in enumerate(self.pieces)}
        self.owners = tuple(
            self.group_at[code if code in self.whole else coverage.divisions[code].parent or ""] for code in self.pieces
        )
        self.piece_of = {
            finest: at for code, at in self.piece_at.items() for finest in coverage.tree.finest_below([code])
        }

    def site(self) -> Site:
        households = self._sum(self.counts.households)
        known = bool((self.counts.households[self._rows] >= 0).any())
        costs = households if known else np.ones(len(self.pieces))
        costs = costs + UNMOVED * (costs.mean() or 1.0)
        closed = self._closed()
        land = Land(
            loads=self._loads().tolist(),
            costs=costs.tolist(),
            borders=self._borders(),
            owners=self.owners,
            fixed=self._fixed(closed),
            parents=self._parents(),
            closed=closed,
            parts=[self.coverage.divisions[code].parts for code in self.groups],
            between=self._between(),
        )
        counted = [int(count) for count in households] if known else None
        level = next(self.coverage.divisions[code].level for code in self.pieces if code not in self.whole)
        return Site(land, self.pieces, self.groups, counted, self.wish, self._seeds(), level)

    @property
    def _rows(self) -> NDArray[np.int64]:
        """Rows of the finest divisions that make up the pieces."""
        return np.searchsorted(np.array(self.coverage.finest), sorted(self.piece_of))

    def _sum(self, counts: NDArray[np.int64]) -> Floats:
        """Add up counts of the finest divisions by piece; unknown ones are none."""
        at = [self.piece_of[code] for code in sorted(self.piece_of)]
        return np.bincount(at, np.maximum(counts[self._rows], 0), minlength=len(self.pieces)).astype(np.float64)

    def _loads(self) -> Floats:
        """Return the load of each piece. Raises `NothingToEven` where there is none."""
        at = [self.piece_of[code] for code in sorted(self.piece_of)]
        loads = loads_of(self.counts, self._rows, self.wish.weights)
        found = np.bincount(at, loads, minlength=len(self.pieces)).astype(np.float64)
        if not found.sum():
            figures = sorted(name for name, weight in self.wish.weights.items() if weight)
            raise NothingToEven(self.wish.division, groups=len(self.groups), figures=figures)
        return found

    def _borders(self) -> list[list[tuple[int, float]]]:
        found: list[dict[int, float]] = [{} for _ in self.pieces]
        keys = {key for code in self.piece_of for key in self.coverage.sides[code]}
        for key in sorted(keys):
            edge = self.coverage.edges[key]
            one, other = (self.piece_of.get(side or "") for side in edge.sides)
            if one is None or other is None or one == other:
                continue
            metres = float(np.hypot(*(np.diff(np.array(edge.line), axis=0) * self.coverage.plane.scale).T).sum())
            found[one][other] = found[one].get(other, 0.0) + metres
            found[other][one] = found[other].get(one, 0.0) + metres
        return [sorted(around.items()) for around in found]

    def _parents(self) -> list[int]:
        return self._above(self.wish.within)[0]

    def _above(self, level: str) -> tuple[list[int], list[str]]:
        """Return the number of the division of a level that each group lies in, and their codes by number."""
        divisions, tree = self.coverage.divisions, self.coverage.tree
        above = [next(up for up in tree.above(group) if divisions[up].level == level) for group in self.groups]
        codes = sorted({*above})
        number = {code: at for at, code in enumerate(codes)}
        return [number[code] for code in above], codes

    def _between(self) -> list[Layer]:
        levels = self.coverage.levels
        found = []
        for level in levels[levels.index(self.wish.within) + 1 : levels.index(self.wish.level)]:
            numbers, codes = self._above(level)
            found.append(Layer(numbers, [self.coverage.divisions[code].parts for code in codes]))
        return found

    def _closed(self) -> list[bool]:
        """Return which groups change nothing: those without pieces, locked ones, and those with a piece of several
        parts, which may hang on what lies between. Cells of a group in several parts hang on nothing.
        """
        divisions, tree = self.coverage.divisions, self.coverage.tree
        apart = {
            owner
            for code, owner in zip(self.pieces, self.owners, strict=True)
            if shapely.get_num_geometries(self.coverage.outline(code)) > 1
        }
        if self.keep_middles:
            apart |= {at for at, code in enumerate(self.groups) if divisions[code].parts > 1}
        return [
            at in apart or code in self.whole or any(divisions[up].locked for up in (code, *tree.above(code)))
            for at, code in enumerate(self.groups)
        ]

    def _fixed(self, closed: Sequence[bool]) -> list[bool]:
        homes = self._homes() if self.wish.keep_homes else set()
        homes |= self._middles() if self.keep_middles else set()
        return [
            closed[owner] or at in homes or self._is_locked(code)
            for at, (code, owner) in enumerate(zip(self.pieces, self.owners, strict=True))
        ]

    def _is_locked(self, code: str) -> bool:
        """Return whether a piece, or anything below it, is locked."""
        waiting = [code]
        while waiting:
            one = waiting.pop()
            if self.coverage.divisions[one].locked:
                return True
            waiting.extend(self.coverage.tree.children.get(one, ()))
        return False

    def _homes(self) -> set[int]:
        """Return the pieces with the home of a worker of their group."""
        workers = [one for one in self.counts.facts.workers if one.grid in self.coverage]
        homes = owners_of(self.coverage, [(one.lon, one.lat) for one in workers])
        found = set()
        for worker, home in zip(workers, homes, strict=True):
            piece = self.piece_of.get(home or "")
            if piece is not None:
                group = self.groups[self.owners[piece]]
                if group in (worker.grid, *self.coverage.tree.above(worker.grid)):
                    found.add(piece)
        return found

    def _middles(self) -> set[int]:
        """Return the piece in the middle of each group: something of every division keeps its code."""
        places = [self.coverage.outline(code).representative_point() for code in self.groups]
        owners = owners_of(self.coverage, [(place.x, place.y) for place in places])
        return {self.piece_of[code] for code in owners if code is not None}

    def _seeds(self) -> Mapping[int, int]:
        """Return the piece that each group begins with: of the seeds in its land the first, of those left the nearest.

        Raises `BadSeeds`.
        """
        given = self.wish.seeds
        if not given:
            return {}
        pieces = [self.piece_of.get(code or "") for code in owners_of(self.coverage, list(given))]
        known = [piece for piece in pieces if piece is not None]
        if len(given) != len(self.groups) or len({*known}) != len(given):
            outside = [place for place, piece in zip(given, pieces, strict=True) if piece is None]
            where = shapely.MultiPoint(outside) if outside else None
            raise BadSeeds(where=where, given=len({*known}), wanted=len(self.groups))
        return self._allotted(known)

    def _allotted(self, pieces: Sequence[int]) -> Mapping[int, int]:
        found: dict[int, int] = {}
        for piece in pieces:
            found.setdefault(self.owners[piece], piece)
        parents = self._parents()
        for piece in sorted({*pieces} - {*found.values()}):
            here, parent = self.coverage.outline(self.pieces[piece]), parents[self.owners[piece]]
            bare = [at for at, above in enumerate(parents) if above == parent and at not in found]
            if not bare:
                raise BadSeeds(self.pieces[piece], where=here, given=len(pieces), wanted=len(self.groups))
            found[min(bare, key=lambda group: here.distance(self.coverage.outline(self.groups[group])))] = piece
        return found


def loads_of(counts: Tally, rows: NDArray[np.int64], weights: Mapping[str, float]) -> Floats:
    """Return the load of some of the finest divisions: each figure as a share of its sum there, by its weight."""
    by_name = {
        "workload_minutes": counts.minutes,
        "incidents": counts.by_class.sum(axis=1),
        "households": counts.households,
        "enterprises": counts.enterprises,
    }
    found = np.zeros(len(rows))
    for name, weight in weights.items():
        of_figure = by_name[name]
        own = np.zeros(0) if of_figure is None else np.maximum(of_figure[rows], 0)
        if weight and own.sum():
            found += weight * own / own.sum()
    return found


def _groups(coverage: Coverage, wish: Wish) -> list[str]:
    """Return the divisions of the level below the one asked for, sorted."""
    return sorted(code for code in _below(coverage, wish.division) if coverage.divisions[code].level == wish.level)


def _below(coverage: Coverage, code: str) -> list[str]:
    found, waiting = [], [code]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting.extend(coverage.tree.children.get(one, ()))
    return found
