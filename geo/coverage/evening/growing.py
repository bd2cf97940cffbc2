"""Grow groups from seeds: a start for the search that owes nothing to the lines of today."""

import heapq
from collections import deque
from collections.abc import Iterable, Mapping

from geo.coverage.evening.land import Land, Owners

FREE = -1


def grown(land: Land, seeds: Mapping[int, int]) -> Owners | None:
    """Grow each group from its seed, a piece; the group with the least load takes the nearest free piece beside it.

    Closed groups stay, and so do pieces that are fixed: a group begins with those that it has, and needs no seed then.
    None where that makes no grouping, because a group has neither or another one is in its way.
    """
    owners = [*_begun(land, seeds)]
    fringes = {group: list[tuple[int, int]]() for group in range(len(land.parents)) if not land.closed[group]}
    loads = [0.0] * len(land.parents)
    for piece, owner in enumerate(owners):
        if owner in fringes:
            loads[owner] += land.loads[piece]
            _reach(land, owners, fringes[owner], piece, steps=1)
    turns = [(load, group) for group, load in enumerate(loads) if group in fringes]
    heapq.heapify(turns)
    while turns:
        load, group = heapq.heappop(turns)
        taken = _next(owners, fringes[group])
        if taken is None:
            continue
        steps, piece = taken
        owners[piece] = group
        _reach(land, owners, fringes[group], piece, steps=steps + 1)
        heapq.heappush(turns, (load + land.loads[piece], group))
    return tuple(owners) if FREE not in owners and land.is_connected(owners) else None


def _begun(land: Land, seeds: Mapping[int, int]) -> Iterable[int]:
    """Return the owner of each piece at first: closed groups whole, and of others what is fixed, or the seed."""
    owners = [owner if land.closed[owner] else FREE for owner in land.owners]
    members = land.members(land.owners)
    for group, own in enumerate(members):
        fixed = [piece for piece in sorted(own) if land.fixed[piece]]
        for piece in fixed:
            for one in _way(land, fixed[0], piece, own):
                owners[one] = group
        seed = seeds.get(group)
        if not fixed and seed is not None and owners[seed] == FREE and not land.closed[group]:
            owners[seed] = group
    return owners


def _way(land: Land, start: int, end: int, within: set[int]) -> list[int]:
    """Return a shortest way between two pieces within some; only its ends where there is none."""
    came, waiting = {start: start}, deque([start])
    while waiting and end not in came:
        piece = waiting.popleft()
        for other in land.neighbours[piece]:
            if other in within and other not in came:
                came[other] = piece
                waiting.append(other)
    way = [end]
    while way[-1] in came and came[way[-1]] != way[-1]:
        way.append(came[way[-1]])
    return [start, *way]


def _reach(land: Land, owners: list[int], fringe: list[tuple[int, int]], piece: int, *, steps: int) -> None:
    for other in land.neighbours[piece]:
        same = land.parents[land.owners[other]] == land.parents[land.owners[piece]]
        if owners[other] == FREE and same:
            heapq.heappush(fringe, (steps, other))


def _next(owners: list[int], fringe: list[tuple[int, int]]) -> tuple[int, int] | None:
    while fringe:
        steps, piece = heapq.heappop(fringe)
        if owners[piece] == FREE:
            return steps, piece
    return None
