"""Land to be regrouped: pieces with their loads, the groups that they make up, and what must stay. Pure numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

Owners = tuple[int, ...]
"""The group of each piece."""


@dataclass(frozen=True)
class Layer:
    """Divisions of a level between groups and their parents, by number: `of_groups` has that of each group. Pieces may
    cross their lines, but each stays in no more than its `parts`.
    """

    of_groups: Sequence[int]
    parts: Sequence[int]

    @cached_property
    def groups(self) -> list[frozenset[int]]:
        """The groups of each division."""
        return [
            frozenset(group for group, own in enumerate(self.of_groups) if own == number)
            for number in range(len(self.parts))
        ]


@dataclass(frozen=True)
class Land:
    """Pieces and groups by number.

    By piece: `loads`, `costs` of moving it (households), `borders` as pairs of a neighbour and the metres shared,
    `owners` as they are now, and whether it is `fixed` in its group. By group: its `parents`, whose lines no piece
    crosses, whether it is `closed` and neither gives nor takes, and the `parts` that it may lie in. `between` are the
    levels between groups and parents.
    """

    loads: Sequence[float]
    costs: Sequence[float]
    borders: Sequence[Sequence[tuple[int, float]]]
    owners: Owners
    fixed: Sequence[bool]
    parents: Sequence[int]
    closed: Sequence[bool]
    parts: Sequence[int]
    between: Sequence[Layer] = ()

    @cached_property
    def alone(self) -> list[frozenset[int]]:
        """Each group by itself."""
        return [frozenset({group}) for group in range(len(self.parents))]

    @cached_property
    def mean(self) -> float:
        """Load of a group if all had the same."""
        return sum(self.loads) / len(self.parents)

    @cached_property
    def even_shares(self) -> list[float]:
        """Load of each group if all of its parent had the same."""
        count, total = Counter(self.parents), dict.fromkeys(self.parents, 0.0)
        for owner, load in zip(self.owners, self.loads, strict=True):
            total[self.parents[owner]] += load
        return [total[parent] / count[parent] for parent in self.parents]

    def loads_of(self, owners: Sequence[int]) -> list[float]:
        """Return the load of each group."""
        found = [0.0] * len(self.parents)
        for owner, load in zip(owners, self.loads, strict=True):
            found[owner] += load
        return found

    def deviations(self, owners: Sequence[int]) -> list[float]:
        """Return how much more than its even share each group has, in mean loads.

        In shares of its own parent's mean, a village with a single incident would be the worst of all.
        """
        return self.deviations_of(self.loads_of(owners))

    def deviations_of(self, loads: Sequence[float]) -> list[float]:
        """Return the deviations of groups with these loads."""
        return [(load - even) / self.mean for load, even in zip(loads, self.even_shares, strict=True)]

    def worst(self, owners: Sequence[int]) -> float:
        """Return the deviation of the group furthest from even, without its sign."""
        return max(map(abs, self.deviations(owners)))

    def moved(self, owners: Sequence[int]) -> float:
        """Return the cost of all pieces that are in another group than now."""
        return sum(cost for cost, was, now in zip(self.costs, self.owners, owners, strict=True) if was != now)

    def members(self, owners: Sequence[int]) -> list[set[int]]:
        """Return the pieces of each group."""
        found: list[set[int]] = [set() for _ in self.parents]
        for piece, owner in enumerate(owners):
            found[owner].add(piece)
        return found

    @cached_property
    def neighbours(self) -> list[list[int]]:
        """Pieces that share a border with each: a corner makes no neighbours."""
        return [[other for other, _ in around] for around in self.borders]

    def parts_of(self, pieces: set[int]) -> int:
        """Count the connected parts of some pieces."""
        left, count = set(pieces), 0
        while left:
            count += 1
            waiting = [left.pop()]
            while waiting:
                near = left.intersection(self.neighbours[waiting.pop()])
                left -= near
                waiting.extend(near)
        return count

    def is_connected(self, owners: Sequence[int]) -> bool:
        """Return whether no group is empty, and none, and no division between, lies in more parts than it may."""
        members = self.members(owners)
        sets = [*zip(members, self.parts, strict=True)]
        for layer in self.between:
            sets += [
                (set().union(*(members[group] for group in groups)), parts)
                for groups, parts in zip(layer.groups, layer.parts, strict=True)
            ]
        return all(own and self.parts_of(own) <= parts for own, parts in sets)

    def within(self, parent: int) -> tuple[list[int], list[int]]:
        """Return the groups of a parent, and their pieces now."""
        groups = [group for group, above in enumerate(self.parents) if above == parent]
        own = {*groups}
        return groups, [piece for piece, owner in enumerate(self.owners) if owner in own]
