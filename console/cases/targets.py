"""Find the unit that a move hands a case to, and check the units, posts and days that a form names."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import Casework, KnownUnit
from console.flow.case_state import CaseState
from console.flow.case_terms import CaseTerms, MoveKind
from console.flow.effects import Deed, Target
from console.flow.levels import STEPS, holding_level, next_level
from console.incidents.tables import Incident
from geo.store import lies_within

HANDS_OVER = frozenset({MoveKind.TRANSFER, MoveKind.ESCALATE, MoveKind.SEND_DOWN, MoveKind.TRIAGE})


UNTIL = "until"
"""The field of a pause that names the day on which the case is expected to go on."""


async def named_errors(
    session: AsyncSession, work: Casework, incident: Incident, terms: CaseTerms, state: CaseState, deed: Deed
) -> list[tuple[str, str]]:
    """List the fields of a form that name a unit or post which cannot have the case, or an end of a pause that is in
    the past or too far off.

    A unit's division must hold the incident: the people of another one could not open the case.
    """
    errors = [(UNTIL, fault)] if (fault := _fault_of_end(deed, work, terms)) else []
    for field, code in _units_of(deed):
        unit = await work.register.unit(session, code, now=deed.at)
        if unit is None:
            errors.append((field, "unknown"))
        elif field in ("unit", "units") and (fault := _fault(unit, incident, state, deed)):
            errors.append((field, fault))
        elif (wanted := _kinds_of(deed, field)) and unit.kind not in wanted:
            errors.append((field, "unknown"))
    post, unit_code = deed.form.get("post"), deed.form.get("unit")
    if post is not None and not (unit_code and await work.register.post_in(session, post, unit_code, now=deed.at)):
        errors.append(("post", "unknown"))
    return errors


async def target_of(
    session: AsyncSession,
    work: Casework,
    incident: Incident,
    terms: CaseTerms,
    state: CaseState,
    deed: Deed,
    *,
    owner_level: str | None,
) -> Target | None:
    """Return whom a move hands the case to; None for one that does not. `owner_level` is that of the owner's unit."""
    kind = deed.move.kind
    if kind not in HANDS_OVER:
        return None
    level = state.level
    if kind in STEPS:
        held_at = holding_level(terms, state, owner_level)
        level = next_level(terms, state, kind, held_at=held_at) or level
    code = deed.form.get("unit")
    if code is not None:
        return Target(code, level, deed.form.get("post"))
    if kind not in STEPS:
        return None
    centre = await work.register.centre(session, incident.division_path, level, now=deed.at)
    return Target(centre.code, level)


def _units_of(deed: Deed) -> Iterator[tuple[str, str]]:
    """Yield the units that a form names, each with its field."""
    kinds = {one.code: one.type for one in deed.move.form}
    for field, value in deed.form.items():
        values: list[Any] = value if isinstance(value, list) else [value]
        if kinds.get(field) in ("unit", "units"):
            yield from ((field, code) for code in values)


def last_day_of_pause(terms: CaseTerms, work: Casework, *, at: datetime) -> date:
    """Return the day by which a pause that begins now is to end."""
    return at.astimezone(work.zone).date() + timedelta(days=terms.pause.longest_days)


def _fault_of_end(deed: Deed, work: Casework, terms: CaseTerms) -> str | None:
    """Say whether a pause is to end before the day on which it begins, or lasts longer than the place lets one."""
    said: str | None = deed.form.get(UNTIL) if deed.move.kind is MoveKind.PAUSE else None
    if said is None:
        return None
    until = date.fromisoformat(said)
    if until < deed.at.astimezone(work.zone).date():
        return "past"
    return "late" if until > last_day_of_pause(terms, work, at=deed.at) else None


def _fault(unit: KnownUnit, incident: Incident, state: CaseState, deed: Deed) -> str | None:
    if deed.move.kind is MoveKind.STAND_DOWN:
        return None if unit.code in state.open_calls else "unknown"
    if not lies_within(incident.division_path, unit.path):
        return "beyond"
    holder = state.offer.unit if state.offer else state.owner.unit
    if deed.move.kind in HANDS_OVER and unit.code == holder and "post" not in deed.form:
        return "same"
    if deed.move.kind is MoveKind.JOIN and unit.code in (state.owner.unit, *state.open_calls):
        return "same"  # Called once more, it would have its time to answer anew.
    return None


def _kinds_of(deed: Deed, field: str) -> tuple[str, ...]:
    """Return the kinds of units that a field may name; none for all. A stand-down ends any call."""
    if deed.move.kind is MoveKind.STAND_DOWN:
        return ()
    return next(one.unit_kinds for one in deed.move.form if one.code == field)
