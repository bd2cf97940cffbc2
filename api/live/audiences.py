"""Audience of an actor, for socket, snapshot and replay alike."""

from datetime import date

from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.feed.rules import Audience
from geo.errors import NotFound
from geo.store import lies_within
from layers.divisions.tables import Division

OPEN = (Permission.READ_INCIDENTS, Permission.READ_FORCES)


def audience_of(actor: Actor, *, wall: bool = False, scope: str | None = None) -> Audience:
    """Return the audience of `actor`, narrowed to the path `scope`. Raises `Forbidden`.

    A patrol follows its own force. Actors who may read incidents and forces follow them open, or masked if a `wall` is
    requested; actors with `VIEW_WALL` only, masked.
    """
    path = scope or actor.scope
    if actor.may(Permission.ANSWER_OWN_TASKS):
        if actor.force_id is None:
            raise Forbidden(permission=Permission.ANSWER_OWN_TASKS)
        return Audience(scope=path, force_id=actor.force_id)
    if all(map(actor.may, OPEN)):
        return Audience(scope=path, masked=wall or actor.sees_masked)
    actor.require(Permission.VIEW_WALL)
    return Audience(scope=path, masked=True)


async def path_of(session: AsyncSession, code: str, *, actor: Actor, day: date) -> str:
    """Return the path of the division `code`. Raises `NotFound` outside the actor's scope.

    The session needs the actor's reach.
    """
    path = await session.scalar(
        select(cast(Division.division_path, Text))
        .where(Division.code == code, Division.valid_from <= day)
        .order_by(Division.valid_from.desc())
        .limit(1)
    )
    if path is None or not lies_within(path, actor.scope):
        raise NotFound
    return path
