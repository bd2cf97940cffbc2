"""Validation of flows."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from console.access.rules import Permission
from console.flow.terms import CLOSED, ORDINARY, REGISTERED, BadFlow, Flow, Move, Role

CLOSE = ORDINARY.moves[0]


def faults(**changed: Any) -> list[str]:
    with pytest.raises(BadFlow) as caught:
        replace(ORDINARY, **changed)
    return list(caught.value.faults)


def test_an_unreachable_stage_is_rejected() -> None:
    assert faults(stages=(*ORDINARY.stages, "archived"), ends=frozenset({CLOSED, "archived"})) == [
        "archived: cannot be reached"
    ]


def test_a_stage_without_a_way_to_an_end_is_rejected() -> None:
    assert set(faults(moves=(), task_stages={"assigned": "assigned"}, stages=(REGISTERED, "assigned", CLOSED))) == {
        "closed: cannot be reached",
        "registered: leads to no end",
        "assigned: leads to no end",
    }


def test_a_flow_without_an_end_is_rejected() -> None:
    assert f"{REGISTERED}: leads to no end" in faults(ends=frozenset())


def test_an_unknown_stage_is_rejected_with_its_place() -> None:
    move = Move("close", frozenset({"lost"}), "gone", Permission.EDIT_INCIDENTS)
    assert {
        "ends: unknown stage past",
        "move close: unknown stage lost",
        "move close: unknown stage gone",
        "task status arrived: unknown stage there",
    } <= {
        *faults(
            ends=frozenset({CLOSED, "past"}),
            moves=(move,),
            task_stages={**ORDINARY.task_stages, "arrived": "there"},
        )
    }


def test_no_move_leaves_an_end() -> None:
    reopen = Move("reopen", frozenset({CLOSED}), REGISTERED, Permission.EDIT_INCIDENTS)
    assert faults(moves=(CLOSE, reopen)) == ["move reopen: leaves the end closed"]


@pytest.mark.parametrize("stages", [(), (REGISTERED, REGISTERED)])
def test_stages_must_exist_and_be_unique(stages: tuple[str, ...]) -> None:
    assert faults(stages=stages) == ["stages: one at least, and each once"]


def test_a_concluding_role_must_be_a_serving_role() -> None:
    assert len(faults(concluding=frozenset({Role.OBSERVER}))) == 1
    assert len(faults(serving=frozenset(), concluding=frozenset())) == 1


def test_a_flow_is_read_and_validated_from_plain_data() -> None:
    """As read from TOML, for flows of a place."""
    plain = {
        "stages": list(ORDINARY.stages),
        "ends": ["closed"],
        "moves": [{"code": "close", "leaves": ["registered"], "to": "closed", "permission": "incidents.edit"}],
        "task_stages": dict(ORDINARY.task_stages),
        "serving": ["lead", "support"],
        "concluding": ["lead"],
    }
    read = TypeAdapter(Flow)
    assert read.validate_python(plain) == ORDINARY
    with pytest.raises(ValueError, match="archived: cannot be reached"):
        read.validate_python({**plain, "stages": [*ORDINARY.stages, "archived"]})
