"""The best assignment of all equals the best of every assignment there is, ties included, and is never dearer than
sending one by one.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from console.dispatching.proposing import Ask, assign_all, one_by_one, total

few_costs = st.integers(-3, 5)
any_costs = st.integers(-200, 20_000)


def asks(costs: st.SearchStrategy[int], *, most: int, forces: int) -> st.SearchStrategy[list[Ask]]:
    options = st.dictionaries(st.integers(1, forces), costs, max_size=forces)
    return st.lists(st.builds(Ask, options=options, tier=st.integers(0, 2)), max_size=most)


def every(wanted: Sequence[Ask]) -> Iterator[tuple[int | None, ...]]:
    for forces in product(*([*sorted(ask.options), None] for ask in wanted)):
        sent = [force for force in forces if force is not None]
        if len(sent) == len(set(sent)):
            yield forces


def worth(wanted: Sequence[Ask], forces: Sequence[int | None]) -> tuple[list[int], int, list[float]]:
    """The fewer is left in the most urgent tier the better, then in the next; then the sum; then the lowest ids."""
    left = [sum(f is None for a, f in zip(wanted, forces, strict=True) if a.tier == tier) for tier in range(3)]
    return left, total(wanted, forces), [float("inf") if force is None else force for force in forces]


@given(asks(few_costs, most=5, forces=4) | asks(any_costs, most=4, forces=5))
def test_the_proposal_is_the_best_of_all_assignments(wanted: list[Ask]) -> None:
    found = assign_all(wanted)
    assert found.forces == min(every(wanted), key=lambda forces: worth(wanted, forces))


@given(asks(few_costs, most=4, forces=4))
def test_what_is_called_tied_is_in_another_assignment_as_good(wanted: list[Ask]) -> None:
    found = assign_all(wanted)
    best = worth(wanted, found.forces)[:2]
    equal = [forces for forces in every(wanted) if worth(wanted, forces)[:2] == best]
    for i, tied in enumerate(found.tied):
        assert {*tied} == {forces[i] for forces in equal} - {found.forces[i], None}


@given(asks(any_costs, most=12, forces=12) | asks(few_costs, most=12, forces=12))
def test_it_is_never_dearer_than_one_by_one_and_leaves_no_more(wanted: list[Ask]) -> None:
    best, greedy = assign_all(wanted), one_by_one(wanted)
    sent = [force for force in greedy.forces if force is not None]
    assert len(sent) == len(set(sent))
    assert total(wanted, best.forces) <= total(wanted, greedy.forces)
    assert worth(wanted, best.forces)[0] == worth(wanted, greedy.forces)[0]


def test_seven_of_each_equal_brute_force() -> None:
    costs = [[(7 * i * i + 13 * j + i * j * j) % 37 for j in range(7)] for i in range(7)]
    wanted = [Ask(dict(enumerate(row, start=1))) for row in costs]
    found = assign_all(wanted)
    assert total(wanted, found.forces) == _cheapest(costs, taken=frozenset())


def _cheapest(costs: list[list[int]], *, taken: frozenset[int]) -> int:
    if len(taken) == len(costs):
        return 0
    row = costs[len(taken)]
    return min(row[j] + _cheapest(costs, taken=taken | {j}) for j in range(7) if j not in taken)


def test_four_incidents_and_three_forces_leave_the_least_urgent() -> None:
    options = {1: 10, 2: 20, 3: 30}
    found = assign_all([Ask(options, tier=1), Ask(options), Ask(options), Ask(options)])
    assert found.forces == (None, 1, 2, 3)
    assert found.tied[0] == ()


def test_an_incident_that_nobody_may_take_keeps_none_of_the_others_waiting() -> None:
    assert assign_all([Ask({}), Ask({4: 50})]).forces == (None, 4)


def test_equal_costs_go_by_id_and_are_shown_as_ties() -> None:
    found = assign_all([Ask({3: 5, 1: 5, 2: 5}), Ask({3: 5, 1: 5, 2: 5})])
    assert found.forces == (1, 2)
    assert found.tied == ((2, 3), (1, 3))


def test_one_by_one_says_what_it_would_have_left() -> None:
    wanted = [Ask({1: 10, 2: 11}), Ask({1: 12})]
    greedy = one_by_one(wanted)
    assert (greedy.forces, greedy.left) == ((2, 1), 1)
    assert assign_all(wanted).forces == (2, 1)
