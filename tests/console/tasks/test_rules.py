"""The table of steps and statuses of a task."""

from typing import get_args

import pytest

from console.access.rules import ROLES, Actor, Forbidden
from console.tasks.rules import ACTIVE, TRANSITIONS, Step, TaskStatus, TaskTransition, require_step, transition

STEPS: tuple[Step, ...] = get_args(Step)
LEGAL = {
    ("assigned", "accept"): "accepted",
    ("assigned", "decline"): "declined",
    ("accepted", "depart"): "departed",
    ("departed", "arrive"): "arrived",
    ("arrived", "finish"): "finished",
    ("accepted", "give_back"): "declined",
    ("departed", "give_back"): "declined",
    ("arrived", "give_back"): "declined",
    ("assigned", "recall"): "recalled",
    ("accepted", "recall"): "recalled",
    ("departed", "recall"): "recalled",
    ("arrived", "recall"): "recalled",
}


@pytest.mark.parametrize("status", list(TaskStatus))
@pytest.mark.parametrize("step", STEPS)
def test_a_step_follows_the_table_or_is_refused(status: TaskStatus, step: Step) -> None:
    if (status, step) in LEGAL:
        assert transition(status, step).to == LEGAL[status, step]
        return
    with pytest.raises(TaskTransition) as caught:
        transition(status, step)
    assert caught.value.params == {"from": status.value, "step": step}


def test_every_step_is_in_the_table() -> None:
    assert set(STEPS) == set(TRANSITIONS)


def test_no_step_leaves_an_end() -> None:
    ends = set(TaskStatus) - ACTIVE
    assert all(not ends & TRANSITIONS[step].leaves for step in STEPS)


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("step", STEPS)
def test_only_dispatchers_enter_what_a_force_says_by_radio(role: str, step: Step) -> None:
    actor = Actor(user_id=1, username="x", role=role, scope="c", force_id=7)
    if role == "operator":
        require_step(actor, step, force_id=7, relayed=True)
        return
    with pytest.raises(Forbidden):
        require_step(actor, step, force_id=7, relayed=True)


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("own", [True, False])
def test_forces_take_answers_and_dispatchers_orders(role: str, step: Step, own: bool) -> None:
    actor = Actor(user_id=1, username="x", role=role, scope="c", force_id=7 if own else None)
    right = role == "operator" if step == "recall" else role == "gateway" or (role == "patrol" and own)
    if right:
        require_step(actor, step, force_id=7)
        return
    with pytest.raises(Forbidden):
        require_step(actor, step, force_id=7)
