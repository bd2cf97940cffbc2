"""Circulate 通报 cases to the units that have them and the centres above, inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cases.actions import Opened, facts_of, lock_opened, move_locked
from console.cases.casework import Casework
from console.cases.telling import centre_above
from console.flow.case_rules import MoveRefused, permitted
from console.flow.case_terms import CaseMove, MoveKind
from console.flow.seats import Person
from console.notices.actions import give_notice
from console.notices.rules import CIRCULAR, Address, NewNotice
from geo.store import common_path


@dataclass(frozen=True, slots=True)
class Circulated:
    """A circular: the unit whose cases it names, whom it went to, and the cases."""

    unit: str
    to: Sequence[str]
    incidents: Sequence[int]


async def circulate(
    session: AsyncSession, work: Casework, actor: Actor, incident_ids: Iterable[int], *, note: str, now: datetime
) -> list[Circulated]:
    """Make the pack's circular move of each case, and give one notice for each unit. All of it or nothing.

    Raises `Forbidden`, `NotFound`, or `MoveRefused` for a case that this person may not circulate.
    """
    actor.require(Permission.MOVE_CASES)
    person = Person(actor.user_id, actor.role, await work.register.seats_of(session, actor, now=now))
    by_unit: dict[str, list[Opened]] = defaultdict(list)
    for incident_id in sorted({*incident_ids}):
        opened = await lock_opened(session, work, incident_id, actor=actor, now=now)
        move = await _move(session, work, opened, person, now=now)
        await move_locked(session, work, actor, opened, move=move.code, form=_form(move, note), now=now, silent=True)
        by_unit[opened.case.unit].append(opened)
    sender = Address(person.seats[0].unit, person.seats[0].id) if person.seats else Address()
    return [
        await _give(session, work, actor, unit, held, sender=sender, note=note, now=now)
        for unit, held in sorted(by_unit.items())
    ]


async def _move(session: AsyncSession, work: Casework, opened: Opened, person: Person, *, now: datetime) -> CaseMove:
    """Return the circular move that a person may make. Raises `MoveRefused`."""
    facts = await facts_of(session, work, opened.incident, opened.state, user=person.user, now=now)
    known = [one for one in opened.terms.moves if one.kind is MoveKind.CIRCULATE]
    for move, refused in permitted(opened.terms, opened.state, person, facts):
        if move in known and refused is not None:
            raise refused
        if move in known:
            return move
    if opened.state.joined_to is not None:
        raise MoveRefused(
            move=MoveKind.CIRCULATE.value, stage=opened.state.stage, reason="merged", incident=opened.incident.id
        )
    here = [one for one in known if opened.state.stage in opened.terms.leaves_of(one, opened.state.flow)]
    reason = "person" if here else "stage" if known else "unknown"
    code = known[0].code if known else MoveKind.CIRCULATE.value
    raise MoveRefused(move=code, stage=opened.state.stage, reason=reason, incident=opened.incident.id)


def _form(move: CaseMove, note: str) -> Mapping[str, Any]:
    return {"note": note} if any(one.code == "note" for one in move.form) else {}


async def _give(
    session: AsyncSession,
    work: Casework,
    actor: Actor,
    unit: str,
    held: Sequence[Opened],
    *,
    sender: Address,
    note: str,
    now: datetime,
) -> Circulated:
    """Give the notice of one unit's cases, under the smallest division that holds them all."""
    path = common_path([opened.incident.division_path for opened in held])
    known = await work.register.unit(session, unit, now=now)
    level = known.level if known else held[0].case.level
    above = await centre_above(session, work, path, level=level, now=now)
    to = [*dict.fromkeys((unit, above or unit))]
    incidents = [opened.incident for opened in held]
    body = {"unit": unit, "incidents": [one.id for one in incidents], "cases": [one.case_code for one in incidents]}
    notices = [
        NewNotice(
            key=f"{CIRCULAR}:{actor.user_id}:{now.isoformat()}:{unit}:{address}",
            kind=CIRCULAR,
            division_path=path,
            to=Address(address),
            sender=sender,
            made_by=actor.user_id,
            body=body,
            note=note,
        )
        for address in to
    ]
    if work.delivery is not None:
        await give_notice(session, work.delivery, notices, now=now)
    return Circulated(unit, to, [one.id for one in incidents])
