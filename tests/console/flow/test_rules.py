"""Stages of an incident by its tasks, in the ordinary flow."""

from dataclasses import dataclass, replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.access.rules import ROLES, Actor, Forbidden
from console.flow.rules import IllegalStep, apply_move, require_open, role_for, stage_of
from console.flow.terms import CLOSED, ORDINARY, REGISTERED, Role
from console.tasks.rules import ACTIVE, TaskStatus

OPEN = tuple(stage for stage in ORDINARY.stages if stage not in ORDINARY.ends)
CLERK = Actor(user_id=1, username="x", role="supervisor", scope="c")


@dataclass(frozen=True)
class Part:
    role: str
    status: str

    @property
    def active(self) -> bool:
        return self.status in ACTIVE


def stage(*tasks: Part, at: str = REGISTERED) -> str:
    return stage_of(ORDINARY, tasks, at=at)


parts = st.builds(Part, role=st.sampled_from([r.value for r in Role]), status=st.sampled_from([*TaskStatus]))
several = st.lists(parts, max_size=6)
open_stages = st.sampled_from(OPEN)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("assigned", "assigned"),
        ("accepted", "accepted"),
        ("departed", "under_way"),
        ("arrived", "on_scene"),
        ("finished", "closed"),
        ("declined", "registered"),
        ("recalled", "registered"),
    ],
)
def test_the_stage_of_an_incident_with_one_task_follows_that_task(status: str, expected: str) -> None:
    assert stage(Part("lead", status)) == expected


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([], "registered"),
        ([("lead", "accepted"), ("support", "arrived")], "on_scene"),
        ([("lead", "departed"), ("support", "declined")], "under_way"),
        ([("lead", "declined"), ("support", "accepted")], "accepted"),
        ([("lead", "finished"), ("support", "departed")], "under_way"),
        ([("lead", "finished"), ("support", "recalled")], "closed"),
        ([("lead", "finished"), ("observer", "arrived")], "on_scene"),
        ([("lead", "arrived"), ("support", "finished")], "on_scene"),
        ([("lead", "recalled"), ("support", "finished")], "registered"),
        ([("lead", "declined"), ("observer", "arrived")], "registered"),
        ([("lead", "assigned"), ("observer", "arrived")], "assigned"),
    ],
)
def test_the_furthest_serving_task_counts_and_the_leads_finish_closes_when_all_have_left(
    tasks: list[tuple[str, str]], expected: str
) -> None:
    assert stage(*(Part(*task) for task in tasks)) == expected


@given(several, open_stages)
def test_an_open_incidents_stage_follows_from_its_tasks_alone(tasks: list[Part], at: str) -> None:
    assert stage(*tasks, at=at) == stage(*tasks)


@given(st.lists(parts, max_size=4))
def test_the_order_of_the_tasks_makes_no_difference(tasks: list[Part]) -> None:
    assert {stage(*order) for order in permutations(tasks)} == {stage(*tasks)}


@given(several)
def test_an_end_is_final_for_all_tasks(tasks: list[Part]) -> None:
    assert stage(*tasks, at=CLOSED) == CLOSED


@given(several)
def test_only_a_leads_finish_closes_an_incident_and_never_while_a_force_is_on_it(tasks: list[Part]) -> None:
    finished = any((task.role, task.status) == ("lead", "finished") for task in tasks)
    assert (stage(*tasks) == CLOSED) == (finished and not any(task.active for task in tasks))


@given(several, parts)
def test_another_active_task_never_moves_a_served_incident_back(tasks: list[Part], more: Part) -> None:
    if more.active and any(task.active and task.role in ORDINARY.serving for task in tasks):
        assert ORDINARY.stages.index(stage(*tasks, more)) >= ORDINARY.stages.index(stage(*tasks))


@given(several, st.sampled_from([*ACTIVE]))
def test_an_observer_has_no_effect_while_no_lead_has_finished(tasks: list[Part], status: str) -> None:
    if stage(*tasks) != CLOSED and not any((t.role, t.status) == ("lead", "finished") for t in tasks):
        assert stage(*tasks, Part("observer", status)) == stage(*tasks)


@given(several, st.sampled_from(["declined", "recalled"]), st.sampled_from([*Role]))
def test_a_declined_or_recalled_task_has_no_effect(tasks: list[Part], status: str, role: str) -> None:
    assert stage(*tasks, Part(role, status)) == stage(*tasks)


def test_every_status_of_a_continued_task_has_a_stage() -> None:
    assert set(ORDINARY.task_stages) == {*ACTIVE, "finished"}


def test_the_desk_closes_waiting_incidents_only() -> None:
    assert apply_move(ORDINARY, "close", occupied=False, at=REGISTERED, actor=CLERK) == CLOSED
    for at, occupied in [(CLOSED, False), ("on_scene", True), (REGISTERED, True)]:
        with pytest.raises(IllegalStep) as caught:
            apply_move(ORDINARY, "close", occupied=occupied, at=at, actor=CLERK)
        assert caught.value.params == {"status": at, "step": "close"}
    with pytest.raises(IllegalStep):
        apply_move(ORDINARY, "reopen", occupied=False, at=CLOSED, actor=CLERK)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_roles_that_may_edit_can_close(role: str) -> None:
    actor = replace(CLERK, role=role)
    if role in ("operator", "supervisor"):
        assert apply_move(ORDINARY, "close", occupied=False, at=REGISTERED, actor=actor) == CLOSED
        return
    with pytest.raises(Forbidden):
        apply_move(ORDINARY, "close", occupied=False, at=REGISTERED, actor=actor)


def test_a_closed_incident_allows_no_step() -> None:
    with pytest.raises(IllegalStep) as caught:
        require_open(ORDINARY, at=CLOSED, step="assign")
    assert caught.value.params == {"status": CLOSED, "step": "assign"}
    for at in OPEN:
        require_open(ORDINARY, at=at, step="assign")


@given(several)
def test_the_first_force_leads_and_the_next_supports(tasks: list[Part]) -> None:
    led = any(task.active and task.role == "lead" for task in tasks)
    assert role_for(tasks) == ("support" if led else "lead")
