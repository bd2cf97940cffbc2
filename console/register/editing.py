"""Open and edit units by hand, inside the caller's transaction; each change is logged with its reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shapely import Point
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.change_log.actions import log_change
from console.change_log.rules import Change, Changed, differences
from console.register.actions import Moment, put_units
from console.register.queries import get_unit
from console.register.rules import UnitClosed, UnitRecord, UnitTaken
from console.register.tables import Unit
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
    actor.require(Permission.EDIT_POSTS)
    unit = await get_unit(session, code)
    if not lies_within(unit.division_path, actor.scope):
        raise Forbidden(permission=Permission.EDIT_POSTS)
    if unit.closed_on is not None:
        raise UnitClosed(unit=code)
    changed = differences({name: getattr(unit, name) for name in EDITED}, said)
    if changed:
        for name in changed:
            setattr(unit, name, said[name])
        change = Change(Changed.UNIT_EDITED, code, unit.division_path, reason, changed)
        await log_change(session, actor, change, now=now)
    return unit
