"""Read what grids have besides their lines, on a day, within the caller's reach."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, cast, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.access.sight import Sight, Subject, sight_of
from console.forces.tables import Force
from console.grids.rules import HeldPost, NotAGrid, Post, Service, ServiceInForce, Verdict, services_in_force
from console.grids.tables import GridPost, PartyBranch, ServiceList
from geo.errors import NotFound
from geo.store import Ltree, lies_within
from layers.divisions.queries import find_by_code, on_day
from layers.divisions.tables import Division
from layers.divisions.terms import GRID


@dataclass(frozen=True, slots=True)
class StaffedPost:
    """A post with the name of its worker, None where it is not shown."""

    held: HeldPost
    name: str | None


@dataclass(frozen=True, slots=True)
class GridDetails:
    """What a grid has on a day. `branch` is empty without one; `services` are in force, by lists above as well."""

    division: Division
    branch: str
    services: Sequence[ServiceInForce]
    posts: Sequence[StaffedPost]


async def get_visible_division(session: AsyncSession, actor: Actor, code: str, *, day: date) -> Division:
    """Return a division within reach on a day. Raises `NotFound`."""
    found = await get_known_division(session, code, day=day)
    if not lies_within(found.division_path, actor.scope):
        raise NotFound
    return found


async def get_known_division(session: AsyncSession, code: str, *, day: date) -> Division:
    """Return a division on a day whose name is seen: within reach, around it, or in a town with a task of one's own.

    Raises `NotFound`.
    """
    found = await find_by_code(session, code, day=day)
    if found is None:
        raise NotFound
    return found


async def get_visible_grid(session: AsyncSession, actor: Actor, code: str, *, day: date) -> Division:
    """Return a grid within reach on a day. Raises `NotFound`, `NotAGrid`."""
    found = await get_visible_division(session, actor, code, day=day)
    if found.level != GRID:
        raise NotAGrid(level=found.level)
    return found


async def details_of(session: AsyncSession, actor: Actor, code: str, *, day: date) -> GridDetails:
    """Return what a grid has on a day. Raises `NotFound`, `NotAGrid`."""
    grid = await get_visible_grid(session, actor, code, day=day)
    branches = await branches_in(session, grid.division_path, day=day)
    posts = await posts_in(session, actor, grid.division_path, day=day)
    services = await services_of(session, grid.division_path, day=day)
    return GridDetails(grid, branches.get(code, ""), services, [one for one in posts if one.held.grid == code])


async def grids_in(session: AsyncSession, path: str, *, day: date) -> Sequence[Division]:
    """Return the grids of a division on a day, by path."""
    within = Division.division_path.op("<@")(cast(path, Ltree))
    wanted = select(Division).where(Division.level == GRID, within, on_day(day)).order_by(Division.division_path)
    return (await session.scalars(wanted)).all()


async def branches_in(session: AsyncSession, path: str, *, day: date) -> dict[str, str]:
    """Return the party branches of a division's grids on a day, by code of the grid. Grids without one are left out."""
    codes = [grid.code for grid in await grids_in(session, path, day=day)]
    return {code: name for code, (name, _) in (await recorded_branches(session, codes, day=day)).items() if name}


async def recorded_branches(session: AsyncSession, codes: Collection[str], *, day: date) -> dict[str, tuple[str, str]]:
    """Return what was last recorded of the party branches of grids by a day: name, which may be empty, and path."""
    wanted = (
        select(PartyBranch.division_code, PartyBranch.name, PartyBranch.division_path)
        .where(PartyBranch.division_code.in_(codes), PartyBranch.first_day <= day)
        .ext(distinct_on(PartyBranch.division_code))
        .order_by(PartyBranch.division_code, PartyBranch.first_day.desc(), PartyBranch.id.desc())
    )
    return {code: (name, path) for code, name, path in await session.execute(wanted)}


async def own_services(session: AsyncSession, code: str, *, day: date) -> Sequence[Service]:
    """Return a division's own list of services on a day."""
    return (await own_lists(session, [code], day=day)).get(code, ())


async def services_of(session: AsyncSession, path: str, *, day: date) -> list[ServiceInForce]:
    """Return the services that hold in a division on a day, by its own list and those above."""
    codes = path.split(".")
    lists = await own_lists(session, codes, day=day)
    return services_in_force((code, lists.get(code, ())) for code in codes)


async def own_lists(session: AsyncSession, codes: Collection[str], *, day: date) -> Mapping[str, Sequence[Service]]:
    """Return the lists that divisions have of their own on a day, by code."""
    wanted = (
        select(ServiceList.division_code, ServiceList.items)
        .where(ServiceList.division_code.in_(codes), ServiceList.first_day <= day)
        .ext(distinct_on(ServiceList.division_code))
        .order_by(ServiceList.division_code, ServiceList.first_day.desc(), ServiceList.id.desc())
    )
    return {code: [_service(item) for item in items] for code, items in await session.execute(wanted)}


def _service(item: Mapping[str, Any]) -> Service:
    return Service(item["title"], Verdict(item["verdict"]), item["basis"])


def held_of(row: GridPost) -> HeldPost:
    """Return a stored post as rules take it."""
    return HeldPost(row.id, row.force_id, row.division_code, Post(row.post), row.first_day, row.until)


async def posts_in(session: AsyncSession, actor: Actor, path: str, *, day: date) -> list[StaffedPost]:
    """Return the posts in a division's grids on a day, as the actor may see them.

    Names are for those who see forces. Those who set posts see which force has one; a force sees its own.
    """
    sight = sight_of(actor.role, Subject.FORCES)
    if sight in (Sight.NONE, Sight.MASKED) and not actor.may(Permission.EDIT_GRIDS):
        return []
    within = GridPost.division_path.op("<@")(cast(path, Ltree))
    wanted = (
        select(GridPost, Force.name)
        .outerjoin(Force, Force.id == GridPost.force_id)
        .where(within, post_on_day(day))
        .order_by(GridPost.division_code, GridPost.id)
    )
    if sight is Sight.OWN:
        wanted = wanted.where(GridPost.force_id == actor.force_id)
    found = [StaffedPost(held_of(row), name) for row, name in await session.execute(wanted)]
    return [replace(one, name=None) for one in found] if sight is Sight.MASKED else found


def post_on_day(day: date) -> ColumnElement[bool]:
    """Clause: held on a day."""
    return (GridPost.first_day <= day) & or_(GridPost.until.is_(None), GridPost.until > day)
