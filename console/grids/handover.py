"""Hand over what grids have when their lines change, and put it back, inside the caller's transaction.

Branches and lists are only ever added: what a grid gets from a day on is a row of that day, and putting it back is
another one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.grids.queries import held_of, own_lists, recorded_branches
from console.grids.rules import HeldPost, Service
from console.grids.succession import Holding, Succession, shares_of_grids, succession_of
from console.grids.tables import GridPost, PartyBranch, ServiceList

KEPT = "grids"
"""Name under which a publication keeps what `put_back_grids` takes."""


@dataclass(frozen=True, slots=True)
class GridChange:
    """Grids before and after a change of lines, in degrees by code, those after also by path. `homes` has the code of
    the grid after in which the home of each force lies.
    """

    before: Mapping[str, BaseGeometry]
    after: Mapping[str, BaseGeometry]
    paths: Mapping[str, str]
    homes: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something, when, and from which day on."""

    user_id: int
    author: str
    now: datetime
    first_day: date


async def hand_over_grids(session: AsyncSession, change: GridChange, by: By) -> dict[str, Any]:
    """Give the grids after a change what follows from those before. Returns what puts it back, as JSON."""
    rows = await _posts_of(session, change.before, day=by.first_day)
    branches = await recorded_branches(session, change.before, day=by.first_day)
    lists = await own_lists(session, change.before, day=by.first_day)
    posts = defaultdict[str, list[HeldPost]](list)
    for row in rows:
        posts[row.division_code].append(held_of(row))
    held = {
        code: Holding(
            branch=branches.get(code, ("", ""))[0],
            services=lists.get(code, ()),
            posts=posts[code],
        )
        for code in change.before
    }
    shares = await asyncio.to_thread(shares_of_grids, change.before, change.after)
    found = succession_of(held, shares, change.homes)
    kept = {
        "branches": {code: branches.get(code, ("", ""))[0] for code in change.after},
        "services": {code: [asdict(one) for one in lists.get(code, ())] for code in change.after},
        "posts": await _move_posts(session, rows, found, change.paths, by),
    }
    for code, path in change.paths.items():
        if branches.get(code, ("", path)) != (found.branches.get(code, ""), path):
            _add_branch(session, code, path, found.branches.get(code, ""), by)
        if list(lists.get(code, ())) != list(found.services.get(code, ())):
            _add_list(session, code, path, found.services.get(code, ()), by)
    await session.flush()
    return kept


async def put_back_grids(
    session: AsyncSession, kept: Mapping[str, Any], paths: Mapping[str, str], by: By, *, changed_on: date
) -> None:
    """Put back what `hand_over_grids` has changed, from a day on. `paths` are those of the grids there are again.

    On the day of the change it is as if it had never been; later, the days between stay as they were.
    """
    ended: dict[str, str | None] = kept["posts"]["ended"]
    begun = {int(post) for post in kept["posts"]["begun"]}
    await _end_posts(session, begun, day=by.first_day)
    if by.first_day <= changed_on:
        for post, until in ended.items():
            day = date.fromisoformat(until) if until else None
            await session.execute(update(GridPost).where(GridPost.id == int(post)).values(until=day))
    else:
        await _begin_again(session, [int(post) for post in ended], paths, ended, by)
    for code, path in paths.items():
        if code in kept["branches"]:
            _add_branch(session, code, path, kept["branches"][code], by)
            _add_list(session, code, path, [Service(**one) for one in kept["services"][code]], by)
    await session.flush()


async def _posts_of(session: AsyncSession, codes: Collection[str], *, day: date) -> Sequence[GridPost]:
    """Return the posts of grids that are held on a day or later, locked."""
    lasting = or_(GridPost.until.is_(None), GridPost.until > day)
    not_empty = or_(GridPost.until.is_(None), GridPost.until > GridPost.first_day)
    wanted = select(GridPost).where(GridPost.division_code.in_(codes), lasting, not_empty)
    return (await session.scalars(wanted.order_by(GridPost.id).with_for_update())).all()


async def _move_posts(
    session: AsyncSession, rows: Sequence[GridPost], found: Succession, paths: Mapping[str, str], by: By
) -> dict[str, Any]:
    """End the posts whose grid, or path, is another one now, and begin them there."""
    moving = [row for row in rows if row.id in found.posts and paths[found.posts[row.id]] != row.division_path]
    ended = {str(row.id): row.until and row.until.isoformat() for row in rows if row in moving or row.id in found.ended}
    new = [_post(row, found.posts[row.id], paths[found.posts[row.id]], by) for row in moving]
    await _end_posts(session, {int(post) for post in ended}, day=by.first_day)
    session.add_all(new)
    await session.flush()
    return {"ended": ended, "begun": [row.id for row in new]}


async def _end_posts(session: AsyncSession, ids: Collection[int], *, day: date) -> None:
    """End posts on a day; those that would begin later end on their first day, and are never held."""
    for row in await session.scalars(select(GridPost).where(GridPost.id.in_(ids))):
        row.until = max(day, row.first_day)
    await session.flush()


async def _begin_again(
    session: AsyncSession, ids: Collection[int], paths: Mapping[str, str], until: Mapping[str, str | None], by: By
) -> None:
    for row in (await session.scalars(select(GridPost).where(GridPost.id.in_(ids)))).all():
        last = until[str(row.id)]
        if row.division_code in paths and (last is None or date.fromisoformat(last) > by.first_day):
            again = _post(row, row.division_code, paths[row.division_code], by)
            again.until = None if last is None else date.fromisoformat(last)
            session.add(again)


def _post(row: GridPost, code: str, path: str, by: By) -> GridPost:
    return GridPost(
        force_id=row.force_id,
        division_code=code,
        division_path=path,
        post=row.post,
        first_day=max(by.first_day, row.first_day),
        until=row.until,
        created_by=by.user_id,
        author=by.author,
        at=by.now,
    )


def _add_branch(session: AsyncSession, code: str, path: str, name: str, by: By) -> None:
    session.add(PartyBranch(division_code=code, division_path=path, name=name, **_by(by)))


def _add_list(session: AsyncSession, code: str, path: str, services: Sequence[Service], by: By) -> None:
    items = [asdict(one) for one in services]
    session.add(ServiceList(division_code=code, division_path=path, items=items, **_by(by)))


def _by(by: By) -> dict[str, Any]:
    return {"first_day": by.first_day, "created_by": by.user_id, "author": by.author, "at": by.now}
