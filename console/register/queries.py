"""Read the register, within the caller's reach: its own division, and the units above it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Text, bindparam, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.tables import User
from console.cursors import id_of, page_of
from console.register.rules import HeldPost, Shortfall, shortfalls
from console.register.tables import Post, StaffMember, Unit
from console.register.terms import Minimum
from geo.errors import NotFound


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """Which units are asked for; a condition left out is none. `within` is a path: that division and all below.

    `handles` is a category or class among a unit's specialities, `words` a part of a name or code. `below` false: only
    what stands at `within` itself.
    """

    kinds: Collection[str] = ()
    level: str | None = None
    parent: str | None = None
    within: str | None = None
    attendance: str | None = None
    handles: str | None = None
    words: str | None = None
    below: bool = True


def is_open(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Clause: the unit is open on a day."""
    return (Unit.opened_on <= day) & or_(Unit.closed_on.is_(None), Unit.closed_on > day)


def held_on(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Clause: the post is held on a day."""
    return (Post.first_day <= day) & or_(Post.until.is_(None), Post.until > day)


async def centre_of(session: AsyncSession, division_path: str, level: str | None = None) -> Unit | None:
    """Return the open centre for a division at a level, or the nearest one from it upwards; None without one.

    `level` is a level of the pack: `town` for a village's path gives the centre of its town.
    """
    above = Unit.division_path.op("@>")(division_path)
    wanted = select(Unit).where(Unit.is_centre, Unit.closed_on.is_(None), above)
    if level is not None:
        wanted = wanted.where(Unit.level == level)
    found: Unit | None = await session.scalar(wanted.order_by(func.nlevel(Unit.division_path).desc()).limit(1))
    return found


async def units_of(session: AsyncSession, wanted: UnitFilter, *, day: date) -> Sequence[Unit]:
    """List open units, larger divisions first, then by code."""
    query = _filtered(wanted, day=day).order_by(func.nlevel(Unit.division_path), Unit.code)
    return (await session.scalars(query)).all()


async def page_of_units(
    session: AsyncSession, wanted: UnitFilter, *, day: date, limit: int, cursor: str | None
) -> tuple[Sequence[Unit], str | None]:
    """Return a page of open units in order of id, and the cursor of the next. Raises `BadCursor`."""
    query = _filtered(wanted, day=day).order_by(Unit.id).limit(limit + 1)
    if cursor is not None:
        query = query.where(Unit.id > id_of(cursor))
    return page_of((await session.scalars(query)).all(), limit=limit)


async def units_named(session: AsyncSession, codes: Collection[str]) -> Sequence[Unit]:
    """Return the units of these codes in order of id, closed ones too."""
    return (await session.scalars(select(Unit).where(Unit.code.in_(codes)).order_by(Unit.id))).all()


async def manned_by(session: AsyncSession, units: Collection[int], *, roles: Collection[str], day: date) -> set[int]:
    """Return those of these units in which a post of one of these roles is held on a day."""
    held = select(Post.unit_id).where(Post.unit_id.in_(units), Post.role.in_(roles), held_on(day))
    return {*(await session.scalars(held.distinct()))}


async def shortfalls_of(session: AsyncSession, minimums: Sequence[Minimum], *, day: date) -> list[Shortfall]:
    """List the units within reach that have fewer posts of a title than the pack's minimums."""
    return [short for minimum in minimums for short in await _short_of(session, minimum, day=day)]


async def _short_of(session: AsyncSession, minimum: Minimum, *, day: date) -> list[Shortfall]:
    wanted = UnitFilter(kinds=[minimum.kind], level=minimum.at)
    units = await units_of(session, wanted, day=day)
    held = await posts_in(session, [unit.id for unit in units], day=day)
    titled = [post.unit for post in held if post.title == minimum.title]
    return shortfalls(minimum.code, units=[unit.code for unit in units], held=titled, least=minimum.least)


async def held_post(session: AsyncSession, post_id: int) -> HeldPost:
    """Return a post with its unit's code and the person's name, on its first day. Raises `NotFound`."""
    found = await _held(session, Post.id == post_id, day=(await get_post(session, post_id)).first_day)
    return found[0]


def _filtered(wanted: UnitFilter, *, day: date) -> Select[Unit]:
    query = select(Unit).where(is_open(day))
    conditions = {
        Unit.level: wanted.level,
        Unit.parent: wanted.parent,
        Unit.attendance: wanted.attendance,
    }
    query = query.where(*(column == value for column, value in conditions.items() if value is not None))
    if wanted.kinds:
        query = query.where(Unit.kind.in_(wanted.kinds))
    if wanted.within is not None:
        query = query.where(Unit.division_path.op("<@" if wanted.below else "=")(wanted.within))
    if wanted.words is not None:
        part = wanted.words.strip()
        named = (name.icontains(part, autoescape=True) for name in (Unit.name, Unit.name_en, Unit.code))
        query = query.where(or_(*named))
    if wanted.handles is not None:
        query = query.where(
            Unit.specialities.op("&&")(cast([wanted.handles, wanted.handles.partition(".")[0]], ARRAY(Text)))
        )
    return query


async def get_unit(session: AsyncSession, code: str) -> Unit:
    """Return a unit, closed ones too. Raises `NotFound`."""
    found: Unit | None = await session.scalar(select(Unit).where(Unit.code == code))
    if found is None:
        raise NotFound
    return found


async def person_of(session: AsyncSession, code: str) -> StaffMember | None:
    """Return the person of a code, None if nobody within reach has it."""
    found: StaffMember | None = await session.scalar(select(StaffMember).where(StaffMember.code == code))
    return found


async def post_beyond(session: AsyncSession, person_id: int, scope: str, *, day: date) -> str | None:
    """Return the code of a unit outside a division in which a person holds a post, or will; None if there is none."""
    lasts = or_(Post.until.is_(None), Post.until > day)
    wanted = select(Unit.code).join(Post, Post.unit_id == Unit.id).where(Post.person_id == person_id, lasts)
    found: str | None = await session.scalar(wanted.where(~Post.division_path.op("<@")(scope)).limit(1))
    return found


async def people_of(session: AsyncSession, ids: Collection[int]) -> Mapping[int, StaffMember]:
    """Return people by id."""
    return {one.id: one for one in await session.scalars(select(StaffMember).where(StaffMember.id.in_(ids)))}


async def people_named(
    session: AsyncSession, words: str, *, accounts_of: str, limit: int
) -> Sequence[tuple[StaffMember, str | None]]:
    """List people whose name or code has these words, by name. With each comes the username of their account, if it is
    of the division `accounts_of` or below.
    """
    part = words.strip()
    named = or_(*(column.icontains(part, autoescape=True) for column in (StaffMember.name, StaffMember.code)))
    wanted = (
        select(StaffMember, User.username)
        .outerjoin(
            User,
            (User.person_id == StaffMember.id) & User.disabled_at.is_(None) & User.scope_path.op("<@")(accounts_of),
        )
        .where(named)
        .order_by(StaffMember.name, StaffMember.id)
        .limit(limit)
    )
    return [(person, username) for person, username in await session.execute(wanted)]


async def posts_of(session: AsyncSession, user_id: int, *, day: date) -> list[HeldPost]:
    """List the posts that a user's person holds on a day; none for a user without an entry in the register."""
    return await _posts(session, _MINE, user=user_id, day=day)


async def posts_in(session: AsyncSession, units: Collection[int], *, day: date) -> list[HeldPost]:
    """List the posts in units (ids) on a day, heads and deputies first."""
    return await _held(session, Post.unit_id.in_(units), day=day)


async def who_holds(session: AsyncSession, role: str, unit: str, *, day: date) -> list[HeldPost]:
    """List the posts of a role in a unit (code) on a day, heads and deputies first."""
    return await _held(session, (Post.role == role) & (Unit.code == unit), day=day)


async def users_of(session: AsyncSession, people: Collection[int]) -> dict[int, int]:
    """Map people to their account, where they have one that is not disabled."""
    wanted = select(User.person_id, User.id).where(User.person_id.in_(people), User.disabled_at.is_(None))
    return {person: user for person, user in await session.execute(wanted) if person is not None}


async def get_post(session: AsyncSession, post_id: int, *, lock: bool = False) -> Post:
    """Return a post, ended ones too. Raises `NotFound`."""
    wanted = select(Post).where(Post.id == post_id)
    found: Post | None = await session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFound
    return found


_ORDER = {"head": 0, "deputy": 1}


def _held_where(condition: ColumnElement[bool]) -> Select[Post, str, str]:
    """Select the posts held on the parameter `day`, with their unit's code and their person's name."""
    return (
        select(Post, Unit.code, StaffMember.name)
        .join(Unit, Unit.id == Post.unit_id)
        .join(StaffMember, StaffMember.id == Post.person_id)
        .where(condition, held_on(bindparam("day", type_=Date)))
        .order_by(Unit.code, Post.id)
    )


_MINE = _held_where(Post.person_id == select(User.person_id).where(User.id == bindparam("user")).scalar_subquery())
"""Made once, as each move of a case executes it."""


async def _held(session: AsyncSession, condition: ColumnElement[bool], *, day: date) -> list[HeldPost]:
    return await _posts(session, _held_where(condition), day=day)


async def _posts(session: AsyncSession, wanted: Select[Post, str, str], **parameters: Any) -> list[HeldPost]:
    found = [_held_post(post, unit, person) for post, unit, person in await session.execute(wanted, parameters)]
    return sorted(found, key=lambda post: _ORDER.get(post.duty, 2))


def _held_post(post: Post, unit: str, person: str) -> HeldPost:
    return HeldPost(
        id=post.id,
        unit=unit,
        unit_id=post.unit_id,
        person_id=post.person_id,
        person=person,
        duty=post.duty,
        title=post.title,
        role=post.role,
        attendance=post.attendance,
        managed_by=tuple(post.managed_by),
        specialities=tuple(post.specialities),
        division_path=post.division_path,
        first_day=post.first_day,
        until=post.until,
    )
