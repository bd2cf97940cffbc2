"""Close an incident at once, at the operator's desk: by the move that the pack names for it."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.actions import move_locked, opened_of
from console.cases.casework import Casework
from console.flow.case_rules import MoveRefused
from console.flow.rules import IllegalStep
from console.incidents.queries import forces_on
from console.incidents.tables import Incident
from geo.versions import Expected, require_current


async def close_at_desk(
    session: AsyncSession,
    work: Casework,
    actor: Actor,
    incident: Incident,
    *,
    note: str,
    expected: Expected,
    now: datetime,
) -> None:
    """Close a locked incident by the pack's `desk_close`. `expected` is the incident's version.

    Raises `Stale`, `IllegalStep` for one that is closed or has a force on it, or `MoveRefused`.
    """
    require_current(incident.version, expected)
    if incident.closed_at is not None or await forces_on(session, incident.id):
        raise IllegalStep(status=incident.status, step="close")
    opened = await opened_of(session, work, incident, actor=actor, now=now)
    close = opened.terms.desk_close
    if close is None:
        raise MoveRefused(move="close", stage=opened.state.stage, reason="unknown")
    form = {"outcome": close.outcome} | ({"note": note} if note else {})
    try:
        await move_locked(session, work, actor, opened, move=close.move, form=form, now=now)
    except MoveRefused:
        if close.otherwise is None:
            raise
        with suppress(MoveRefused):
            await move_locked(session, work, actor, opened, move=close.otherwise, form=form, now=now)
            return
        raise
