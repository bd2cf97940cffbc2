"""Give notice to whoever has to act next by what a change has made of a case; urge 催办 and circulate 通报."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import Casework
from console.cases.tables import Case
from console.flow.case_rules import clocks_of
from console.flow.case_state import CaseState, Holder
from console.flow.case_terms import CaseTerms, MoveKind
from console.flow.forms import FormInvalid
from console.incidents.tables import Incident
from console.notices.actions import give_notice, urge, urging
from console.notices.queries import unanswered_urge
from console.notices.rules import CIRCULAR, Address, Delivery, NewNotice

OFFERED, RETURNED, CALLED = "case.offered", "case.returned", "case.called"
ANSWERED, FIELD_FINISHED = "case.answered", "case.field_finished"
"""Kinds of notices of cases, beside those of clocks, urgings and circulars."""


class Held(Protocol):
    """A locked incident with its case, and the flow it runs under."""

    @property
    def incident(self) -> Incident: ...

    @property
    def case(self) -> Case: ...

    @property
    def terms(self) -> CaseTerms: ...


@dataclass(frozen=True, slots=True)
class Said:
    """What made a change: the move's kind, if it was one, its form and words, who made it, from where, and when."""

    kind: str | None
    form: Mapping[str, Any]
    note: str
    actor_id: int | None
    sender: Address
    at: datetime


def news_of(before: CaseState, after: CaseState, *, kind: str | None) -> Iterator[tuple[str, Address]]:
    """Yield the kind of notice and the address of whoever has to act because of a change. Pure."""
    if not after.running:
        return
    owner = address_of(after.owner)
    if after.offer and after.offer != before.offer:
        yield OFFERED, Address(after.offer.unit, after.offer.post)
    elif kind == MoveKind.RETURN:
        yield RETURNED, owner
    elif after.owner != before.owner and not after.accepted:
        yield OFFERED, owner
    yield from ((CALLED, Address(unit)) for unit in after.open_calls if unit not in before.open_calls)
    if kind in (MoveKind.ANSWER, MoveKind.REFUSE) and before.open_calls and not after.open_calls:
        yield ANSWERED, owner
    if after.field_finished != before.field_finished:
        yield FIELD_FINISHED, owner


def address_of(holder: Holder) -> Address:
    """Return where a notice goes to a unit, or to the post in it that has the case."""
    return Address(holder.unit, holder.post)


def urged_by(state: CaseState, to: str | None, units: Sequence[str] = ()) -> list[Address]:
    """Return whom an urging is for: as its form says, or else whoever the case waits for. `units` are some of those
    called. Raises `FormInvalid`.
    """
    if units:
        if to not in (None, "called"):
            raise FormInvalid.of(("units", "contradicts"))
        if not {*units} <= {*state.open_calls}:
            raise FormInvalid.of(("units", "unknown"))
        return [Address(unit) for unit in dict.fromkeys(units)]
    receiver = [Address(state.offer.unit, state.offer.post)] if state.offer else []
    found = {
        "holder": [address_of(state.owner)],
        "unit": [Address(state.owner.unit)],
        "receiver": receiver,
        "called": [Address(unit) for unit in state.open_calls],
        None: receiver or [address_of(state.owner)],
    }[to]
    if not found:
        raise FormInvalid.of(("to", "unknown"))
    return found


async def tell(
    session: AsyncSession, work: Casework, held: Held, before: CaseState, after: CaseState, said: Said
) -> None:
    """Give the notices of a change that is written: of a hand-over, a call, a finish, an urging or a circular.

    Raises `FormInvalid` for an urging of nobody, `UrgeUnanswered`.
    """
    delivery = work.delivery
    if delivery is None:
        return
    if said.kind == MoveKind.URGE:
        await _urge(session, delivery, held, after, said)
        return
    if said.kind == MoveKind.CIRCULATE:
        found = [(CIRCULAR, Address(unit)) for unit in await circulated_to(session, work, held, now=said.at)]
    else:
        found = [*news_of(before, after, kind=said.kind)]
    codes = [code for code, _ in clocks_of(held.terms, after).values()]
    urgent = bool(found) and work.clocks.are_urgent(codes)
    notices = [_notice(held, said, kind=kind, to=to, urgent=urgent) for kind, to in found]
    await give_notice(session, delivery, notices, now=said.at)


async def circulated_to(session: AsyncSession, work: Casework, held: Held, *, now: datetime) -> list[str]:
    """Return the units that a circular about a case goes to: the one that has it, and the centre above."""
    case = held.case
    unit = await work.register.unit(session, case.unit, now=now)
    above = await centre_above(session, work, case.division_path, level=unit.level if unit else case.level, now=now)
    return [*dict.fromkeys((case.unit, above or case.unit))]


async def centre_above(session: AsyncSession, work: Casework, path: str, *, level: str, now: datetime) -> str | None:
    """Return the centre one level above a level, for a division; that of the highest level has none."""
    levels = work.terms.level_codes
    place = levels.index(level) if level in levels else len(levels)
    if place + 1 >= len(levels):
        return None
    return (await work.register.centre(session, path, levels[place + 1], now=now)).code


async def _urge(session: AsyncSession, delivery: Delivery, held: Held, state: CaseState, said: Said) -> None:
    """Give the notices of an urging. Of several, those who are urged already and have time to answer are left out.

    Raises `UrgeUnanswered` where nobody else is left, or such a unit is named; one by the server is then of nobody.
    """
    hours, named = said.form.get("answer_hours"), said.form.get("units", ())
    for to in await _to_urge(session, held, state, said, named=named):
        new = urging(
            held.incident,
            to,
            delivery,
            by=said.actor_id,
            sender=said.sender,
            note=said.note,
            now=said.at,
            hours=None if hours is None else max(1, int(hours)),
        )
        await urge(session, delivery, new, now=said.at)


async def _to_urge(
    session: AsyncSession, held: Held, state: CaseState, said: Said, *, named: Sequence[str]
) -> list[Address]:
    by_server = said.actor_id is None
    found = urged_by(state, None if by_server else said.form.get("to"), named)
    if named:
        return found
    waiting = [await unanswered_urge(session, held.incident.id, unit=to.unit, now=said.at) for to in found]
    free = [to for to, urged in zip(found, waiting, strict=True) if urged is None]
    return free if free or by_server else found


def _notice(held: Held, said: Said, *, kind: str, to: Address, urgent: bool) -> NewNotice:
    case, incident = held.case, held.incident
    return NewNotice(
        key=f"{kind}:{incident.id}:{case.version}:{to.key}",
        kind=kind,
        division_path=incident.division_path,
        to=to,
        incident_id=incident.id,
        case_code=incident.case_code,
        sender=said.sender,
        made_by=said.actor_id,
        body={"stage": case.stage, "unit": case.unit},
        note=said.note if kind == CIRCULAR else "",
        urgent=urgent,
    )
