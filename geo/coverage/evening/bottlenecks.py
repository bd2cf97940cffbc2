"""Say why loads cannot be made more even: a piece that is too heavy, what is locked, a home, a narrow place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from geo.coverage.evening.land import Land, Owners
from geo.coverage.evening.searching import Search, Stop

UNEVEN = 0.1
"""Deviation from which a group is told about."""
MOST_OF_IT = 0.9
"""Share of a deviation that a cause must account for."""
HELPS = 0.8
"""Without what is locked or fixed, a search must get to this share of the unevenness to blame it."""


class Cause(StrEnum):
    """Causes. `piece`: one piece alone has so much; `locked`: the group may not change; `fixed`: pieces that must stay
    have so much; `parent`: its groups have too much or too little even if shared out evenly, for the load of one group
    at least is too many or too few; `pinned`: what is locked or must stay is in the way; `narrow`: ways between pieces
    lead through one piece alone; `coarse`: the pieces are too large.
    """

    PIECE = "piece"
    LOCKED = "locked"
    FIXED = "fixed"
    PARENT = "parent"
    PINNED = "pinned"
    NARROW = "narrow"
    COARSE = "coarse"


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Why the load of a `group` stays uneven. `pieces` are those at fault; `share` is their part of the parent's load,
    or the group's where no piece is at fault; of a parent, its part of all.
    """

    cause: Cause
    group: int
    deviation: float
    share: float
    pieces: tuple[int, ...] = ()


def bottlenecks(land: Land, owners: Owners, stop: Stop, *, seed: int = 0) -> Iterator[Bottleneck]:
    """Yield the cause for the group furthest from even, of each parent where one is by more than `UNEVEN`; and parents
    that ought to have more groups, or fewer.
    """
    deviations = land.deviations(owners)
    for parent in sorted({*land.parents}):
        groups, pieces = land.within(parent)
        worst = max(groups, key=lambda group: (abs(deviations[group]), deviations[group]))
        load = sum(land.loads[piece] for piece in pieces)
        if round(load / land.mean) != len(groups):
            share = load / sum(land.loads)
            yield Bottleneck(Cause.PARENT, worst, load / len(groups) / land.mean - 1, share)
        if abs(deviations[worst]) > UNEVEN:
            yield _Asking(land, owners, groups, pieces, deviations[worst], stop, seed).cause_of(worst)


@dataclass(frozen=True, slots=True)
class _Asking:
    land: Land
    owners: Owners
    groups: Sequence[int]
    pieces: Sequence[int]
    deviation: float
    stop: Stop
    seed: int

    def cause_of(self, group: int) -> Bottleneck:
        """Return the first cause that accounts for a group's deviation."""
        own = [piece for piece in self.pieces if self.owners[piece] == group]
        if self.land.closed[group]:
            return self._found(Cause.LOCKED, group)
        if self.deviation > 0:
            heaviest = max(own, key=lambda piece: self.land.loads[piece])
            if self._accounts([heaviest]):
                return self._found(Cause.PIECE, group, [heaviest])
            fixed = [piece for piece in own if self.land.fixed[piece]]
            if self._accounts(fixed):
                return self._found(Cause.FIXED, group, fixed)
        if (pinned := self._in_the_way()) and self._helps_to_free():
            return self._found(Cause.PINNED, group, pinned)
        narrow = [piece for piece in self._between(own) if self._is_narrow(piece)]
        return self._found(Cause.NARROW if narrow else Cause.COARSE, group, narrow)

    def _found(self, cause: Cause, group: int, pieces: Sequence[int] = ()) -> Bottleneck:
        total = sum(self.land.loads[piece] for piece in self.pieces) or 1.0
        at_fault = pieces if cause in (Cause.PIECE, Cause.FIXED) else self._of_group(group)
        share = sum(self.land.loads[piece] for piece in at_fault) / total
        return Bottleneck(cause, group, self.deviation, share, tuple(pieces))

    def _of_group(self, group: int) -> list[int]:
        return [piece for piece in self.pieces if self.owners[piece] == group]

    def _accounts(self, pieces: Sequence[int]) -> bool:
        """Return whether some pieces alone have most of what the group has too much."""
        load = sum(self.land.loads[piece] for piece in pieces)
        return (load - self.land.even_shares[self.groups[0]]) / self.land.mean >= MOST_OF_IT * self.deviation

    def _in_the_way(self) -> list[int]:
        return [piece for piece in self.pieces if self.land.fixed[piece]]

    def _helps_to_free(self) -> bool:
        """Return whether a search without anything fixed or closed finds something much more even."""
        land = replace(self.land, fixed=[False] * len(self.land.loads), closed=[False] * len(self.land.parents))
        parent = land.parents[self.groups[0]]
        free = Search(land, parent, rng=Random(self.seed), start=self.owners)  # noqa: S311
        for _ in free.round(self.stop):
            pass
        best = max(abs(land.deviations(free.front.owners[-1])[group]) for group in self.groups)
        return best <= HELPS * abs(self.deviation)

    def _between(self, own: Sequence[int]) -> list[int]:
        """Return a group's pieces and those beside them."""
        near = {other for piece in own for other in self.land.neighbours[piece]}
        return sorted({*own, *near} & {*self.pieces})

    def _is_narrow(self, piece: int) -> bool:
        rest = {*self.pieces} - {piece}
        return bool(rest) and self.land.parts_of(rest) > self.land.parts_of({*self.pieces})
