"""Open, edit and close units by hand, and add people, inside the caller's transaction; each change is logged with its
reason.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shapely import Point
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.change_log.actions import log_change
from console.change_log.rules import Change, Changed, differences
from console.register.actions import Moment, OpenCases, put_units
from console.register.queries import get_unit, is_open
from console.register.rules import StaffRecord, StaffTaken, UnitClosed, UnitInUse, UnitRecord, UnitTaken
from console.register.tables import Post, StaffMember, Unit
from geo.store import lies_within

EDITED = ("name", "name_en", "hours", "telephone", "services", "specialities", "attendance", "running")
"""What of a unit can be edited."""


async def open_unit(
    session: AsyncSession, actor: Actor, unit: UnitRecord, *, point: Point | None, reason: str, at: Moment
) -> Unit:
    """Add a unit from today on. Raises `Forbidden`, `UnitTaken`."""
    actor.require(Permission.EDIT_POSTS)
    if not lies_within(unit.division_path, actor.scope):
        raise Forbidden(permission=Permission.EDIT_POSTS)
    if await session.scalar(select(Unit.id).where(Unit.code == unit.code)) is not None:
        raise UnitTaken(unit=unit.code)
    try:
        async with session.begin_nested():
            await put_units(session, [unit], points={unit.code: point} if point else {}, day=at.today)
    except IntegrityError as error:  # A second centre of one division.
        raise UnitTaken(unit=unit.code) from error
    added = {"kind": [None, unit.kind], "name": [None, unit.name]}
    change = Change(Changed.UNIT_OPENED, unit.code, unit.division_path, reason, added)
    await log_change(session, actor, change, now=at.now)
    return await get_unit(session, unit.code)


async def edit_unit(
    session: AsyncSession, actor: Actor, code: str, said: Mapping[str, Any], *, reason: str, now: datetime
) -> Unit:
    """Change some of the fields `EDITED` of a unit in the actor's own division. Raises `Forbidden`, `NotFound`,
    `UnitClosed`.
    """
    unit = await _own_unit(session, actor, code)
    changed = differences({name: getattr(unit, name) for name in EDITED}, said)
    if changed:
        for name in changed:
            setattr(unit, name, said[name])
        change = Change(Changed.UNIT_EDITED, code, unit.division_path, reason, changed)
        await log_change(session, actor, change, now=now)
    return unit


async def close_unit(
    session: AsyncSession, actor: Actor, code: str, *, cases: OpenCases, reason: str, at: Moment
) -> Unit:
    """Close a unit from today on. What it handled still names it. Raises `Forbidden`, `NotFound`, `UnitClosed`;
    `UnitInUse` while somebody holds a post in it, or will, it has running cases, or another unit is below it. A case of
    it that is opened again goes to the centre of its level.
    """
    unit = await _own_unit(session, actor, code, lock=True)
    below = select(func.count()).where(Unit.parent == code, is_open(at.today))
    posts = select(func.count()).where(Post.unit_id == unit.id, or_(Post.until.is_(None), Post.until > at.today))
    uses = {
        "posts": await session.scalar(posts) or 0,
        "cases": await cases.with_unit(session, code),
        "below": await session.scalar(below) or 0,
    }
    if any(uses.values()):
        raise UnitInUse(unit=code, **uses)
    unit.closed_on = max(at.today, unit.opened_on)
    ended = {"name": [unit.name, None]}
    change = Change(Changed.UNIT_CLOSED, code, unit.division_path, reason, ended)
    await log_change(session, actor, change, now=at.now)
    return unit


async def add_person(
    session: AsyncSession, actor: Actor, person: StaffRecord, *, reason: str, now: datetime
) -> StaffMember:
    """Add a person to the staff of a division in the actor's own. Raises `Forbidden`, `StaffTaken`."""
    actor.require(Permission.EDIT_POSTS)
    if not lies_within(person.division_path, actor.scope):
        raise Forbidden(permission=Permission.EDIT_POSTS)
    row = StaffMember(code=person.code, name=person.name, division_path=person.division_path)
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise StaffTaken(person=person.code) from error
    change = Change(Changed.STAFF_ADDED, person.code, person.division_path, reason, {"name": [None, person.name]})
    await log_change(session, actor, change, now=now)
    return row


async def _own_unit(session: AsyncSession, actor: Actor, code: str, *, lock: bool = False) -> Unit:
    """Return an open unit of the actor's own division. Raises `Forbidden`, `NotFound`, `UnitClosed`."""
    actor.require(Permission.EDIT_POSTS)
    unit = await get_unit(session, code)
    if not lies_within(unit.division_path, actor.scope):
        raise Forbidden(permission=Permission.EDIT_POSTS)
    if lock:
        await session.refresh(unit, with_for_update=True)
    if unit.closed_on is not None:
        raise UnitClosed(unit=code)
    return unit
