"""What the loader says of cases that get stuck is what the engine does with them."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.place.reading import load_pack
from console.flow.case_checks import faults_of
from console.flow.case_rules import apply, seat_for
from console.flow.case_state import CaseState
from console.flow.case_terms import CaseMove, CaseTerms, MoveKind
from console.flow.closing_checks import faults_of_closings
from console.flow.effects import Deed, Target
from console.flow.forms import satisfied_of
from console.flow.impossible_checks import faults_of_impossible
from console.flow.levels import STEPS, next_level
from console.flow.seats import Person
from console.flow.stuck_checks import faults_of_stuck
from tests.console.flow.flows import AT, LEVELS, UNITS, facts_at, flows, opened, possible, walk
from tests.property.depth import examples
from tests.shared import CHECKOUT

KINDS: dict[str, Any] = {"categories": ["x.y"], "risks": ["low", "medium"]}
YUSHAN = str(CHECKOUT / "docs" / "examples" / "yushan")
MOST = 400
"""States looked through for a way to an end: it is near where there is one."""
NARROWED: dict[str, tuple[Any, ...]] = {
    "lanes": (("lane0",), ("lane1",)),
    "levels": (("town",), ("village", "county")),
    "by": (("at_owner",), ("at_above",), ("at_receiver",), ("at_first_receiver",), ("at_anywhere",)),
}


def deeds_of(terms: CaseTerms, state: CaseState, person: Person, move: CaseMove) -> Iterator[Deed]:
    """Every way to fill in a move that may lead on; calling more units never does."""
    seat = seat_for(terms, state, move, person, facts_at(state))
    form: dict[str, Any] = {"outcome": "settled", "procedure": "mediation", "reason": "x", "note": "x"}
    if move.kind is MoveKind.TRANSFER:
        yield from (Deed(move, person, seat, form, AT, Target(unit, UNITS[unit])) for unit in ("v1", "t1", "c1"))
    elif move.kind in STEPS:
        level = next_level(terms, state, move.kind, held_at=UNITS[state.owner.unit])
        unit = next((unit for unit, of in UNITS.items() if of == level), "c1")
        yield Deed(move, person, seat, form, AT, Target(unit, level or ""))
    elif move.kind is MoveKind.STAND_DOWN:
        yield Deed(move, person, seat, form | {"unit": state.open_calls[0]}, AT)
    elif move.kind is not MoveKind.JOIN:
        yield Deed(move, person, seat, form, AT, satisfied=satisfied_of(terms, form))


def ends_from(terms: CaseTerms, state: CaseState) -> bool:
    """Whether somebody of the tests, move by move, leads a case to its end."""
    seen: set[CaseState] = set()
    ahead = deque([state])
    while ahead and len(seen) < MOST:
        at = ahead.popleft()
        if at.ended:
            return True
        for person, move in possible(terms, at):
            for deed in deeds_of(terms, at, person, move):
                after = replace(apply(terms, at, deed), hand_overs=0, calls_made=0, reopened=0, level_before=None)
                if after not in seen:
                    seen.add(after)
                    (ahead.append if after.stage == at.stage else ahead.appendleft)(after)
    return False


def faults(terms: CaseTerms) -> list[Any]:
    found = [*faults_of(terms, classes=["x"], **KINDS)]
    if not found:
        found = [*faults_of_impossible(terms, **KINDS)]
    return found or [*chain(faults_of_closings(terms, categories=KINDS["categories"]), faults_of_stuck(terms, **KINDS))]


@settings(max_examples=examples(10), deadline=None)
@given(st.data(), flows())
def test_a_flow_that_the_loader_takes_leaves_no_case_stuck(data: st.DataObject, terms: CaseTerms) -> None:
    """Though moves are left out, or narrowed to some people, lanes or levels."""
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(terms.moves) - 1))
        key = data.draw(st.sampled_from([*NARROWED, "none"]))
        kept = [*terms.moves[:at], *terms.moves[at + 1 :]]
        if key != "none":
            narrow = {key: data.draw(st.sampled_from(NARROWED[key]))}
            kept.insert(at, terms.moves[at].model_copy(update=narrow))
        narrowed = CaseTerms.model_validate(terms.model_dump() | {"moves": [one.model_dump() for one in kept]})
        used = {role for move in narrowed.moves for role in move.by} <= {role.code for role in narrowed.roles}
        terms = narrowed if used and not faults(narrowed) else terms
    lane = data.draw(st.sampled_from([lane.code for lane in terms.lanes]))
    for _, _, after in walk(data.draw, terms, most=6, state=replace(opened(terms), lane=lane)):
        assert ends_from(terms, after), (after, [(move.code, move.by, move.lanes, move.levels) for move in terms.moves])


@pytest.mark.parametrize("place", ["lushui", "heshui", "xizhou", "jining", "wujiang", YUSHAN])
@settings(max_examples=examples(1), deadline=None)
@given(data=st.data())
def test_in_each_pack_somebody_leads_every_case_to_an_end(data: st.DataObject, place: str) -> None:
    terms = load_pack(place).case
    assert terms is not None
    for flow in terms.flows:
        lane = data.draw(st.sampled_from([lane.code for lane in terms.lanes]))
        level = data.draw(st.sampled_from([level for level in terms.level_codes if level in LEVELS]))
        state = replace(opened(terms), flow=flow.code, stage=flow.stages[0], lane=lane, level=level)
        for _, _, after in walk(data.draw, terms, most=5, state=state):
            assert ends_from(terms, after), after
