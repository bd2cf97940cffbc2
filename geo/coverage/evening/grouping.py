"""A grouping that is being searched: which pieces may change groups, and what each change is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from geo.coverage.evening.land import Land

REST = 0.25
"""What the groups besides the worst count."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts beside even loads: `moved` for what moves, in shares of a group's mean cost, `border` for borders
    between groups, in shares of a group's mean border now. Loads count as the sum of the squares of their deviations.
    """

    moved: float
    border: float


class Grouping:
    """Owners of the pieces, changed one at a time. Groups stay connected, and none is emptied."""

    def __init__(self, land: Land, owners: Sequence[int], *, groups: Sequence[int], pieces: Sequence[int]) -> None:
        self.land, self.owners = land, [*owners]
        self.groups = groups
        self.loads = land.loads_of(owners)
        self.members = land.members(owners)
        self.moved = land.moved(owners)
        self.loose = [piece for piece in pieces if not land.fixed[piece]]
        self._cost = sum(land.costs[piece] for piece in pieces) / len(groups) or 1.0
        self._border = self._borders_between(pieces) / len(groups) or 1.0

    def _borders_between(self, pieces: Sequence[int]) -> float:
        now = self.land.owners
        between = (m for one in pieces for other, m in self.land.borders[one] if now[one] != now[other])
        return sum(between) / 2

    def may_go(self, piece: int, group: int) -> bool:
        """Return whether a piece may go to a group beside it: what it leaves stays connected."""
        land, own = self.land, self.owners[piece]
        if group == own or land.closed[group] or land.parents[group] != land.parents[own]:
            return False
        if len(self.members[own]) < 2 or not self._stays_connected(piece, land.alone[own], land.parts[own]):
            return False
        for layer in land.between:
            left = layer.of_groups[own]
            crosses = left != layer.of_groups[group]
            if crosses and not self._stays_connected(piece, layer.groups[left], layer.parts[left]):
                return False
        return True

    def _stays_connected(self, piece: int, groups: frozenset[int], parts: int) -> bool:
        """Return whether some groups lie in no more parts together when a piece leaves them."""
        beside = [other for other in self.land.neighbours[piece] if self.owners[other] in groups]
        if len(beside) == 1:
            return True
        if parts > 1 or not beside:
            rest = {other for group in groups for other in self.members[group]} - {piece}
            return self.land.parts_of(rest) <= parts
        return self._reaches(beside, piece, groups)

    def _reaches(self, beside: list[int], piece: int, groups: frozenset[int]) -> bool:
        """Return whether ways within some groups lead between all pieces beside one that leaves."""
        owners, neighbours = self.owners, self.land.neighbours
        left, seen, waiting = {*beside[1:]}, {piece, beside[0]}, [beside[0]]
        while waiting and left:
            for other in neighbours[waiting.pop()]:
                if other not in seen and owners[other] in groups:
                    seen.add(other)
                    left.discard(other)
                    waiting.append(other)
        return not left

    def worth(self, piece: int, group: int, weights: Weights) -> float:
        """Return by how much the energy falls if a piece goes to a group."""
        land, own = self.land, self.owners[piece]
        load, mean = land.loads[piece], land.mean
        # The squares of both loads change by 2 × load × (what the other has more): the rest cancels.
        gained = 2 * load * (self.loads[own] - self.loads[group] - load) / (mean * mean)
        now = land.owners[piece]
        change = (group != now) - (own != now)
        gained -= weights.moved * change * land.costs[piece] / self._cost
        if weights.border:
            joined = sum(m if self.owners[n] == group else -m if self.owners[n] == own else 0.0
                         for n, m in land.borders[piece])  # fmt: skip
            gained += weights.border * joined / self._border
        return gained

    def move(self, piece: int, group: int) -> None:
        """Put a piece into a group."""
        land, own = self.land, self.owners[piece]
        now, cost, load = land.owners[piece], land.costs[piece], land.loads[piece]
        self.moved += cost * ((group != now) - (own != now))
        self.loads[own] -= load
        self.loads[group] += load
        self.members[own].discard(piece)
        self.members[group].add(piece)
        self.owners[piece] = group

    def unevenness(self) -> float:
        """Return how uneven the loads of the parent's groups are; see `unevenness_of`."""
        mean, loads, even = self.land.mean, self.loads, self.land.even_shares
        return unevenness_of([(loads[group] - even[group]) / mean for group in self.groups])


def unevenness_of(deviations: Sequence[float]) -> float:
    """Return the worst deviation, without its sign, and a quarter of their root mean square.

    The worst group judges; where nothing can help that one, the others are evened all the same.
    """
    worst = max(map(abs, deviations))
    return worst + REST * sqrt(sum(d * d for d in deviations) / len(deviations))
