"""Choosing for many at once: the cheapest assignment of forces to all that is asked for. Pure.

Costs are whole tenths of a minute, so that sums are exact. A pair that may not be is absent. As many as can be are
filled, the more urgent tiers first; among these assignments the cheapest is chosen, and among equal ones that which
gives the earliest the lowest force.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ask:
    """One force that is asked for. `options` are the tenths of minutes by force; `tier` 0 is the most urgent."""

    options: Mapping[int, int]
    tier: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """The force of each ask, or None; and by ask the other forces that could go at the same sum, by id."""

    forces: tuple[int | None, ...]
    tied: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class OneByOne:
    """What sending one after another gives: each the cheapest that is still free.

    `left` asks got none so, although others can be moved for them; `forces` is with these moves.
    """

    forces: tuple[int | None, ...]
    left: int


def total(asks: Sequence[Ask], forces: Sequence[int | None]) -> int:
    """Sum the tenths of minutes of an assignment."""
    return sum(ask.options[force] for ask, force in zip(asks, forces, strict=True) if force is not None)


def assign_all(asks: Sequence[Ask]) -> Assignment:
    """Return the best assignment; no force goes twice."""
    if not asks:
        return Assignment((), ())
    columns = sorted({force for ask in asks for force in ask.options})
    costs = _costs(asks, columns)
    _, chosen = linear_sum_assignment(costs)
    tight, floor = _tight(costs, chosen)
    _break_ties(chosen, tight, floor)
    return Assignment(tuple(_force(columns, at) for at in chosen.tolist()), _ties(chosen, tight, floor, columns))


def one_by_one(asks: Sequence[Ask]) -> OneByOne:
    """Send to the most urgent first, in the order given, each the cheapest force that is still free, by id if equal.

    Where none is left although moving others would free one, they are moved: the sum is then comparable with the best.
    """
    ranked = [[force for _, force in sorted((cost, force) for force, cost in ask.options.items())] for ask in asks]
    owner: dict[int, int] = {}
    held: list[int | None] = [None] * len(asks)
    left = 0
    for i in sorted(range(len(asks)), key=lambda i: (asks[i].tier, i)):
        free = next((force for force in ranked[i] if force not in owner), None)
        if free is not None:
            owner[free], held[i] = i, free
        else:
            left += _move_others(i, ranked, owner, held)
    return OneByOne(tuple(held), left)


def _move_others(asking: int, ranked: Sequence[Sequence[int]], owner: dict[int, int], held: list[int | None]) -> bool:
    """Give the ask a force by moving others to one that is free. Returns whether that was possible."""
    came_from: dict[int, int] = {}
    waiting = deque([asking])
    while waiting:
        i = waiting.popleft()
        for force in ranked[i]:
            if force in came_from:
                continue
            came_from[force] = i
            if force not in owner:
                _pass_on(force, came_from, owner, held)
                return True
            waiting.append(owner[force])
    return False


def _pass_on(free: int, came_from: Mapping[int, int], owner: dict[int, int], held: list[int | None]) -> None:
    """Give the free force to the ask that reached it, the force which that one held to the next, and so on."""
    force: int | None = free
    while force is not None:
        mover = came_from[force]
        owner[force] = mover
        held[mover], force = force, held[mover]


def _force(columns: Sequence[int], at: int) -> int | None:
    return columns[at] if at < len(columns) else None


def _costs(asks: Sequence[Ask], columns: Sequence[int]) -> Matrix:
    """Return the costs by ask and force, and after the forces a column for each ask: that it waits.

    Waiting costs more than all changes that could avoid it, and the more the more urgent.
    """
    at = {force: i for i, force in enumerate(columns)}
    costs = np.full((len(asks), len(columns) + len(asks)), np.inf)
    for row, ask in enumerate(asks):
        costs[row, [at[force] for force in ask.options]] = [*ask.options.values()]
    known = [cost for ask in asks for cost in ask.options.values()]
    least, most = min(known, default=0), max(known, default=0)
    step = len(asks) * (most - least) + 1
    tiers = sorted({ask.tier for ask in asks}, reverse=True)
    for row, ask in enumerate(asks):
        costs[row, len(columns) + row] = most + step * (1 + tiers.index(ask.tier))
    return costs


def _tight(costs: Matrix, chosen: NDArray[np.intp]) -> tuple[NDArray[np.bool_], Matrix]:
    """Return the pairs that can be part of a best assignment, and the dual value of each column, at most 0.

    A column below 0 is part of each best assignment.
    """
    rows = np.arange(len(chosen))
    more = costs - costs[rows, chosen][:, None]
    floor = np.zeros(costs.shape[1])
    while True:
        lower = np.minimum(floor, (more + floor[chosen][:, None]).min(axis=0))
        if np.array_equal(lower, floor):
            break
        floor = lower
    return more + floor[chosen][:, None] == floor[None, :], floor


def _break_ties(chosen: NDArray[np.intp], tight: NDArray[np.bool_], floor: Matrix) -> None:
    """Change `chosen` to the best assignment that gives the first ask the lowest column, then the second, and so on."""
    owner = {int(column): row for row, column in enumerate(chosen)}
    open_to = [np.flatnonzero(row).tolist() for row in tight]
    for row in range(len(chosen)):
        for column in open_to[row]:
            if column >= chosen[row]:
                break
            moves = _reroute(row, column, chosen, owner, open_to, floor)
            if moves:
                for mover in moves:
                    del owner[int(chosen[mover])]
                for mover, to in moves.items():
                    chosen[mover], owner[to] = to, mover
                break


FREED = -1
"""Instead of the row that moves to a column: the column is left for another that was free."""


def _reroute(
    row: int,
    column: int,
    chosen: NDArray[np.intp],
    owner: Mapping[int, int],
    open_to: Sequence[Sequence[int]],
    floor: Matrix,
) -> dict[int, int]:
    """Find the moves, as columns by row, by which `row` takes `column` without moving an earlier row; none if empty.

    They end where the row's own column is taken by another, or may be left. A free column may also be taken instead of
    any column that may be left, whose row then moves on.
    """
    own = int(chosen[row])
    came_from: dict[int, int] = {column: row}
    waiting = deque([column])
    free: int | None = None
    while waiting:
        at = waiting.popleft()
        mover = owner.get(at)
        if at == own or (mover is None and floor[own] == 0):
            return _moves(at, row, chosen, came_from, free)
        if mover is None:
            if free is None:
                free = at
                left = [one for one, of in owner.items() if of > row and floor[one] == 0 and one not in came_from]
                came_from.update(dict.fromkeys(left, FREED))
                waiting.extend(left)
        elif mover > row:
            for to in open_to[mover]:
                if to not in came_from:
                    came_from[to] = mover
                    waiting.append(to)
    return {}


def _moves(
    at: int, row: int, chosen: NDArray[np.intp], came_from: Mapping[int, int], free: int | None
) -> dict[int, int]:
    """Follow the moves back to the row that began them."""
    moves: dict[int, int] = {}
    while True:
        mover = came_from[at]
        if mover == FREED:
            assert free is not None
            at = free
            continue
        moves[mover] = at
        if mover == row:
            return moves
        at = int(chosen[mover])


def _ties(
    chosen: NDArray[np.intp], tight: NDArray[np.bool_], floor: Matrix, columns: Sequence[int]
) -> tuple[tuple[int, ...], ...]:
    """Return by ask the other forces that it has in another assignment as good as this one.

    Such a force lies on a circle of moves that cost nothing. All that is free, or may be freed, is joined by one node.
    """
    many = len(floor)
    rows, to = np.nonzero(tight)
    free = np.setdiff1d(np.flatnonzero(floor == 0), chosen)
    freed = chosen[floor[chosen] == 0]
    start = np.concatenate([chosen[rows], free, np.full(len(freed), many)])
    end = np.concatenate([to, np.full(len(free), many), freed])
    moves = csr_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(many + 1, many + 1))
    _, part = connected_components(moves, directed=True, connection="strong")
    return tuple(
        tuple(
            columns[at]
            for at in np.flatnonzero(tight[row] & (part[:many] == part[own])).tolist()
            if at != own and at < len(columns)
        )
        for row, own in enumerate(chosen.tolist())
    )
