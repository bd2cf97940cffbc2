"""What each kind of move makes of a case, besides leading to another stage. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from console.flow.case_state import Call, CallStatus, CaseState, Charge, Holder, Offer, Procedure, Satisfied
from console.flow.case_terms import CaseMove, MoveKind
from console.flow.seats import Person, Seat


@dataclass(frozen=True, slots=True)
class Target:
    """A unit that a move hands the case to, with its level, and perhaps a post."""

    unit: str
    level: str
    post: int | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """A move that a person makes from a seat, or the server without one, with its filled-in form, when, and where to.

    `part` is the incident that a split has registered.
    """

    move: CaseMove
    person: Person
    seat: Seat | None
    form: Mapping[str, Any]
    at: datetime
    target: Target | None = None
    part: int | None = None
    satisfied: Satisfied | None = None


def end_calls(state: CaseState) -> CaseState:
    """End the calls that wait for an answer."""
    calls = tuple(replace(call, status="ended") if call.status == "called" else call for call in state.calls)
    return replace(state, calls=calls)


Effect = Callable[[CaseState, Deed], CaseState]


def _accept(state: CaseState, deed: Deed) -> CaseState:
    assert deed.seat is not None, "Only a unit accepts."
    owner = Holder(deed.seat.unit, deed.seat.id)
    came_from = state.offer.level_before if state.offer else None
    before = _level_before(state, came_from, owner=owner)
    return replace(state, owner=owner, offer=None, accepted=True, handler=deed.person.user, level_before=before)


def _level_before(state: CaseState, came_from: str | None, *, owner: Holder) -> str | None:
    """Return the level that a return would give back: that of the first receiver, before others took the case over."""
    return None if owner.unit == state.first_receiver.unit else state.level_before or came_from


def _return(state: CaseState, deed: Deed) -> CaseState:
    """Give back what was offered, or what the owner had accepted: to the first receiver, who is responsible."""
    if state.offer is not None:
        level = state.offer.level_before or state.level
        return replace(state, offer=None, level=level, accepted=False, handler=None)
    level = state.level_before or state.level
    back = replace(state, owner=state.first_receiver, level=level, level_before=None, accepted=False, handler=None)
    return end_calls(back)


def _hand_over(state: CaseState, deed: Deed) -> CaseState:
    """Offer the case to a unit. The owner stays responsible until it is accepted."""
    if deed.target is None:
        return state
    return replace(
        state,
        offer=Offer(deed.target.unit, deed.target.post, state.offer.level_before if state.offer else state.level),
        hand_overs=state.hand_overs + 1,
    )


def _change_level(state: CaseState, deed: Deed) -> CaseState:
    assert deed.target is not None, "Another level has a unit."
    return replace(end_calls(_hand_over(state, deed)), level=deed.target.level)


def _triage(state: CaseState, deed: Deed) -> CaseState:
    chosen = {name: deed.form[name] for name in ("lane", "level") if deed.form.get(name)}
    if "level" in chosen:  # Whatever is returned, this level stays.
        offer = replace(state.offer, level_before=chosen["level"]) if state.offer else None
        chosen |= {"level_before": None, "offer": offer}
    changed = state.lane_changed or (state.accepted and chosen.get("lane", state.lane) != state.lane)
    return _hand_over(replace(state, **chosen, lane_changed=changed), deed)


def _take_up(state: CaseState, deed: Deed) -> CaseState:
    assert deed.seat is not None, "Only a unit takes up."
    owner = Holder(deed.seat.unit, deed.seat.id)
    level = (state.offer.level_before if state.offer else None) or state.level
    before = _level_before(state, level, owner=owner)
    taken = replace(state, owner=owner, offer=None, accepted=True, level=level, level_before=before)
    return replace(taken, handler=deed.person.user)


def _advance(state: CaseState, deed: Deed) -> CaseState:
    return replace(state, handler=deed.person.user or None) if state.handler is None else state


def _split(state: CaseState, deed: Deed) -> CaseState:
    return state if deed.part is None else replace(state, parts=(*state.parts, deed.part))


def _join(state: CaseState, deed: Deed) -> CaseState:
    """Call units. One that is called again has not answered yet."""
    units = [unit for unit in dict.fromkeys(deed.form["units"]) if unit not in state.open_calls]
    kept = [call for call in state.calls if call.unit not in units]
    return replace(state, calls=(*kept, *map(Call, units)), calls_made=state.calls_made + 1)


def _answered(status: CallStatus) -> Effect:
    def answer(state: CaseState, deed: Deed) -> CaseState:
        unit = deed.form["unit"] if status == "stood_down" else deed.seat.unit if deed.seat else None
        calls = tuple(
            replace(call, status=status) if call.unit == unit and call.status == "called" else call
            for call in state.calls
        )
        return replace(state, calls=calls)

    return answer


def _take_charge(state: CaseState, deed: Deed) -> CaseState:
    seat = deed.seat
    unit, post = (seat.unit, seat.id) if seat else (None, None)
    return replace(state, charge=Charge(deed.person.user, deed.at, unit, post))


def _procedure(state: CaseState, deed: Deed) -> CaseState:
    form = deed.form
    procedure = Procedure(form["procedure"], deed.at, form.get("coordinator"), form.get("handler"))
    return replace(state, procedure=procedure)


def _close(state: CaseState, deed: Deed) -> CaseState:
    return replace(state, outcome=deed.form["outcome"])


def _pause(state: CaseState, deed: Deed) -> CaseState:
    return replace(state, paused_until=deed.form.get("until"))


def _follow_up(state: CaseState, deed: Deed) -> CaseState:
    return state if deed.satisfied is None else replace(state, satisfied=deed.satisfied)


def _keep(state: CaseState, deed: Deed) -> CaseState:
    return state


EFFECTS: Mapping[MoveKind, Effect] = MappingProxyType(
    {
        MoveKind.ACCEPT: _accept,
        MoveKind.RETURN: _return,
        MoveKind.TRIAGE: _triage,
        MoveKind.ADVANCE: _advance,
        MoveKind.SPLIT: _split,
        MoveKind.TRANSFER: _hand_over,
        MoveKind.ESCALATE: _change_level,
        MoveKind.SEND_DOWN: _change_level,
        MoveKind.TAKE_UP: _take_up,
        MoveKind.JOIN: _join,
        MoveKind.ANSWER: _answered("answered"),
        MoveKind.REFUSE: _answered("refused"),
        MoveKind.STAND_DOWN: _answered("stood_down"),
        MoveKind.PAUSE: _pause,
        MoveKind.RESUME: _keep,
        MoveKind.EXTEND: _keep,
        MoveKind.TAKE_CHARGE: _take_charge,
        MoveKind.PROCEDURE: _procedure,
        MoveKind.CLOSE: _close,
        MoveKind.REOPEN: _keep,
        MoveKind.ARCHIVE: _keep,
        MoveKind.FOLLOW_UP: _follow_up,
        MoveKind.URGE: _keep,
        MoveKind.CIRCULATE: _keep,
    }
)
"""What each kind of move does to a case, besides leading to another stage."""
