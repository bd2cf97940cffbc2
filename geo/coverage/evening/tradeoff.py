"""Choose alternatives of even loads against what is moved, from the most even to the fewest changes."""

from collections.abc import Sequence
from math import hypot

from geo.coverage.evening.land import Land, Owners
from geo.coverage.evening.searching import Front, Search

SHARES = (1.0, 0.9, 0.75, 0.55, 0.35)
"""Shares of what can be gained that the alternatives reach, at least."""
SLACK = 1e-9
Choice = tuple[int, ...]
"""The place on the front of each parent."""


def alternatives(land: Land, searches: Sequence[Search]) -> list[Owners]:
    """Return groupings of all pieces, the most even one first; none where nothing is better than now.

    Every parent gives up the same evenness for the same cost: where little can be gained, nothing is moved first.
    """
    fronts = [search.front for search in searches]
    path = _path(fronts)
    first, best = _uneven(fronts, path[0]), _uneven(fronts, path[-1])
    chosen = list[Choice]()
    for share in SHARES if first > best + SLACK else ():
        bound = first - share * (first - best) + SLACK
        found = next(choice for choice in path if _uneven(fronts, choice) <= bound)
        if found not in chosen:
            chosen.append(found)
    return [_together(land, searches, choice) for choice in chosen]


def _uneven(fronts: Sequence[Front], choice: Choice) -> float:
    return hypot(*(front.uneven[at] for front, at in zip(fronts, choice, strict=True)))


def _path(fronts: Sequence[Front]) -> list[Choice]:
    """Return choices from no change to the most even: each step gains most for what it moves."""
    at = [0] * len(fronts)
    found = [tuple(at)]
    while True:
        steps = [step for number, front in enumerate(fronts) for step in _steps(front, number, at[number])]
        if not steps:
            return found
        _, number, target = max(steps)
        while at[number] < target:
            at[number] += 1
            found.append(tuple(at))


def _steps(front: Front, number: int, at: int) -> list[tuple[float, int, int]]:
    """Return the steps onward on a front, with what each gains for what it moves."""
    return [
        ((front.uneven[at] ** 2 - front.uneven[to] ** 2) / (front.moved[to] - front.moved[at] + SLACK), number, to)
        for to in range(at + 1, len(front.moved))
    ]


def _together(land: Land, searches: Sequence[Search], choice: Choice) -> Owners:
    """Return the groupings chosen for each parent as one."""
    owners = [*land.owners]
    for search, at in zip(searches, choice, strict=True):
        for piece in search.pieces:
            owners[piece] = search.front.owners[at][piece]
    return tuple(owners)
