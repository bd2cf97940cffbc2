"""Land for tests of evening: rows and lattices of pieces in numbers alone."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from geo.coverage.evening.land import Land, Layer


def row(loads: Sequence[float], owners: Sequence[int], *, parents: Sequence[int] | None = None) -> Land:
    """Pieces in a row, each beside the next: a village along a river."""
    last = len(loads) - 1
    borders = [[(at + way, 100.0) for way in (-1, 1) if 0 <= at + way <= last] for at in range(len(loads))]
    return of(loads, borders, owners, parents=parents)


def lattice(wide: int, high: int, *, group: int, rng: Random, villages: int = 1) -> Land:
    """Pieces of random loads; groups are blocks of `group` columns in each row, villages bands of rows."""
    borders = [
        [
            ((x + dx) + (y + dy) * wide, 100.0)
            for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1))
            if 0 <= x + dx < wide and 0 <= y + dy < high
        ]
        for y in range(high)
        for x in range(wide)
    ]
    per_row = wide // group
    owners = [x // group + y * per_row for y in range(high) for x in range(wide)]
    parents = [at // per_row * villages // high for at in range(per_row * high)]
    return of([rng.lognormvariate(3, 0.7) for _ in owners], borders, owners, parents=parents)


def of(
    loads: Sequence[float],
    borders: Sequence[Sequence[tuple[int, float]]],
    owners: Sequence[int],
    *,
    parents: Sequence[int] | None = None,
) -> Land:
    groups = max(owners) + 1
    return Land(
        loads=loads,
        costs=[1.0 + at % 3 for at in range(len(loads))],
        borders=borders,
        owners=tuple(owners),
        fixed=[False] * len(loads),
        parents=[0] * groups if parents is None else parents,
        closed=[False] * groups,
        parts=[1] * groups,
    )


def with_bands(land: Land) -> Land:
    """Let the upper and the lower half of the groups be villages, whose lines pieces may cross."""
    half = len(land.parents) // 2
    return replace(land, between=[Layer([int(group >= half) for group in range(len(land.parents))], [1, 1])])


def with_stays(land: Land, rng: Random) -> Land:
    """Fix a tenth of the pieces, and close a tenth of the groups."""
    closed = [rng.random() < 0.1 for _ in land.parents]
    return replace(land, closed=closed, fixed=[closed[owner] or rng.random() < 0.1 for owner in land.owners])


def assert_lawful(land: Land, owners: Sequence[int]) -> None:
    """Hold what every grouping must be: whole, connected, within the same lines, with all that stays where it was."""
    members = land.members(owners)
    assert sorted(piece for own in members for piece in own) == [*range(len(land.loads))]
    for group, own in enumerate(members):
        assert own and land.parts_of(own) <= land.parts[group], group
        assert not land.closed[group] or own == {piece for piece, was in enumerate(land.owners) if was == group}
    for layer in land.between:
        for groups, parts in zip(layer.groups, layer.parts, strict=True):
            assert land.parts_of(set().union(*(members[group] for group in groups))) <= parts
    for piece, (was, now) in enumerate(zip(land.owners, owners, strict=True)):
        assert land.parents[was] == land.parents[now]
        assert was == now or not land.fixed[piece]
    assert abs(sum(land.loads_of(owners)) - sum(land.loads)) < 1e-6
