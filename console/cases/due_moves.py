"""Make the moves that a pack wants when a limit is due 超期自动升级, in the transaction that gives notice of it.

The server makes them where a person could: at the stage, lane and level that the move is for, with its conditions met.
Where they are not, as at the highest level, the case stays as it is; its people have been told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.actions import Opened, facts_of, locked_case, said_of
from console.cases.casework import Casework
from console.cases.storing import terms_of
from console.cases.tables import Case
from console.cases.targets import target_of
from console.cases.writing import Change, write
from console.flow.case_rules import MoveRefused, apply, move_of, require_due
from console.flow.case_terms import DueMove
from console.flow.effects import Deed
from console.flow.forms import FormInvalid, fill, form_of
from console.flow.replay import MOVED
from console.flow.seats import Person
from console.incidents.tables import Incident

log = structlog.get_logger()
SERVER = Person(0, "server")


async def make_due_moves(
    session: AsyncSession, work: Casework, overdue: Sequence[tuple[Incident, str]], *, now: datetime
) -> int:
    """Make the moves of limits that are due, given with their locked incidents; return how many were made."""
    wanted = await _wanted(session, work, overdue)
    made = 0
    for incident, limit in overdue:
        if due := wanted.get((incident.id, limit)):
            made += await _make(session, work, incident, due, limit=limit, now=now)
    return made


async def _wanted(
    session: AsyncSession, work: Casework, overdue: Sequence[tuple[Incident, str]]
) -> Mapping[tuple[int, str], DueMove]:
    """Return the moves by incident and limit, as the version says that each case runs under."""
    ids = {incident.id for incident, _ in overdue}
    rows = await session.execute(select(Case.incident_id, Case.pack_version).where(Case.incident_id.in_(ids)))
    versions = dict(rows.all())
    moves: dict[tuple[str, str], DueMove] = {}
    for version in {*versions.values()}:
        limits = (await terms_of(session, work, version)).limits
        moves |= {(version, limit.code): limit.overdue for limit in limits if limit.overdue is not None}
    return {
        (incident.id, limit): move
        for incident, limit in overdue
        if (move := moves.get((versions.get(incident.id, ""), limit)))
    }


async def _make(
    session: AsyncSession, work: Casework, incident: Incident, due: DueMove, *, limit: str, now: datetime
) -> bool:
    opened = await locked_case(session, work, incident)
    if opened is None or not opened.state.running:
        return False
    try:
        deed = await _deed(session, work, opened, due, now=now)
    except MoveRefused:
        return False
    except FormInvalid as bad:  # Of a version from before this was checked: the sweep goes on.
        log.warning("overdue_move_unfit", incident=incident.id, move=due.move, errors=bad.params["errors"])
        return False
    after = apply(opened.terms, opened.state, deed)
    said = {**said_of(deed, opened.state, after), "overdue": limit}
    await write(session, work, opened, after, Change(MOVED, data=said, at=now))
    return True


async def _deed(session: AsyncSession, work: Casework, opened: Opened, due: DueMove, *, now: datetime) -> Deed:
    """Return the move as the server makes it. Raises `MoveRefused`."""
    terms, state, incident = opened.terms, opened.state, opened.incident
    move = move_of(terms, state, due.move)
    facts = await facts_of(session, work, incident, state, now=now)
    require_due(terms, state, move, facts)
    deed = Deed(move, SERVER, None, fill(form_of(terms, move), due.form), now)
    target = await target_of(session, work, incident, terms, state, deed, owner_level=facts.owner_level)
    return replace(deed, target=target)
