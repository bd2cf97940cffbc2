"""Answers with one case."""

from datetime import datetime

from fastapi import Response

from api.http.clock_answers import clock_out
from api.http.etags import etag_of
from api.http.wire.cases import BarredMoveOut, CaseItemOut, CaseOut, ChargeOut, DoorOut, PossibleMoveOut
from api.http.wire.clocks import ClockOut
from api.http.wire.flow import FieldOut, fields_out
from console.cases.actions import Opened
from console.cases.events import body_of
from console.cases.queries import SeenCase
from console.cases.tables import Case
from console.flow.case_terms import CaseMove
from console.incidents.tables import Incident

PLAIN = (
    "flow",
    "pack_version",
    "stage",
    "lane",
    "level",
    "unit",
    "accepted",
    "outcome",
    "paused",
    "paused_until",
    "version",
)
OF_STATE = ("first_receiver", "calls", "procedure", "satisfied", "reopened", "part_of", "parts", "joined_to")

_FORMS: dict[tuple[str, str], list[FieldOut]] = {}
"""Forms by version of the pack and move. They never change."""


def case_answer(seen: SeenCase, response: Response, *, now: datetime) -> CaseOut:
    """Return a case as HTTP shows it, and set its `ETag`, which a move sends back as `If-Match`."""
    case, state, terms, incident = seen.opened.case, seen.opened.state, seen.opened.terms, seen.opened.incident
    response.headers["ETag"] = etag_of(case.version)
    stage, charge = terms.stage_by_code[case.stage], state.charge
    return CaseOut(
        id=incident.id,
        case_code=incident.case_code,
        category=incident.category,
        **{name: getattr(case, name) for name in PLAIN},
        **{name: getattr(state, name) for name in OF_STATE},
        stage_kind=stage.kind.value,
        step=stage.step,
        post=case.post_id,
        handler=None if state.handler is None else seen.user_names.get(state.handler),
        offered_to=state.offer,
        charge=charge and ChargeOut(name=seen.user_names.get(charge.user, ""), unit=charge.unit, since=charge.since),
        opened_at=case.opened_at,
        ended_at=case.ended_at,
        field_finished=state.field_finished is not None,
        clocks=_clocks(seen, now=now),
        doors=[DoorOut.model_validate(door) for door in seen.doors],
        moves=_moves(seen),
        barred=_barred(seen),
        unit_names=dict(seen.unit_names),
    )


def case_item(case: Case, incident: Incident) -> CaseItemOut:
    """Return a case with its incident, as lists show it."""
    of_incident = ("case_code", "category", "risk", "title", "registered_at")
    return CaseItemOut(
        **body_of(case), **{name: getattr(incident, name) for name in of_incident}, division=incident.village_code
    )


def _clocks(seen: SeenCase, *, now: datetime) -> list[ClockOut]:
    return [clock_out(clock, counted, now=now) for clock, counted in seen.clocks]


def _moves(seen: SeenCase) -> list[PossibleMoveOut]:
    return [
        PossibleMoveOut(move=move.code, kind=move.kind, to=move.to, form=_form(seen.opened, move))
        for move, refused in seen.moves
        if refused is None
    ]


def _form(opened: Opened, move: CaseMove) -> list[FieldOut]:
    key = opened.case.pack_version, move.code
    if key not in _FORMS:
        _FORMS[key] = fields_out(opened.terms, move)
    return _FORMS[key]


def _barred(seen: SeenCase) -> list[BarredMoveOut]:
    return [
        BarredMoveOut(
            move=move.code,
            reason=refused.params["reason"],
            conditions=refused.params.get("conditions", []),
            units=refused.params.get("units", []),
        )
        for move, refused in seen.moves
        if refused is not None
    ]
