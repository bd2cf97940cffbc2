"""Merge, dismiss and part duplicates 重复事件, inside the caller's transaction.

A likely duplicate (`duplicate_of_id`) is a suggestion of the register. A merged one (`merged_into_id`) is closed and
points to its main incident, where the work goes on. Both are undone here as well: what was recorded on the main one in
between stays there, and whoever parts them chooses entry by entry what is carried over to the other as well.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.flow.terms import CLOSED, ORDINARY
from console.incidents.actions import counted, record_change
from console.incidents.deadlines import update_first_response_deadline
from console.incidents.queries import forces_on, lock_incident
from console.incidents.rules import MergeClosed, MergeOccupied, NotDuplicate, NotMerged
from console.incidents.tables import Incident, TimelineEntry
from console.incidents.timeline import Entry, note_many
from geo.errors import NotFound
from geo.versions import Expected, require_current
from layers.hotspots.actions import recount_incident

DISMISSED = "duplicate_dismissed"
CARRIED = "carried_over"


DOORS = text("SELECT main, door FROM first_doors(CAST(:incidents AS bigint[]))").bindparams(
    bindparam("incidents", type_=ARRAY(BigInteger))
)
"""Of a merged incident beyond the reach, the moment alone is told (migration 0048)."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Account and time of a change."""

    actor: Actor
    now: datetime


async def merge(
    session: AsyncSession, incident_id: int, *, into: int, expected: Expected = None, actor: Actor, now: datetime
) -> Incident:
    """Close an incident as the same as `into`, and return it. Both must be open.

    Raises `NotFound`, `Stale`, `MergeClosed`, or `MergeOccupied` while a force is on it: its task would lose its
    incident, so the other one is merged into this, or the force is recalled.
    """
    incident, main = await _lock_both(session, incident_id, into)
    require_current(incident.version, expected)
    if incident.closed_at is not None or main.closed_at is not None:
        raise MergeClosed
    if await forces_on(session, incident.id):
        raise MergeOccupied
    was = counted(incident)
    incident.merged_into_id, incident.status, incident.closed_at = main.id, CLOSED, now
    deed = Deed(actor, now)
    await _record(session, incident, "merged", {"into": main.id}, deed)
    await _record(session, main, "merged", {"from": incident.id}, deed)
    await update_first_response_deadline(session, incident, now=now)
    await recount_incident(session, was, counted(incident))
    return incident


async def unmerge(
    session: AsyncSession,
    incident_id: int,
    *,
    carried: Collection[int] = (),
    expected: Expected = None,
    actor: Actor,
    now: datetime,
) -> Incident:
    """Open a merged incident again, as it waited before, and return it.

    `carried` are entries (ids) written on the main incident since the merge that concern this one: its timeline repeats
    them, each with where it stands. Raises `NotFound`, also for an entry that is none of these; `Stale`, `NotMerged`.
    """
    seen = await session.get(Incident, incident_id)
    if seen is None:
        raise NotFound
    incident, main = await _lock_seen(session, incident_id, seen.merged_into_id)
    require_current(incident.version, expected)
    if incident.merged_into_id is None:
        raise NotMerged
    entries = await _written_since(session, incident, main, carried)
    data = {"into": incident.merged_into_id}
    incident.merged_into_id, incident.status, incident.closed_at = None, ORDINARY.start, None
    deed = Deed(actor, now)
    await _record(session, incident, "unmerged", data, deed)
    if main is not None:
        await _record(session, main, "unmerged", {"from": incident.id}, deed)
    await note_many(session, [(incident, _carried(entry, deed)) for entry in entries], now=now)
    await update_first_response_deadline(session, incident, now=now)
    await recount_incident(session, None, counted(incident))
    return incident


async def doors_of(session: AsyncSession, incident_ids: Sequence[int]) -> Mapping[int, datetime]:
    """Return when each incident came in by its first door: its own, or that of any that was merged into it, at first or
    second hand.
    """
    rows = await session.execute(DOORS, {"incidents": [*incident_ids]})
    return dict(rows.all())


async def main_of(session: AsyncSession, incident_id: int) -> int:
    """Return the incident in which the work on another goes on now: itself, or the last that it was merged into."""
    while (main := await session.scalar(select(Incident.merged_into_id).where(Incident.id == incident_id))) is not None:
        incident_id = main
    return incident_id


async def _written_since(
    session: AsyncSession, incident: Incident, main: Incident | None, wanted: Collection[int]
) -> Sequence[TimelineEntry]:
    """Return the wanted entries of the main incident, in their order. Raises `NotFound` for one of before."""
    if not wanted:
        return ()
    if main is None:
        raise NotFound
    merged = TimelineEntry.data["from"].as_integer() == incident.id
    last = select(func.max(TimelineEntry.id)).where(
        TimelineEntry.incident_id == main.id, TimelineEntry.kind == "merged", merged
    )
    found = select(TimelineEntry).where(
        TimelineEntry.incident_id == main.id, TimelineEntry.id.in_(wanted), TimelineEntry.id > last.scalar_subquery()
    )
    entries = (await session.scalars(found.order_by(TimelineEntry.id))).all()
    if len(entries) != len({*wanted}):
        raise NotFound
    return entries


def _carried(entry: TimelineEntry, deed: Deed) -> Entry:
    """Build the entry that repeats another incident's: by whom it is carried over, and what it says, when and where."""
    data = {
        "from": entry.incident_id,
        "entry": entry.id,
        "kind": entry.kind,
        "at": entry.at.isoformat(),
        "data": entry.data,
    }
    return Entry(CARRIED, actor_id=deed.actor.user_id, force_id=entry.force_id, data=data)


async def dismiss(session: AsyncSession, incident_id: int, *, of: int, actor: Actor, now: datetime) -> Incident:
    """Remove the link of two likely duplicates: they are not the same. Raises `NotFound`, `NotDuplicate`."""
    incident, other = await _lock_seen(session, incident_id, of)
    if incident.duplicate_of_id == of:
        twin, original_id = incident, of
    elif other is not None and other.duplicate_of_id == incident.id:
        twin, original_id = other, incident.id
    else:
        raise NotDuplicate
    twin.duplicate_of_id = None
    original = other if twin is incident else incident
    await _record_link(session, DISMISSED, twin, original, original_id, Deed(actor, now))
    return incident


async def restore(session: AsyncSession, incident_id: int, *, of: int, actor: Actor, now: datetime) -> Incident:
    """Link two incidents again that were dismissed as duplicates. Raises `NotFound`, `NotDuplicate`."""
    incident, other = await _lock_seen(session, incident_id, of)
    if await _was_dismissed(session, incident, of):
        twin, original, original_id = incident, other, of
    elif other is not None and await _was_dismissed(session, other, incident.id):
        twin, original, original_id = other, incident, incident.id
    else:
        raise NotDuplicate
    twin.duplicate_of_id = original_id
    await _record_link(session, "duplicate_linked", twin, original, original_id, Deed(actor, now))
    return incident


async def _was_dismissed(session: AsyncSession, twin: Incident, original_id: int) -> bool:
    """Whether the incident was linked to that original, and is linked to none now."""
    if twin.duplicate_of_id is not None:
        return False
    of = TimelineEntry.data["of"].as_integer()
    wanted = select(TimelineEntry.id).where(
        TimelineEntry.incident_id == twin.id, TimelineEntry.kind == DISMISSED, of == original_id
    )
    return await session.scalar(wanted.limit(1)) is not None


async def _record_link(
    session: AsyncSession, kind: str, twin: Incident, original: Incident | None, original_id: int, deed: Deed
) -> None:
    """Record a change of the link in both timelines; the original may lie beyond the reach."""
    await _record(session, twin, kind, {"of": original_id}, deed)
    if original is not None:
        await _record(session, original, kind, {"by": twin.id}, deed)


async def _record(session: AsyncSession, incident: Incident, kind: str, data: dict[str, int], deed: Deed) -> None:
    sent = await forces_on(session, incident.id)
    entry = Entry(kind, actor_id=deed.actor.user_id, data=data)
    await record_change(session, incident, entry, sent=sent, now=deed.now)


async def _lock_both(session: AsyncSession, one: int, other: int) -> tuple[Incident, Incident]:
    """Lock two incidents in the order of their ids, as every action does. Raises `NotFound`."""
    found = {incident_id: await lock_incident(session, incident_id) for incident_id in sorted({one, other})}
    return found[one], found[other]


async def _lock_seen(session: AsyncSession, one: int, other: int | None) -> tuple[Incident, Incident | None]:
    """Lock an incident, and another one where the reach has it, in the order of their ids."""
    if other is None or await session.get(Incident, other) is None:
        return await lock_incident(session, one), None
    return await _lock_both(session, one, other)
