"""Mark items of checklists, inside the caller's transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.checklists.rules import DayToCome, ItemUnknown, NewMark, checklists_for
from console.checklists.tables import ChecklistMark
from console.register.queries import get_unit
from console.register.terms import Checklist
from geo.errors import NotFound
from geo.store import lies_within


async def add_mark(
    session: AsyncSession, actor: Actor, checklists: Sequence[Checklist], new: NewMark, *, now: datetime, today: date
) -> ChecklistMark:
    """Add a mark to a centre in the caller's own division or below it.

    Raises `Forbidden`, `NotFound`, `ItemUnknown`, `DayToCome`.
    """
    actor.require(Permission.MOVE_CASES)
    unit = await get_unit(session, new.unit)
    if not unit.is_centre or not lies_within(unit.division_path, actor.scope):
        raise NotFound
    fitting = {one.code: one for one in checklists_for(unit.level, checklists)}
    listed = fitting.get(new.checklist)
    if listed is None or new.item not in {item.code for item in listed.items}:
        raise ItemUnknown(checklist=new.checklist, item=new.item, unit=new.unit)
    if new.day > today:
        raise DayToCome(day=new.day.isoformat(), today=today.isoformat())
    mark = ChecklistMark(
        checklist=new.checklist,
        item=new.item,
        unit=new.unit,
        day=new.day,
        met=new.met,
        note=new.note,
        marked_at=now,
        marked_by=actor.user_id,
        division_path=unit.division_path,
    )
    session.add(mark)
    await session.flush()
    return mark
