"""Change the register, inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from shapely import Point
from sqlalchemy import ARRAY, Text, any_, cast, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.change_log.actions import log_change
from console.change_log.rules import Change, Changed
from console.register.queries import get_post, get_unit, held_on
from console.register.rules import (
    NewPost,
    PostHeld,
    PostRecord,
    Register,
    StaffPostEnded,
    StaffRecord,
    SuccessorUnknown,
    UnitClosed,
    UnitRecord,
)
from console.register.tables import Post, StaffMember, Unit
from geo.errors import NotFound
from geo.store import BulkInsert, geometry_text, lies_within, update_on

PUT_UNITS = BulkInsert(Unit, then=update_on(Unit, "code", kept=("opened_on", "closed_on")))
PUT_STAFF = BulkInsert(StaffMember, then=update_on(StaffMember, "code"))
ADD_POSTS = BulkInsert(Post)


class OpenCases(Protocol):
    """What happens to the open cases of a post that ends: they go to the successor's post, or to the unit's queue.

    It runs in the transaction that ends the post, so that no case is left with an owner who is gone.
    """

    async def leave_post(
        self, session: AsyncSession, post: Post, *, successor: Post | None, by: int | None, now: datetime
    ) -> int:
        """Hand over the open cases, and the duty of a first receiver; return their number."""

    async def with_unit(self, session: AsyncSession, unit: str) -> int:
        """Count the running cases that a unit (code) has, is offered, received first, or is called to."""


class NoOpenCases:
    """For a program that keeps no cases."""

    async def leave_post(
        self, session: AsyncSession, post: Post, *, successor: Post | None, by: int | None, now: datetime
    ) -> int:
        return 0

    async def with_unit(self, session: AsyncSession, unit: str) -> int:
        return 0


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a change, and the county's day then."""

    now: datetime
    today: date


async def put_units(
    session: AsyncSession, units: Sequence[UnitRecord], *, points: Mapping[str, Point], day: date
) -> None:
    """Add units, or bring those of the same codes up to date. `points` has the place of those that are on the map."""
    if units:
        await PUT_UNITS.run(session, [_unit_row(unit, points.get(unit.code), day=day) for unit in units])


async def put_register(
    session: AsyncSession, register: Register, *, points: Mapping[str, Point], day: date, now: datetime
) -> None:
    """Add a whole register. Units and people of known codes are brought up to date, posts that are held left alone."""
    await put_units(session, register.units, points=points, day=day)
    if register.staff:
        await PUT_STAFF.run(session, map(_staff_row, register.staff))
    units = await _ids(session, Unit, [unit.code for unit in register.units])
    people = await _ids(session, StaffMember, [person.code for person in register.staff])
    held = select(Post.person_id, Post.unit_id, Post.title).where(held_on(day))
    known = {tuple(row) for row in await session.execute(held)}
    rows = [_post_row(post, people[post.person], units[post.unit], day=day, now=now) for post in register.posts]
    new = [row for row in rows if (row["person_id"], row["unit_id"], row["title"]) not in known]
    if new:
        await ADD_POSTS.run(session, new)


async def give_post(session: AsyncSession, actor: Actor, new: NewPost, *, at: Moment, reason: str = "") -> Post:
    """Give a person a post, and log it. Raises `Forbidden`, `NotFound`, `UnitClosed`, `StaffPostEnded`, `PostHeld`."""
    actor.require(Permission.EDIT_POSTS)
    unit = await get_unit(session, new.unit)
    if not lies_within(unit.division_path, actor.scope):
        raise Forbidden(permission=Permission.EDIT_POSTS)
    await session.refresh(unit, with_for_update={"read": True})  # It may be closed at this moment.
    if unit.closed_on is not None:
        raise UnitClosed(unit=new.unit)
    if new.until is not None and new.until <= new.first_day:
        raise StaffPostEnded
    person = await session.get(StaffMember, new.person_id)
    if person is None:
        raise NotFound
    post = Post(
        person_id=new.person_id,
        unit_id=unit.id,
        division_path=unit.division_path,
        duty=new.duty,
        title=new.title,
        role=new.role,
        attendance=new.attendance,
        managed_by=list(new.managed_by),
        specialities=list(new.specialities),
        first_day=new.first_day,
        until=new.until,
        created_by=actor.user_id,
        created_at=at.now,
    )
    try:
        async with session.begin_nested():
            session.add(post)
    except IntegrityError as error:
        raise PostHeld(unit=new.unit) from error
    given = {"person": [None, person.name], "title": [None, new.title]}
    change = Change(Changed.POST_GIVEN, unit.code, unit.division_path, reason, given)
    await log_change(session, actor, change, now=at.now)
    return post


async def end_post(
    session: AsyncSession,
    actor: Actor,
    post_id: int,
    *,
    successor: int | None,
    cases: OpenCases,
    at: Moment,
    reason: str = "",
) -> tuple[Post, int]:
    """End a post today, and hand its open cases to the successor's post, or to the unit's queue without one.

    Return the post and the number of cases handed over. Raises `Forbidden`, `NotFound`, `StaffPostEnded`,
    `SuccessorUnknown`.
    """
    actor.require(Permission.EDIT_POSTS)
    post = await get_post(session, post_id, lock=True)
    if post.until is not None and post.until <= at.today:
        raise StaffPostEnded
    heir = None if successor is None else await _successor(session, successor, of=post, day=at.today)
    post.until = max(at.today, post.first_day)
    await session.flush()
    moved = await cases.leave_post(session, post, successor=heir, by=actor.user_id, now=at.now)
    await _log_end(session, actor, post, reason=reason, now=at.now)
    return post, moved


async def _log_end(session: AsyncSession, actor: Actor, post: Post, *, reason: str, now: datetime) -> None:
    unit = await session.scalar(select(Unit.code).where(Unit.id == post.unit_id))
    person = await session.scalar(select(StaffMember.name).where(StaffMember.id == post.person_id))
    ended = {"person": [person, None], "title": [post.title, None]}
    change = Change(Changed.POST_ENDED, str(unit), post.division_path, reason, ended)
    await log_change(session, actor, change, now=now)


async def _successor(session: AsyncSession, post_id: int, *, of: Post, day: date) -> Post:
    found: Post | None = await session.scalar(select(Post).where(Post.id == post_id, held_on(day)).with_for_update())
    if found is None or found.id == of.id or found.unit_id != of.unit_id:
        raise SuccessorUnknown(post=post_id)
    return found


async def _ids(session: AsyncSession, table: type[Unit] | type[StaffMember], codes: Sequence[str]) -> dict[str, int]:
    listed = cast(list(codes), ARRAY(Text))  # One array: a city's staff is more than a statement takes one by one.
    rows = await session.execute(select(table.code, table.id).where(table.code == any_(listed)))
    return dict(rows.all())


def _unit_row(unit: UnitRecord, point: Point | None, *, day: date) -> dict[str, Any]:
    return {
        "code": unit.code,
        "kind": unit.kind,
        "is_centre": unit.is_centre,
        "name": unit.name,
        "name_en": unit.name_en,
        "parent": unit.parent,
        "level": unit.level,
        "division_path": unit.division_path,
        "geom": None if point is None else geometry_text(point),
        "hours": unit.hours,
        "telephone": unit.telephone,
        "services": list(unit.services),
        "specialities": list(unit.specialities),
        "attendance": unit.attendance,
        "running": unit.running,
        "assumed": unit.assumed,
        "properties": {"rule": unit.rule},
        "opened_on": day,
        "closed_on": None,
    }


def _staff_row(person: StaffRecord) -> dict[str, Any]:
    return {"code": person.code, "name": person.name, "division_path": person.division_path}


def _post_row(post: PostRecord, person: int, unit: int, *, day: date, now: datetime) -> dict[str, Any]:
    return {
        "person_id": person,
        "unit_id": unit,
        "division_path": post.division_path,
        "duty": post.duty,
        "title": post.title,
        "role": post.role,
        "attendance": post.attendance,
        "managed_by": list(post.managed_by),
        "specialities": list(post.specialities),
        "first_day": day,
        "until": None,
        "created_by": None,
        "created_at": now,
    }
