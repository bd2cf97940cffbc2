"""Who is given notice of what has become of a case, and the fields of an urging."""

from dataclasses import replace
from typing import Any

import pytest

from console.cases.telling import news_of, urged_by
from console.flow.case_state import Call, CaseState, Holder, Offer
from console.flow.case_terms import FormField, MoveKind
from console.flow.forms import FormInvalid, form_of
from console.flow.urging_checks import faults_of_urgings
from console.notices.rules import Address
from geo.terms import Names
from tests.worlds import PACK

TOWN, COUNTY = Holder("town", 4), Holder("county")
STATE = CaseState("dispute", "dispute.neighbour", "high", "handling", "joint", "town", TOWN, COUNTY, accepted=True)
OFFERED = replace(STATE, offer=Offer("county"))
CALLED = replace(STATE, calls=(Call("station"), Call("office", "answered")))


@pytest.mark.parametrize(
    ("before", "after", "kind", "told"),
    [
        (STATE, OFFERED, MoveKind.TRANSFER, [("case.offered", Address("county"))]),
        (OFFERED, OFFERED, MoveKind.PROCEDURE, []),
        (OFFERED, STATE, MoveKind.RETURN, [("case.returned", Address("town", 4))]),
        (STATE, replace(STATE, owner=COUNTY), MoveKind.ACCEPT, []),
        (STATE, replace(STATE, owner=COUNTY, accepted=False), None, [("case.offered", Address("county"))]),
        (STATE, CALLED, MoveKind.JOIN, [("case.called", Address("station"))]),
        (CALLED, replace(STATE, calls=(Call("station", "refused"),)), MoveKind.REFUSE,
         [("case.answered", Address("town", 4))]),
        (STATE, replace(STATE, field_finished=9), None, [("case.field_finished", Address("town", 4))]),
        (STATE, replace(STATE, field_finished=9, ended=True), None, []),
        (STATE, replace(STATE, satisfied="no"), MoveKind.FOLLOW_UP, []),
    ],
)  # fmt: skip
def test_whoever_has_to_act_next_is_named(before: CaseState, after: CaseState, kind: Any, told: Any) -> None:
    assert [*news_of(before, after, kind=kind)] == told


@pytest.mark.parametrize(
    ("state", "to", "whom"),
    [
        (STATE, None, [Address("town", 4)]),
        (OFFERED, None, [Address("county")]),
        (OFFERED, "holder", [Address("town", 4)]),
        (STATE, "unit", [Address("town")]),
        (CALLED, "called", [Address("station")]),
    ],
)
def test_an_urging_is_for_whoever_the_case_waits_for_or_its_form_names(
    state: CaseState, to: str | None, whom: list[Address]
) -> None:
    assert urged_by(state, to) == whom


@pytest.mark.parametrize("to", ["receiver", "called"])
def test_an_urging_of_nobody_is_refused(to: str) -> None:
    with pytest.raises(FormInvalid):
        urged_by(STATE, to)


def test_every_urging_has_the_fields_that_a_pack_need_not_name_and_may_not() -> None:
    assert PACK.case is not None
    terms = PACK.case
    [urge] = [one for one in terms.moves if one.kind is MoveKind.URGE]
    assert [one.code for one in form_of(terms, urge).fields] == ["note", "to", "units", "answer_hours"]
    assert [*faults_of_urgings(terms)] == []
    own = urge.model_copy(update={"form": (*urge.form, FormField(code="to", names=Names(zh="谁", en="Whom")))})
    named = terms.model_copy(update={"moves": (own,)})
    assert [fault.key for fault in faults_of_urgings(named)] == [("moves", 0, "form", 1)]
