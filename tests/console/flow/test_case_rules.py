"""Cases in random flows, moved by random people: nothing is lost, skipped or stuck."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.place.reading import load_pack
from console.cases.regrading import regraded
from console.flow.case_checks import faults_of
from console.flow.case_paths import next_stages
from console.flow.case_rules import Facts, MoveRefused, apply, clocks_of, move_of, permitted, seat_for
from console.flow.case_state import Call, CaseState, Holder, Offer, changes_between, from_json, to_json
from console.flow.case_terms import CaseTerms, MoveKind
from console.flow.closing_checks import faults_of_closings
from console.flow.effects import Deed, Target
from console.flow.forms import satisfied_of
from console.flow.impossible_checks import faults_of_impossible
from console.flow.replay import MOVED, OPENED, replay
from console.flow.seats import Person, Seat
from console.flow.stuck_checks import faults_of_stuck
from tests.console.flow.flows import AT, PEOPLE, UNITS, deed_of, flows, opened, possible, walk
from tests.property.depth import examples

STORIES = settings(max_examples=examples(30), deadline=None)


@STORIES
@given(flows())
def test_a_flow_made_in_order_has_no_fault(terms: CaseTerms) -> None:
    kinds: dict[str, Any] = {"categories": ["x.y"], "risks": ["low", "medium"]}
    assert [*faults_of(terms, classes=["x"], **kinds), *faults_of_impossible(terms, **kinds)] == []
    assert [*faults_of_closings(terms, categories=kinds["categories"]), *faults_of_stuck(terms, **kinds)] == []


@STORIES
@given(st.data(), flows())
def test_any_walk_has_an_owner_a_clock_and_a_next_move_and_skips_no_stage(
    data: st.DataObject, terms: CaseTerms
) -> None:
    after_stage = next_stages(terms, "all")
    entries = [(OPENED, {"set": to_json(opened(terms))})]
    for before, deed, after in walk(data.draw, terms):
        assert after.owner.unit in UNITS and after.first_receiver == before.first_receiver
        assert after.stage == before.stage or after.stage in after_stage[before.stage]
        assert bool(clocks_of(terms, after)) == after.running
        assert possible(terms, after)
        kinds = {move.kind for move in terms.moves if after.stage in terms.leaves_of(move, after.flow)}
        assert not after.offer or "accept" in kinds, "what waits for an answer stands where one can be given"
        assert not after.open_calls or "answer" in kinds
        entries.append((MOVED, {"move": deed.move.code, "set": changes_between(before, after)}))
        assert replay(entries) == after == from_json(to_json(after))


@STORIES
@given(st.data(), flows())
def test_the_owner_changes_only_when_a_unit_accepts_gives_back_or_takes_up(
    data: st.DataObject, terms: CaseTerms
) -> None:
    for before, deed, after in walk(data.draw, terms):
        if after.owner.unit != before.owner.unit:
            assert deed.move.kind in ("accept", "return", "take_up")


@given(flows())
@settings(max_examples=examples(5), deadline=None)
def test_the_order_of_answers_leaves_no_call_open_and_no_case_stuck(terms: CaseTerms) -> None:
    called_in = terms.leaves_of(terms.move_by_code["join"], terms.flows[-1].code)
    state = replace(opened(terms), stage=called_in[0], accepted=True)
    called = replace(state, calls=tuple(map(Call, ("t1", "d1", "c1"))), calls_made=1)
    people = {unit: next(one for one in PEOPLE if one.seats[0].unit == unit) for unit in UNITS}
    for order in permutations([("answer", "t1"), ("refuse", "d1"), ("stand_down", "c1"), ("escalate", "v1")]):
        at = called
        for kind, unit in order:
            move = move_of(terms, at, kind)
            who = people["v1"] if kind in ("stand_down", "escalate") else people[unit]
            if not any(one == move and refused is None for one, refused in permitted(terms, at, who, Facts())):
                continue
            seat = seat_for(terms, at, move, who, Facts())
            form = {"unit": unit} if kind == "stand_down" else {}
            target = None
            if kind == "escalate":
                target = deed_of(lambda drawn: None, terms, at, who, move).target  # type: ignore[arg-type]
            at = apply(terms, at, Deed(move, who, seat, form, AT, target))
            assert possible(terms, at)
        assert at.open_calls == () and "called" not in clocks_of(terms, at)


def wujiang() -> CaseTerms:
    terms = load_pack("wujiang").case
    assert terms is not None
    return terms


def person(access: str, unit: str, level: str, user: int = 1) -> Person:
    return Person(user, access, (Seat(unit, level),))


def state_at(stage: str, **changes: Any) -> CaseState:
    first = Holder("v1")
    state = CaseState("dispute", "dispute.neighbour", "low", stage, "easy", "village", first, first)
    return replace(state, **changes)


@pytest.mark.parametrize(
    ("state", "move", "who", "facts", "reason"),
    [
        (state_at("received"), "close", person("clerk", "v1", "village"), {}, "stage"),
        (state_at("closed", ended=True), "escalate", person("operator", "v1", "village"), {}, "stage"),
        (state_at("handling", joined_to=7), "escalate", person("operator", "v1", "village"), {}, "merged"),
        (state_at("handling", level="county"), "escalate", person("operator", "v1", "village"), {}, "level"),
        (state_at("received"), "dispatch", person("clerk", "v2", "village"), {}, "person"),
        (state_at("received"), "dispatch", person("interviewer", "v1", "village"), {}, "person"),
        (state_at("handling"), "take_up", person("operator", "v2", "village"), {}, "person"),
        (state_at("routed", offer=Offer("t1")), "accept", person("operator", "v1", "village"), {}, "offer"),
        (state_at("handling", accepted=True), "return", person("operator", "v1", "village"), {}, "offer"),
        (state_at("handling"), "stand_down", person("operator", "v1", "village"), {}, "calls"),
        (state_at("feedback", handler=1), "close", person("clerk", "v1", "village"), {}, "own_handling"),
        (state_at("feedback"), "close", person("clerk", "v1", "village"), {"occupied": True}, "conditions"),
        (state_at("feedback"), "close", person("clerk", "v1", "village"), {"open_parts": True}, "conditions"),
        (state_at("closed", ended=True), "archive", person("clerk", "v1", "village"), {}, "conditions"),
        (state_at("handling", calls=(Call("t1"),)), "report_result", person("clerk", "v1", "village"), {}, "joint"),
    ],
)
def test_a_move_that_is_not_allowed_is_refused_with_its_reason(
    state: CaseState, move: str, who: Person, facts: dict[str, bool], reason: str
) -> None:
    terms = wujiang()
    with pytest.raises(MoveRefused) as caught:
        seat_for(terms, state, move_of(terms, state, move), who, Facts(**facts))
    assert caught.value.params["reason"] == reason


def test_a_returned_hand_over_gives_back_the_level_and_its_clock() -> None:
    terms, sender = wujiang(), person("operator", "v1", "village")
    state = state_at("handling", accepted=True, lane="joint")
    up = Deed(move_of(terms, state, "escalate"), sender, sender.seats[0], {"reason": "x"}, AT, Target("t1", "town"))
    offered = apply(terms, state, up)
    assert (offered.level, offered.owner, offered.offer) == ("town", state.owner, Offer("t1", level_before="village"))
    town = person("operator", "t1", "town", user=2)
    back = apply(terms, offered, Deed(move_of(terms, state, "return"), town, town.seats[0], {"reason": "other"}, AT))
    assert (back.level, back.owner, back.offer, back.stage) == ("village", state.owner, None, "received")
    assert clocks_of(terms, back)["close_order"] == clocks_of(terms, state)["close_order"]


@pytest.mark.parametrize("kind", ["escalate", "take_up"])
def test_a_case_that_a_higher_level_returns_goes_back_to_the_level_of_its_first_receiver(kind: str) -> None:
    """Else the village could not escalate it again, or would pass over the town."""
    terms, sender = wujiang(), person("operator", "v1", "village")
    town, county = person("operator", "t1", "town", user=2), person("operator", "c1", "county", user=3)
    state = state_at("handling", accepted=True, lane="joint")

    def made(at: CaseState, move: str, who: Person, target: Target | None = None) -> CaseState:
        form = {"reason": "other"}
        return apply(terms, at, Deed(move_of(terms, at, move), who, who.seats[0], form, AT, target))

    for who in (town, county):
        unit, level = who.seats[0].unit, who.seats[0].level
        if kind == "escalate":
            state = made(made(state, "escalate", sender, Target(unit, level)), "accept", who)
            sender = who
        else:
            state = made(state, "take_up", who)
    assert (state.level, state.owner.unit, state.level_before) == ("county", "c1", "village")
    back = made(state, "return", county)
    assert (back.level, back.owner, back.accepted, back.level_before) == ("village", Holder("v1"), False, None)


def test_who_reports_a_result_does_not_check_it_though_another_one_has_accepted() -> None:
    terms, reporter = wujiang(), person("operator", "v1", "village", user=2)
    state = state_at("handling", accepted=True, handler=1)
    report = Deed(move_of(terms, state, "report_result"), reporter, reporter.seats[0], {"note": "x"}, AT)
    state = apply(terms, state, report)
    assert (state.stage, state.handler, state.reporter) == ("feedback", 1, 2)
    for user, barred in ((1, True), (2, True), (3, False)):
        who = person("operator", "v1", "village", user=user)
        found = {move.code: refused for move, refused in permitted(terms, state, who, Facts())}["close"]
        assert (found is not None and found.params["reason"] == "own_handling") == barred
    back = apply(terms, state, Deed(move_of(terms, state, "rework"), who, who.seats[0], {"reason": "x"}, AT))
    assert (back.stage, back.reporter) == ("handling", 2), "who sends it back has not reported it"


def test_who_has_handled_a_case_does_not_check_it_though_it_was_declined_elsewhere_or_changed_its_lane() -> None:
    terms, clerk = wujiang(), person("operator", "v1", "village", user=2)
    state = state_at("routed", category="dispute.neighbour", risk="high", lane="joint")

    def made(state: CaseState, code: str, by: Person, **form: Any) -> CaseState:
        target = Target("v2", state.level) if code == "transfer" else None
        return apply(terms, state, Deed(move_of(terms, state, code), by, by.seats[0], form, AT, target=target))

    def closings(state: CaseState, who: Person) -> set[str]:
        found = permitted(terms, state, who, Facts())
        return {move.code for move, refused in found if move.kind is MoveKind.CLOSE and refused is None}

    state = made(state, "accept", clerk)
    offered = made(state, "transfer", clerk, unit="v2", reason="x")
    declined = made(offered, "return", person("operator", "v2", "village", user=3), reason="x")
    assert declined.handler is None and closings(declined, clerk) == set()
    colleague = person("operator", "v1", "village", user=4)
    assert closings(declined, colleague) == {"close_at_desk"}
    small = regraded(terms, state, category=state.category, risk="low", level=state.level)
    assert (small.lane, closings(small, clerk)) == ("easy", set())
    assert closings(small, colleague) == {"close_at_desk", "close_by_handler"}
    easy = made(state_at("routed", category="dispute.neighbour", risk="low", lane="easy"), "accept", clerk)
    assert closings(easy, clerk) == {"close_by_handler"}


def test_a_case_is_reopened_by_a_dissatisfied_answer_and_its_closing_stays_in_the_record() -> None:
    terms = wujiang()
    closed = state_at("closed", ended=True, outcome="settled")
    asker = person("interviewer", "c1", "county")
    form = {"way": "phone", "reached": True, "attitude": "satisfied", "result": "dissatisfied"}
    deed = Deed(
        move_of(terms, closed, "follow_up"), asker, asker.seats[0], form, AT, satisfied=satisfied_of(terms, form)
    )
    after = apply(terms, closed, deed)
    assert (after.stage, after.ended, after.reopened, after.outcome) == ("mending", False, 1, None)
    assert {"close_order", "mending"} <= clocks_of(terms, after).keys()


def test_a_pause_keeps_the_clocks_and_resumes_where_it_began() -> None:
    terms, owner = wujiang(), person("operator", "v1", "village")
    state = state_at("handling", accepted=True)
    form = {"reason": "appraisal", "until": "2026-03-20"}
    paused = apply(terms, state, Deed(move_of(terms, state, "suspend"), owner, owner.seats[0], form, AT))
    assert (paused.stage, paused.resume_to) == ("suspended", "handling")
    assert clocks_of(terms, paused) == clocks_of(terms, state)
    again = apply(terms, paused, Deed(move_of(terms, paused, "resume"), owner, owner.seats[0], {}, AT))
    assert again == state


def test_a_move_of_one_lane_is_refused_in_another() -> None:
    terms = wujiang()
    easy = [one.model_copy(update={"lanes": ("easy",)}) if one.code == "split" else one for one in terms.moves]
    narrow = terms.model_copy(update={"moves": tuple(easy)})
    with pytest.raises(MoveRefused) as caught:
        state = state_at("received", lane="joint")
        seat_for(narrow, state, easy[8], person("clerk", "v1", "village"), Facts())
    assert (easy[8].code, caught.value.params["reason"]) == ("split", "lane")
