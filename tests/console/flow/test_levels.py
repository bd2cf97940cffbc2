"""Who decides a case, and who has it, are two things; and a hand-over or call ends where nobody can answer it."""

from dataclasses import replace
from typing import Any

import pytest

from console.flow.case_rules import Facts, MoveRefused, apply, clocks_of, move_of, permitted, seat_for
from console.flow.case_state import Call, CaseState, Holder, Offer, changes_between, to_json
from console.flow.case_terms import CaseTerms, MoveKind
from console.flow.effects import Deed, Target
from console.flow.levels import next_level
from console.flow.replay import MOVED, OPENED, replay
from console.flow.seats import Person
from tests.console.flow.flows import AT
from tests.console.flow.test_case_rules import person, state_at, wujiang

TOWN, COUNTY = person("operator", "t1", "town", user=2), person("operator", "c1", "county", user=3)
VILLAGE = person("operator", "v1", "village")


def moves_of(terms: CaseTerms, state: CaseState, who: Person, held_at: str | None) -> set[str]:
    found = permitted(terms, state, who, Facts(owner_level=held_at))
    return {move.code for move, refused in found if refused is None}


def made(
    terms: CaseTerms, state: CaseState, move: str, who: Person, target: Target | None = None, **form: Any
) -> CaseState:
    return apply(terms, state, Deed(move_of(terms, state, move), who, who.seats[0], form, AT, target))


@pytest.mark.parametrize(
    ("decides", "held_at", "above", "not_above"),
    [
        ("county", "town", [COUNTY], [TOWN, VILLAGE]),
        ("county", "village", [TOWN, COUNTY], [VILLAGE]),
        ("village", "county", [], [TOWN, VILLAGE]),
        ("village", "town", [COUNTY], [TOWN]),
        ("town", "micro_grid", [COUNTY], [TOWN]),
        ("town", None, [COUNTY], [TOWN]),
    ],
)
def test_whoever_is_above_the_unit_that_has_a_case_may_take_it_up(
    decides: str, held_at: str | None, above: list[Person], not_above: list[Person]
) -> None:
    """A high risk at a town's desk is the county's to take; a low one at the county's desk is no town's."""
    terms, state = wujiang(), state_at("handling", level=decides, owner=Holder("x"), accepted=True)
    for who in (*above, *not_above):
        assert ("take_up" in moves_of(terms, state, who, held_at)) == (who in above), who


@pytest.mark.parametrize(
    ("decides", "held_at", "kind", "offered_from", "next_one"),
    [
        ("village", "village", MoveKind.ESCALATE, None, "town"),
        ("county", "town", MoveKind.ESCALATE, None, "county"),
        ("county", "village", MoveKind.ESCALATE, None, "county"),
        ("town", "village", MoveKind.ESCALATE, None, "town"),
        ("town", "village", MoveKind.ESCALATE, "village", "county"),
        ("town", "village", MoveKind.ESCALATE, "town", "town"),
        ("village", "town", MoveKind.ESCALATE, None, "county"),
        ("county", "county", MoveKind.ESCALATE, None, None),
        ("village", "county", MoveKind.ESCALATE, None, None),
        ("county", "county", MoveKind.SEND_DOWN, None, "town"),
        ("town", "county", MoveKind.SEND_DOWN, None, "town"),
        ("town", "county", MoveKind.SEND_DOWN, "county", "village"),
        ("county", "town", MoveKind.SEND_DOWN, None, "village"),
        ("county", "village", MoveKind.SEND_DOWN, None, None),
    ],
)
def test_a_case_goes_to_the_level_that_decides_it_or_to_the_one_beside_its_owner(
    decides: str, held_at: str, kind: MoveKind, offered_from: str | None, next_one: str | None
) -> None:
    offer = Offer("x", level_before=offered_from) if offered_from else None
    state = state_at("handling", level=decides, offer=offer)
    assert next_level(wujiang(), state, kind, held_at=held_at) == next_one
    move = move_of(wujiang(), state, kind.value)
    if next_one is None:
        with pytest.raises(MoveRefused) as caught:
            seat_for(wujiang(), state, move, VILLAGE, Facts(owner_level=held_at))
        assert caught.value.params["reason"] == "level"
    else:
        assert seat_for(wujiang(), state, move, VILLAGE, Facts(owner_level=held_at))


def test_a_hand_over_leaves_who_decides_and_a_taking_up_only_raises_it() -> None:
    terms, village = wujiang(), person("handler", "d2", "village", user=4)
    state = state_at("handling", level="county", owner=Holder("t1"), first_receiver=Holder("t1"), accepted=True)
    given = made(terms, state, "transfer", TOWN, Target("d2", "county"), unit="d2", note="x")
    given = made(terms, given, "accept", village)
    assert (given.owner.unit, given.level) == ("d2", "county")
    assert "take_up" in moves_of(terms, given, TOWN, "village")
    back = made(terms, given, "take_up", TOWN, reason="x")
    assert (back.owner.unit, back.level) == ("t1", "county"), "the town has it, and the county decides it still"
    small = replace(given, level="village")
    assert made(terms, small, "take_up", COUNTY, reason="x").level == "county"


def test_a_triage_that_chooses_the_level_is_not_undone_by_a_return() -> None:
    terms = wujiang()
    state = state_at("received", offer=Offer("t1", level_before="village"), level="town")
    chosen = made(terms, state, "triage", VILLAGE, level="county")
    assert chosen.level == "county" and chosen.offer == Offer("t1", level_before="county")


@pytest.mark.parametrize(("move", "stage"), [("suspend", "suspended"), ("report_result", "feedback")])
def test_a_hand_over_ends_where_nobody_can_accept_it(move: str, stage: str) -> None:
    terms = wujiang()
    state = state_at("handling", accepted=True, handler=1, offer=Offer("t1", level_before="village"), level="town")
    state = replace(state, calls=(Call("d1"),))
    assert "accept_order" in clocks_of(terms, state)
    after = made(terms, state, move, VILLAGE, reason="appraisal", note="x")
    assert (after.stage, after.offer, after.accepted, after.owner) == (stage, None, True, state.owner)
    assert after.level == "village", "who never had it does not decide it"
    assert "accept_order" not in clocks_of(terms, after)
    assert after.open_calls == ("d1",) and "joint_answer" in clocks_of(terms, after), "they can be answered there"
    entries = [(OPENED, {"set": to_json(state)}), (MOVED, {"set": changes_between(state, after)})]
    assert replay(entries) == after


def test_a_call_ends_where_nobody_can_answer_it() -> None:
    said = wujiang()
    moves = tuple(
        one.model_copy(update={"leaves": ("handling",)}) if one.code == "answer" else one for one in said.moves
    )
    terms = said.model_copy(update={"moves": moves})
    terms.__dict__.pop("move_by_code", None)
    state = state_at("handling", accepted=True, calls=(Call("d1"), Call("t1", "answered")))
    after = made(terms, state, "suspend", VILLAGE, reason="appraisal")
    assert after.calls == (Call("d1", "ended"), Call("t1", "answered"))
    assert "joint_answer" not in clocks_of(terms, after)
