"""States of a plan, and which operations of it are in force."""

from datetime import date
from itertools import product

import pytest

from console.access.rules import ROLES, Actor, Forbidden
from console.planning.rules import (
    MOVES,
    DayOver,
    NothingToRedo,
    NothingToUndo,
    OwnPlan,
    PlanState,
    PlanStateWrong,
    PlanStep,
    in_force,
    redone,
    require_may,
    require_not_over,
    state_after,
    steps_of,
    undone,
)

EDIT, SUBMIT, APPROVE, RETURN, WITHDRAW, PUBLISH, UNPUBLISH, TAKE_EFFECT, FAIL = PlanStep


def actor(role: str, user_id: int = 1) -> Actor:
    return Actor(user_id=user_id, username=role, role=role, scope="320509")


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ((EDIT, SUBMIT, APPROVE), "approved"),
        ((SUBMIT, RETURN, EDIT), "draft"),
        ((SUBMIT, RETURN, SUBMIT, APPROVE, WITHDRAW), "withdrawn"),
        ((WITHDRAW,), "withdrawn"),
        ((SUBMIT, APPROVE, PUBLISH), "scheduled"),
        ((SUBMIT, APPROVE, PUBLISH, WITHDRAW), "withdrawn"),
        ((SUBMIT, APPROVE, PUBLISH, UNPUBLISH), "approved"),
        ((SUBMIT, APPROVE, PUBLISH, TAKE_EFFECT), "published"),
        ((SUBMIT, APPROVE, PUBLISH, FAIL), "approved"),
        ((SUBMIT, APPROVE, PUBLISH, TAKE_EFFECT, UNPUBLISH, PUBLISH), "scheduled"),
    ],
)
def test_a_plan_goes_from_state_to_state(steps: tuple[PlanStep, ...], state: str) -> None:
    now = PlanState.DRAFT
    for step in steps:
        now = state_after(now, step)
    assert now == state


def test_every_other_move_is_refused_and_says_from_where() -> None:
    refused = [(state, step) for state, step in product(PlanState, PlanStep) if (state, step) not in MOVES]
    assert (PlanState.SUBMITTED, EDIT) in refused and (PlanState.APPROVED, EDIT) in refused
    for state, step in refused:
        with pytest.raises(PlanStateWrong) as error:
            state_after(state, step)
        assert error.value.params == {"state": state.value, "step": step.value}


def test_nothing_leads_out_of_a_withdrawn_plan() -> None:
    assert not [step for state, step in MOVES if state is PlanState.WITHDRAWN]


def test_planners_draw_supervisors_review_and_both_publish() -> None:
    may = {(role, step) for role, step in product(ROLES, PlanStep) if allowed(role, step)}
    assert may == {("planner", EDIT), ("planner", SUBMIT), ("planner", WITHDRAW)} | {
        ("supervisor", APPROVE),
        ("supervisor", RETURN),
    } | {*product(("planner", "supervisor"), (PUBLISH, UNPUBLISH))}


def test_an_account_is_told_what_it_may_do_and_why_not_the_rest() -> None:
    mine = steps_of(actor("planner"), PlanState.APPROVED, authors={1})
    assert mine.may == [PUBLISH, WITHDRAW]
    assert {step: why.code for step, why in mine.may_not.items()} == {
        EDIT: "plan.state",
        SUBMIT: "plan.state",
        APPROVE: "access.forbidden",
        RETURN: "access.forbidden",
        UNPUBLISH: "plan.state",
    }
    auditor = steps_of(actor("auditor"), PlanState.APPROVED, authors=())
    assert auditor.may == [] and auditor.may_not[PUBLISH].params == {"permission": "plans.publish"}


def allowed(role: str, step: PlanStep) -> bool:
    try:
        require_may(actor(role), step, authors=())
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize("step", [APPROVE, RETURN])
def test_nobody_reviews_a_plan_that_they_have_drawn_on(step: PlanStep) -> None:
    with pytest.raises(OwnPlan):
        require_may(actor("supervisor", 7), step, authors={6, 7})
    require_may(actor("supervisor", 8), step, authors={6, 7})


def test_a_plan_for_yesterday_is_refused() -> None:
    today = date(2026, 3, 2)
    require_not_over(today, today=today)
    with pytest.raises(DayOver):
        require_not_over(date(2026, 3, 1), today=today)


def test_undo_and_redo_go_back_and_forth_along_what_was_drawn() -> None:
    follows = {1: 0, 2: 1, 3: 2}
    head = undone(follows, undone(follows, 3))
    assert (head, in_force(follows, head)) == (1, [1])
    assert in_force(follows, redone(follows, redone(follows, head))) == [1, 2, 3]


def test_what_was_undone_before_another_operation_is_not_redone() -> None:
    follows = {1: 0, 2: 1, 3: 1}  # 2 was undone, then 3 drawn
    assert in_force(follows, 3) == [1, 3]
    with pytest.raises(NothingToRedo):
        redone(follows, 3)
    assert redone(follows, undone(follows, 3)) == 3


def test_there_is_nothing_to_undo_before_the_first_operation() -> None:
    with pytest.raises(NothingToUndo):
        undone({1: 0}, 0)
