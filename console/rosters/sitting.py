"""Who serves in a unit on a day, by the rosters."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.rosters.queries import during, is_of, names_of_whos, span_in, who_of
from console.rosters.rules import Span, Who, WhoKind
from console.rosters.tables import Leave, Shift


@dataclass(frozen=True, slots=True)
class Sitting:
    """One shift in a unit. `away`: leave takes some of it."""

    who: Who
    name: str
    attendance: str
    starts_at: datetime
    ends_at: datetime
    away: bool


async def sitting_in(session: AsyncSession, unit: str, *, whos: Collection[Who], span: Span) -> list[Sitting]:
    """List the shifts of a span at a unit (its code), and those of `whos` without a unit, by their begin."""
    theirs = or_(Shift.unit == unit, *((Shift.unit.is_(None) & is_of(Shift, who)) for who in whos))
    wanted = select(Shift).where(theirs, during(Shift, span), Shift.cancelled_at.is_(None))
    shifts = (await session.scalars(wanted.order_by(Shift.starts_at, Shift.id))).all()
    if not shifts:
        return []
    serving = {who_of(shift) for shift in shifts}
    names = await names_of_whos(session, serving)
    gone = await session.scalars(
        select(Leave).where(
            during(Leave, span), Leave.cancelled_at.is_(None), or_(*(is_of(Leave, who) for who in serving))
        )
    )
    leaves = [(who_of(leave), span_in(leave)) for leave in gone]
    return [
        Sitting(
            who=who,
            name=names[who],
            attendance=shift.attendance,
            starts_at=shift.starts_at,
            ends_at=shift.ends_at,
            away=any(
                other == who and leave.starts_at < shift.ends_at and leave.ends_at > shift.starts_at
                for other, leave in leaves
            ),
        )
        for shift in shifts
        if (who := who_of(shift)) in names
    ]


def is_person(sitting: Sitting) -> bool:
    """Whether it names a person of the register."""
    return sitting.who.kind is WhoKind.PERSON
