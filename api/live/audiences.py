"""Audience of an actor, for socket, snapshot and replay alike."""

from datetime import date

from sqlalchemy import Text, cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.access.sight import ON_SCREENS, Sight, Subject, sees_masked, sight_of
from console.feed.rules import Audience
from geo.errors import NotFound
from geo.masking import MASK_LEVEL
from geo.store import lies_within
from layers.divisions.queries import holds_level
from layers.divisions.tables import Division


def audience_of(actor: Actor, *, wall: bool = False, scope: str | None = None) -> Audience:
    """Return the audience of `actor`, narrowed to the path `scope`. Raises `Forbidden`.

    A patrol follows its own force. Actors who may read incidents and forces follow them open, or masked if a `wall` is
    requested; actors with `VIEW_WALL` only, masked.
    """
    path = scope or actor.scope
    sights = {sight_of(actor.role, subject) for subject in ON_SCREENS}
    if Sight.OWN in sights:
        if actor.force_id is None:
            raise Forbidden(permission=Permission.ANSWER_OWN_TASKS)
        return Audience(scope=path, force_id=actor.force_id)
    if sights == {Sight.OPEN}:
        return Audience(scope=path, masked=wall)
    actor.require(Permission.VIEW_WALL)
    return Audience(scope=path, masked=True)


async def path_of(session: AsyncSession, code: str, *, actor: Actor, day: date) -> str:
    """Return the path of the division `code`. Raises `NotFound` outside the actor's scope, `Forbidden` for one too
    small for an actor who sees incidents masked.

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
    await check_narrowing(session, path, actor=actor)
    return path


async def check_narrowing(session: AsyncSession, path: str, *, actor: Actor) -> None:
    """Raise `Forbidden` for a division below the level that masked places name, unless the actor sees incidents openly.

    Asked grid by grid, even masked incidents and counts would tell the grid of each.
    """
    if path == actor.scope or not sees_masked(actor, Subject.INCIDENTS):
        return
    if not await holds_level(session, path, level=MASK_LEVEL):
        raise Forbidden(permission=Permission.READ_INCIDENTS)
