"""The one move that closes most: what is found early equals trying all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from console.reach.rules import Bools, Cover, Move, Moves, Origin, Share, share_of, weights_of

SPOTS = 7
County = tuple[list[Origin], dict[int, Bools], list[Bools], NDArray[np.int64]]


def some(draw: st.DrawFn) -> Bools:
    return np.array(draw(st.lists(st.booleans(), min_size=SPOTS, max_size=SPOTS)))


@st.composite
def counties(draw: st.DrawFn) -> County:
    """Forces with what they reach, what is reached from each spot, and the incidents of each."""
    n = draw(st.integers(1, 5))
    origins = [Origin(force, str(force), "walk", 0, 0, sure=draw(st.booleans())) for force in range(n)]
    reached = {one.force: some(draw) for one in origins}
    from_spots = [some(draw) for _ in range(SPOTS)]
    incidents = np.array(draw(st.lists(st.integers(0, 3), min_size=SPOTS, max_size=SPOTS)), dtype=np.int64)
    return origins, reached, from_spots, incidents


@given(counties())
def test_the_move_found_gains_most_of_all(drawn: County) -> None:
    origins, reached, from_spots, incidents = drawn
    cover = Cover.of(reached, origins, spots=SPOTS)
    outside = np.flatnonzero(~cover.inside).tolist()
    moves = Moves.of(cover, reached, [one.force for one in origins], incidents)
    tries = sorted(outside, key=lambda i: -moves.most(from_spots[i]))
    for i in tries:
        if not moves.worth(moves.most(from_spots[i])):
            break
        moves.consider(i, from_spots[i], [one.force for one in origins])

    weights = weights_of(incidents)
    worth = {
        (force, i): int(weights[_inside(reached | {force: from_spots[i]})].sum()) - int(weights[cover.inside].sum())
        for force in reached
        for i in outside
    }
    most = max(worth.values(), default=0)
    if most <= 0:
        assert moves.best is None
        return
    assert moves.best is not None
    gain, force, spot = moves.best
    assert (gain, (force, spot)) == (most, min(key for key, value in worth.items() if value == most))
    before, after = cover.inside, _inside(reached | {force: from_spots[spot]})
    told = moves.move(from_spots[spot], {force: "F"}, incidents)
    grids, closed = int(after.sum()) - int(before.sum()), int(incidents[after].sum()) - int(incidents[before].sum())
    assert told == Move(force, "F", spot, grids, closed)


def test_a_grid_reached_only_by_those_whose_position_is_old_is_inside_and_doubtful() -> None:
    origins = [Origin(1, "A", "walk", 0, 0), Origin(2, "B", "walk", 0, 0, sure=False)]
    reached = {1: np.array([True, False, False]), 2: np.array([True, True, False])}
    share = share_of(Cover.of(reached, origins, spots=3), np.array([4, 2, 1], dtype=np.int64))
    assert share == Share(2, 3, 1, 6, 7, 2)


def _inside(reached: dict[int, Bools]) -> Bools:
    return np.asarray(np.any([*reached.values()], axis=0))
