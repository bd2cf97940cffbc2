"""Several operations as one: judged together, undone at once."""

import pytest

from geo.coverage.checking import check_coverage
from geo.coverage.editing.applying import apply
from geo.coverage.editing.operations import Batch, as_json, operation_of, stored_operation_of
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.splitting import SplitAlong
from geo.coverage.refusals import NotConnected, PlanRefused, Unreadable
from tests.geo.coverage.made import at, grid, micro, squares

TURN = (
    Reassign((micro(0, 0),), grid(0, 1)),
    Reassign((micro(0, 1),), grid(0, 1)),
    Reassign((micro(1, 2), micro(1, 3)), grid(0, 0)),
)
"""The first one alone leaves a grid in two parts."""


def test_a_batch_is_judged_by_what_it_makes_together() -> None:
    with pytest.raises(NotConnected):
        apply(squares(), TURN[0])
    turned = apply(squares(), Batch(TURN))
    assert {grid(0, 0), grid(0, 1)} <= {*turned.changed} and not check_coverage(turned.coverage)
    assert apply(turned.coverage, turned.inverse).coverage.as_bytes() == squares().as_bytes()
    with pytest.raises(NotConnected):
        apply(squares(), Batch(TURN[:1]))


def test_a_batch_leaves_nothing_of_what_came_and_went_within_it() -> None:
    one = micro(1, 1)
    cut = SplitAlong(one, ((at(1, 1.5), at(2, 1.5)),), keep=at(1.5, 1.2))
    drawn = apply(squares(), Batch((cut, Merge((micro(1, 0), one)), Reassign(("new_1",), grid(0, 1)))))
    assert drawn.ended == (one,) and "new_1" in drawn.changed and not check_coverage(drawn.coverage)
    assert apply(drawn.coverage, drawn.inverse).coverage.as_bytes() == squares().as_bytes()
    again = apply(squares(), Batch((cut, Merge((one, "new_1")))))
    assert "new_1" not in again.coverage and "new_1" not in again.ended


def test_a_batch_is_stored_and_read_again() -> None:
    kept = as_json(Batch(TURN))
    assert stored_operation_of(kept) == Batch(TURN) == operation_of(kept)


@pytest.mark.parametrize(
    "bodies",
    [
        [],
        "all",
        [{"op": "lock", "codes": ["x"]}],
        [{"op": "restore"}],
        [{"op": "batch", "operations": []}],
        [{"op": "reassign"}],
    ],
)
def test_a_batch_of_what_is_not_drawn_is_refused(bodies: object) -> None:
    with pytest.raises(Unreadable):
        operation_of({"op": "batch", "operations": bodies})


def test_a_batch_respects_locks() -> None:
    with pytest.raises(PlanRefused, match=r"plan\.wrong_level"):
        apply(squares(), Batch((Reassign((grid(0, 0),), grid(0, 1)),)))
