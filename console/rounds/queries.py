"""Read routes, rounds and visits within the caller's reach."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.access.sight import Sight, Subject, sight_of
from console.cursors import id_of, page_of
from console.grids.queries import post_on_day
from console.grids.tables import GridPost
from console.rounds.tables import PatrolRound, PatrolRoute, RoundMark, Visit
from geo.errors import NotFound
from geo.store import Ltree

Columns = TypeVarTuple("Columns")

MOST_LISTED = 500
"""Rounds, or visits, of one answer: those of a day."""


@dataclass(frozen=True, slots=True)
class Record:
    """A round with all reports at its points, in order."""

    round: PatrolRound
    marks: Sequence[RoundMark]


@dataclass(frozen=True, slots=True)
class Listed:
    """What is listed: from `since` to before `until`, in a division's path, and of the own force alone."""

    since: datetime
    until: datetime
    within: str
    mine: bool = False


def require_route_reader(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor goes on rounds, plans them, or sees forces."""
    if not any(map(actor.may, (Permission.ANSWER_OWN_TASKS, Permission.EDIT_GRIDS, Permission.READ_FORCES))):
        raise Forbidden(permission=Permission.READ_FORCES)


def own_only(actor: Actor) -> bool:
    """Return whether the actor sees only what the own force did. Raises `Forbidden` for those who see no forces."""
    sight = sight_of(actor.role, Subject.FORCES)
    if sight is Sight.OPEN:
        return False
    if sight is not Sight.OWN:
        raise Forbidden(permission=Permission.READ_FORCES)
    return True


async def list_routes(
    session: AsyncSession, *, within: str, grids: Collection[str] = (), limit: int, cursor: str | None = None
) -> tuple[Sequence[PatrolRoute], str | None]:
    """Return a page of the routes in use in a division and all below, or in some of its grids, by id. Raises
    `BadCursor`.
    """
    inside = PatrolRoute.division_path.op("<@")(cast(within, Ltree))
    wanted = select(PatrolRoute).where(inside, PatrolRoute.retired_at.is_(None))
    if grids:
        wanted = wanted.where(PatrolRoute.division_code.in_(grids))
    if cursor is not None:
        wanted = wanted.where(PatrolRoute.id > id_of(cursor))
    return page_of((await session.scalars(wanted.order_by(PatrolRoute.id).limit(limit + 1))).all(), limit=limit)


async def own_grids(session: AsyncSession, actor: Actor, *, day: date) -> Collection[str]:
    """Return the codes of the grids in which the actor's force holds a post on a day."""
    held = select(GridPost.division_code).where(GridPost.force_id == actor.force_id, post_on_day(day))
    return set((await session.scalars(held)).all())


async def get_route(session: AsyncSession, route_id: int, *, lock: bool = False) -> PatrolRoute:
    """Return a route within reach. Raises `NotFound`."""
    wanted = select(PatrolRoute).where(PatrolRoute.id == route_id)
    found = (await session.scalars(wanted.with_for_update() if lock else wanted)).one_or_none()
    if found is None:
        raise NotFound
    return found


async def get_record(session: AsyncSession, actor: Actor, round_id: UUID) -> Record:
    """Return a round that the actor may see, with its reports. Raises `Forbidden`, `NotFound`."""
    found = await session.get(PatrolRound, round_id)
    if found is None or (own_only(actor) and found.force_id != actor.force_id):
        raise NotFound
    return Record(found, (await _marks_of(session, [round_id])).get(round_id, ()))


async def list_rounds(session: AsyncSession, actor: Actor, asked: Listed) -> list[Record]:
    """Return the rounds that began in a time, the latest first, at most `MOST_LISTED`. Raises `Forbidden`."""
    inside = PatrolRound.division_path.op("<@")(cast(asked.within, Ltree))
    wanted = select(PatrolRound).where(
        PatrolRound.started_at >= asked.since, PatrolRound.started_at < asked.until, inside
    )
    if own_only(actor) or asked.mine:
        wanted = wanted.where(PatrolRound.force_id == actor.force_id)
    wanted = wanted.order_by(PatrolRound.started_at.desc(), PatrolRound.id).limit(MOST_LISTED)
    found = (await session.scalars(wanted)).all()
    marks = await _marks_of(session, [one.id for one in found])
    return [Record(one, marks.get(one.id, ())) for one in found]


async def list_visits(session: AsyncSession, actor: Actor, asked: Listed) -> Sequence[Visit]:
    """Return the visits of a time, the latest first, at most `MOST_LISTED`. Raises `Forbidden`."""
    wanted = _visits(select(Visit), actor, asked)
    return (await session.scalars(wanted.order_by(Visit.at.desc(), Visit.id).limit(MOST_LISTED))).all()


async def count_visits(session: AsyncSession, actor: Actor, asked: Listed) -> Mapping[tuple[str, str], int]:
    """Return how many households and premises were called on, by code of the grid and kind. Raises `Forbidden`."""
    total = select(Visit.division_code, Visit.kind, func.sum(Visit.count))
    grouped = _visits(total, actor, asked).group_by(Visit.division_code, Visit.kind)
    return {(code, kind): int(count) for code, kind, count in await session.execute(grouped)}


def _visits(wanted: Select[*Columns], actor: Actor, asked: Listed) -> Select[*Columns]:
    inside = Visit.division_path.op("<@")(cast(asked.within, Ltree))
    wanted = wanted.where(Visit.at >= asked.since, Visit.at < asked.until, inside)
    return wanted.where(Visit.force_id == actor.force_id) if own_only(actor) or asked.mine else wanted


async def _marks_of(session: AsyncSession, rounds: Sequence[UUID]) -> Mapping[UUID, list[RoundMark]]:
    found: dict[UUID, list[RoundMark]] = defaultdict(list)
    wanted = select(RoundMark).where(RoundMark.round_id.in_(rounds)).order_by(RoundMark.at, RoundMark.n)
    for mark in await session.scalars(wanted):
        found[mark.round_id].append(mark)
    return found
