"""Decide which moves of a case a person may make, and what a move makes of it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from console.flow.case_state import CaseState
from console.flow.case_terms import (
    CaseMove,
    CaseTerms,
    MoveKind,
    StageKind,
    clock_for,
)
from console.flow.effects import EFFECTS, Deed, end_calls
from console.flow.levels import STEPS, higher, holding_level, next_level
from console.flow.seats import Person, Seat, seats_of
from geo.errors import ErrorKind, MaplebridgeError


class MoveRefused(MaplebridgeError):
    """The case does not allow the move. `params`: `move`, `stage`, and `reason`, with `conditions` or `units` for some.

    Reasons: `unknown` no such move; `stage`, `lane`, `level` not there; `merged` into another incident; `person` not
    this person; `offer` nothing is handed over; `calls` no unit is called; `own_handling` by the one who handled it;
    `joint` called units have not answered; `conditions` are not met.
    """

    code = "case.move"
    kind = ErrorKind.CONFLICT


@dataclass(frozen=True, slots=True)
class Facts:
    """What the case itself does not know.

    `occupied`: a force is at the incident. `open_parts`: a split-off case goes on. `handled`: the person has made a
    move of the case other than asking and urging. `not_asked`: no follow-up comes, by the draw or after all tries.
    `owner_level`: the level of the unit that has it.
    """

    occupied: bool = False
    open_parts: bool = False
    handled: bool = False
    not_asked: bool = False
    owner_level: str | None = None


def move_of(terms: CaseTerms, state: CaseState, code: str) -> CaseMove:
    """Return the move of this code. Raises `MoveRefused`."""
    found = terms.move_by_code.get(code)
    if found is None:
        raise MoveRefused(move=code, stage=state.stage, reason="unknown")
    return found


def seat_for(terms: CaseTerms, state: CaseState, move: CaseMove, person: Person, facts: Facts) -> Seat | None:
    """Return the seat from which a person may make the move; None where the role asks for none.

    Raises `MoveRefused` with the first reason that bars it.
    """
    reason, seats = _bar(terms, state, move, person, facts)
    _require(terms, state, move, reason, facts)
    params: dict[str, Any] = {"move": move.code, "stage": state.stage}
    if (_is_check(state, move) and person.user in state.hands) or _asks_of_own(terms, state, move, person, facts):
        raise MoveRefused(**params, reason="own_handling")
    return seats[0]


def _is_check(state: CaseState, move: CaseMove) -> bool:
    """Whether a move is not for those who handled the case. A lane changed meanwhile spares nobody a check."""
    return move.checked or (move.kind is MoveKind.CLOSE and state.lane_changed)


def require_due(terms: CaseTerms, state: CaseState, move: CaseMove, facts: Facts) -> None:
    """Raise `MoveRefused` if the server may not make a move now: at another stage, lane or level, or as of people."""
    reason = _place_bar(terms, state, move, facts)
    if reason is None and move.kind is MoveKind.RETURN and not _can_be_returned(state):
        reason = "offer"
    _require(terms, state, move, reason, facts)


def _can_be_returned(state: CaseState) -> bool:
    return state.offer is not None or (state.accepted and state.owner.unit != state.first_receiver.unit)


def _require(terms: CaseTerms, state: CaseState, move: CaseMove, reason: str | None, facts: Facts) -> None:
    params: dict[str, Any] = {"move": move.code, "stage": state.stage}
    if reason:
        raise MoveRefused(**params, reason=reason)
    if unmet := unmet_conditions(terms, state, move, facts):
        raise MoveRefused(**params, reason="conditions", conditions=unmet)
    if move.waits and not joint_done(terms, state):
        raise MoveRefused(**params, reason="joint", units=list(state.open_calls))


def permitted(
    terms: CaseTerms, state: CaseState, person: Person, facts: Facts
) -> Iterator[tuple[CaseMove, MoveRefused | None]]:
    """Yield the moves that are a person's at this stage, in the pack's order.

    Those that conditions, a check or called units bar come with the refusal.
    """
    for move in terms.moves:
        if _bar(terms, state, move, person, facts)[0]:
            continue
        try:
            seat_for(terms, state, move, person, facts)
        except MoveRefused as refused:
            yield move, refused
        else:
            yield move, None


def apply(terms: CaseTerms, state: CaseState, deed: Deed) -> CaseState:
    """Return the state after a deed that `seat_for` allows."""
    moved = EFFECTS[deed.move.kind](state, deed)
    if deed.move.kind is MoveKind.TAKE_UP and deed.seat:
        moved = replace(moved, level=higher(terms, moved.level, deed.seat.level))
    to = _stage_after(moved, deed)
    if _is_of_owner(state, deed) and _brings_to_check(terms, moved, state.stage, to):
        moved = replace(moved, reporter=deed.person.user or None)
    return settle(terms, _with_hands(state, moved), to=to)


def _with_hands(before: CaseState, after: CaseState) -> CaseState:
    """Return a state with those who have handled it; a return, or another's acceptance, does not end that."""
    hands = [user for one in (before, after) if one.accepted for user in (one.handler, one.reporter) if user]
    return replace(after, handled_by=tuple(dict.fromkeys((*after.handled_by, *hands))))


def _is_of_owner(state: CaseState, deed: Deed) -> bool:
    """Whether somebody of the unit that has accepted the case leads it on: who only analysed it has no result."""
    of_owner = deed.seat is None or deed.seat.unit == state.owner.unit
    return deed.move.kind in (MoveKind.ADVANCE, MoveKind.PROCEDURE) and state.accepted and of_owner


def _brings_to_check(terms: CaseTerms, state: CaseState, before: str, to: str) -> bool:
    """Whether a step on in the flow brings a case to a check that it was not at. Back is no report of a result."""
    stages = terms.flow_by_code[state.flow].stages
    onward = stages.index(to) > stages.index(before)
    return onward and bool(_checks_at(terms, state, to) - _checks_at(terms, state, before))


def _checks_at(terms: CaseTerms, state: CaseState, stage: str) -> set[str]:
    """Return the moves by which somebody other than who handled the case checks it at a stage."""
    there = replace(state, stage=stage)
    return {move.code for move in terms.moves if move.checked and _not_here(terms, there, move) is None}


def settle(terms: CaseTerms, state: CaseState, *, to: str) -> CaseState:
    """Return the state at a stage. A stage after an end opens the case again.

    A hand-over ends where no move of the stage accepts it, and calls where none answers them, as at an end: they would
    wait for ever. The owner stays responsible, at the level from before the hand-over.
    """
    kind = terms.stage_by_code[to].kind
    ended = kind in (StageKind.END, StageKind.ARCHIVED)
    reopened = state.ended and not ended
    after = replace(state, stage=to, ended=ended, reopened=state.reopened + reopened)
    if kind is StageKind.PAUSED:
        after = after if state.resume_to else replace(after, resume_to=state.stage)
    else:
        after = replace(after, resume_to=None, paused_until=None)
    if reopened:
        after = replace(after, outcome=None, satisfied=None)
    if after.offer and not _may_come(terms, after, MoveKind.ACCEPT):
        after = replace(after, offer=None, level=after.offer.level_before or after.level)
    return end_calls(after) if after.open_calls and not _may_come(terms, after, MoveKind.ANSWER) else after


def _may_come(terms: CaseTerms, state: CaseState, kind: MoveKind) -> bool:
    """Whether some move of this kind is one of the case's stage, lane and level."""
    return any(move.kind is kind and _not_here(terms, state, move) is None for move in terms.moves)


def finish(terms: CaseTerms, state: CaseState, *, outcome: str) -> CaseState:
    """Return the state of a case that the end of its leading task closes."""
    [end, *_] = terms.stages_of(state.flow, StageKind.END)
    return settle(terms, replace(state, outcome=outcome), to=end)


def unmet_conditions(terms: CaseTerms, state: CaseState, move: CaseMove, facts: Facts) -> list[str]:
    """List the conditions of a move that are not met; those that a person confirms are in the form."""
    met = {
        "confirmed": True,
        "no_force": not facts.occupied,
        "parts_ended": not facts.open_parts,
        "followed_up": state.satisfied in ("yes", "partly") or facts.not_asked,
    }
    return [code for code in move.conditions if not met[terms.condition_by_code[code].kind]]


def _asks_of_own(terms: CaseTerms, state: CaseState, move: CaseMove, person: Person, facts: Facts) -> bool:
    """Whether a follow-up would be made by a person who handled the case; or, by a third party, from a unit of it."""
    if move.kind is not MoveKind.FOLLOW_UP:
        return False
    if facts.handled or state.handler == person.user:
        return True
    units = {state.owner.unit, state.first_receiver.unit, *(call.unit for call in state.calls)}
    third = terms.follow_up is not None and terms.follow_up.by == "third_party"
    return third and any(seat.id is not None and seat.unit in units for seat in person.seats)


def joint_done(terms: CaseTerms, state: CaseState) -> bool:
    """Whether the answers of called units are enough to go on. A unit that refused or was stood down has answered."""
    if not state.open_calls:
        return True
    answered = sum(call.status == "answered" for call in state.calls)
    rule = terms.joint
    return {"all": False, "any": answered >= 1, "count": answered >= rule.count, "lead": True}[rule.rule]


def clocks_of(terms: CaseTerms, state: CaseState) -> dict[str, tuple[str, int]]:
    """Return the clocks that run, by limit: the clock's code, and which time it runs (a second hand-over starts anew).

    A paused case has those of the stage before the pause, and of the pause itself. A limit of called units runs for
    each of them by itself, from its own call.
    """
    running: dict[str, tuple[str, int]] = {}
    for limit in terms.limits:
        times = _times(state, limit.during, limit.stages)
        if times is None:
            continue
        code = clock_for(limit.clocks, flow=state.flow, lane=state.lane, level=state.level, risk=state.risk)
        if code is not None:
            running[limit.code] = code, times
    return running


def _times(state: CaseState, during: str, stages: Sequence[str]) -> int | None:
    """Return which time a limit runs, None if it does not."""
    if not state.running:
        return None
    if during == "case":
        return state.reopened
    if during == "hand_over":
        return state.hand_overs if state.offer else None
    if during == "joint":
        return 0 if state.open_calls else None
    return state.reopened if {state.resume_to, state.stage} & {*stages} else None


def _stage_after(state: CaseState, deed: Deed) -> str:
    move = deed.move
    if move.kind is MoveKind.RESUME:
        return move.to or state.resume_to or state.stage
    if move.kind is MoveKind.FOLLOW_UP and deed.satisfied == "no" and move.dissatisfied_to:
        return move.dissatisfied_to
    return move.to or state.stage


def _bar(
    terms: CaseTerms, state: CaseState, move: CaseMove, person: Person, facts: Facts
) -> tuple[str | None, Sequence[Seat | None]]:
    """Return why a person may not make a move at this stage, or the seats from which they may."""
    if reason := _place_bar(terms, state, move, facts):
        return reason, ()
    held_at = holding_level(terms, state, facts.owner_level)
    seats = [*seats_of(terms, state, move, person, held_at=held_at)]
    if not seats:
        return "person", ()
    fitting = [seat for seat in seats if _fits(state, move, seat)]
    missing = "calls" if move.kind in _CALLS else "offer"
    return (None, fitting) if fitting else (missing, ())


def _place_bar(terms: CaseTerms, state: CaseState, move: CaseMove, facts: Facts) -> str | None:
    """Return why nobody may make a move where the case stands."""
    if state.joined_to is not None:
        return "merged"
    if reason := _not_here(terms, state, move):
        return reason
    if move.kind not in STEPS:
        return None
    held_at = holding_level(terms, state, facts.owner_level)
    return "level" if next_level(terms, state, move.kind, held_at=held_at) is None else None


def _not_here(terms: CaseTerms, state: CaseState, move: CaseMove) -> str | None:
    """Return why a move is none of a case's stage, lane or level."""
    if state.stage not in terms.leaves_of(move, state.flow):
        return "stage"
    if move.lanes and state.lane not in move.lanes:
        return "lane"
    return "level" if move.levels and state.level not in move.levels else None


_CALLS = frozenset({MoveKind.ANSWER, MoveKind.REFUSE, MoveKind.STAND_DOWN})


def _fits(state: CaseState, move: CaseMove, seat: Seat | None) -> bool:
    """Whether there is for a seat what this kind of move acts on."""
    unit = seat.unit if seat else None
    match move.kind:
        case MoveKind.ACCEPT:
            return unit == state.offer.unit if state.offer else unit == state.owner.unit and not state.accepted
        case MoveKind.RETURN:
            returned = state.accepted and unit == state.owner.unit != state.first_receiver.unit
            return unit == state.offer.unit if state.offer else returned
        case MoveKind.ANSWER | MoveKind.REFUSE:
            return unit in state.open_calls
        case MoveKind.STAND_DOWN:
            return bool(state.open_calls)
        case _:
            return True
