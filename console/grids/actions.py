"""Set what grids have besides their lines, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import display_name_of
from console.access.rules import Actor, Permission
from console.forces.tables import Force
from console.grids.queries import get_visible_division, get_visible_grid, held_of
from console.grids.rules import HeldPost, Post, PostEnded, Service, check_list, require_free, require_not_over
from console.grids.tables import GridPost, PartyBranch, ServiceList
from geo.errors import NotFound


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is set: the time, and the day in the county."""

    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to be given. `until` is the day after its last one."""

    force_id: int
    post: Post
    first_day: date
    until: date | None = None


async def set_branch(
    session: AsyncSession, actor: Actor, code: str, name: str, *, first_day: date, at: Moment
) -> PartyBranch:
    """Set the party branch of a grid from a day on; an empty name for none. Raises `Forbidden`, `NotFound`, `NotAGrid`,
    `GridDayOver`.
    """
    actor.require(Permission.EDIT_GRIDS)
    require_not_over(first_day, today=at.today)
    grid = await get_visible_grid(session, actor, code, day=first_day)
    row = PartyBranch(
        division_code=code,
        division_path=grid.division_path,
        name=name,
        first_day=first_day,
        created_by=actor.user_id,
        author=await display_name_of(session, actor.user_id),
        at=at.now,
    )
    session.add(row)
    await session.flush()
    return row


async def set_services(
    session: AsyncSession, actor: Actor, code: str, services: Sequence[Service], *, first_day: date, at: Moment
) -> ServiceList:
    """Set a division's list of services from a day on. Raises `Forbidden`, `NotFound`, `ServiceTwice` and
    `GridDayOver`.
    """
    actor.require(Permission.EDIT_GRIDS)
    require_not_over(first_day, today=at.today)
    check_list(services)
    division = await get_visible_division(session, actor, code, day=first_day)
    row = ServiceList(
        division_code=code,
        division_path=division.division_path,
        items=[asdict(service) for service in services],
        first_day=first_day,
        created_by=actor.user_id,
        author=await display_name_of(session, actor.user_id),
        at=at.now,
    )
    session.add(row)
    await session.flush()
    return row


async def give_post(session: AsyncSession, actor: Actor, code: str, new: NewPost, *, most: int, at: Moment) -> GridPost:
    """Give a force a post in a grid; a worker may have up to `most` at a time. Raises `Forbidden`, `NotFound`,
    `NotAGrid`, `GridDayOver`, `PostTaken`, `TooManyPosts`, `PostEnded`.
    """
    actor.require(Permission.EDIT_GRIDS)
    require_not_over(new.first_day, today=at.today)
    if new.until is not None and new.until <= new.first_day:
        raise PostEnded
    grid = await get_visible_grid(session, actor, code, day=new.first_day)
    # Locked, so that two posts given at once are counted one after the other.
    force = await session.get(Force, new.force_id, with_for_update={"key_share": True})
    if force is None:
        raise NotFound
    held = await session.scalars(select(GridPost).where(GridPost.force_id == new.force_id))
    wanted = HeldPost(0, new.force_id, code, new.post, new.first_day, new.until)
    require_free([held_of(one) for one in held], wanted, most=most)
    row = GridPost(
        force_id=new.force_id,
        division_code=code,
        division_path=grid.division_path,
        post=new.post.value,
        first_day=new.first_day,
        until=new.until,
        created_by=actor.user_id,
        author=await display_name_of(session, actor.user_id),
        at=at.now,
    )
    session.add(row)
    await session.flush()
    return row


async def end_post(session: AsyncSession, actor: Actor, post_id: int, *, until: date, at: Moment) -> GridPost:
    """End a post before a day. Raises `Forbidden`, `NotFound`, `GridDayOver`, `PostEnded`."""
    actor.require(Permission.EDIT_GRIDS)
    require_not_over(until, today=at.today)
    wanted = select(GridPost).where(GridPost.id == post_id).with_for_update()
    row = (await session.scalars(wanted)).one_or_none()
    if row is None:
        raise NotFound
    if until < row.first_day or (row.until is not None and row.until <= at.today):
        raise PostEnded
    row.until = until
    await session.flush()
    return row
