"""Reports that came again under a known number with other content: told to the sender, written down, shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.feed.actions import append
from console.incidents.events import change_of, location_of
from console.incidents.queries import forces_by_incident
from console.incidents.rules import Refusal, Registration, Report, is_shown_live
from console.incidents.tables import Incident
from console.incidents.timeline import Entry, note

SAME_PLACE_DEGREES = 1e-5
"""About a metre: a source that converts its coordinates says the same place in other digits."""

Difference = dict[str, list[Any]]
"""The value that an incident has and the one that came, by field."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A report under the source and number of an existing incident."""

    known: Registration
    report: Report

    @property
    def incident_id(self) -> int:
        return self.known.incident_id


def repeats_of(outcomes: Mapping[int, Registration | Refusal], reports: Sequence[Report]) -> dict[int, Repeat]:
    """Return the repeats among reports, by index in the order of the reports."""
    return {
        i: Repeat(outcome, reports[i])
        for i, outcome in sorted(outcomes.items())
        if isinstance(outcome, Registration) and not outcome.created
    }


async def lock_changed(session: AsyncSession, repeats: Sequence[Repeat]) -> list[int]:
    """Lock the incidents whose source has not sent this content before, in the order of their ids; return the ids.

    Before anything else is locked, as in every other action on an incident.
    """
    said = {repeat.incident_id: set[str | None]() for repeat in repeats}
    for repeat in repeats:
        said[repeat.incident_id].add(repeat.report.digest)
    if not said:
        return []
    wanted = select(Incident.id, Incident.reported_digest).where(Incident.id.in_(said)).order_by(Incident.id)
    known = await session.execute(wanted)
    changed = [incident_id for incident_id, digest in known if said[incident_id] != {digest}]
    if changed:
        lock = select(Incident.id).where(Incident.id.in_(changed)).order_by(Incident.id)
        await session.execute(lock.with_for_update(key_share=True))
    return changed


async def note_repeats(
    session: AsyncSession, repeats: Mapping[int, Repeat], changed: Sequence[int], *, actor: Actor, now: datetime
) -> dict[int, Registration]:
    """Write down what differs, after `lock_changed`; return the outcome of each repeat, with the differing fields.

    The incident keeps its own values: the timeline has both, and `differs_at` shows that they wait to be looked at.
    """
    found: Mapping[int, Incident] = {}
    if changed:
        wanted = select(Incident).where(Incident.id.in_(changed)).execution_options(populate_existing=True)
        found = {incident.id: incident for incident in await session.scalars(wanted)}
    sent = await forces_by_incident(session, changed) if changed else {}
    outcomes = {}
    for i, repeat in repeats.items():
        incident = found.get(repeat.incident_id)
        differs = await _record(session, incident, repeat, sent=sent, actor=actor, now=now) if incident else ()
        outcomes[i] = replace(repeat.known, differs=differs)
    return outcomes


async def _record(
    session: AsyncSession,
    incident: Incident,
    repeat: Repeat,
    *,
    sent: Mapping[int, frozenset[int]],
    actor: Actor,
    now: datetime,
) -> tuple[str, ...]:
    if repeat.report.digest == incident.reported_digest:
        return ()
    incident.reported_digest = repeat.report.digest
    differs = difference(incident, repeat.report)
    if differs:
        incident.differs_at = now
        incident.version += 1
    await session.flush()
    if differs:
        data = {"source": incident.source, "fields": sorted(differs), **differs}
        await note(session, incident, Entry("reported_again", actor_id=actor.user_id, data=data), now=now)
        if is_shown_live(incident.closed_at, now=now):
            await append(session, [change_of(incident, sent=sent[incident.id])], now=now)
    return tuple(sorted(differs))


def difference(incident: Incident, report: Report) -> Difference:
    """Return the fields that the source filled with other values than the incident has."""
    plain = ("category", "title", "description", "language", "risk", "address")
    differs: Difference = {}
    for name in plain:
        old, new = getattr(incident, name), getattr(report, name)
        if name in report.given and old != new:
            differs[name] = [old, new]
    for name in ("occurred_at", "closed_at"):
        then, moment = getattr(incident, name), getattr(report, name)
        if name in report.given and then != moment:
            differs[name] = [_utc(then), _utc(moment)]
    here = location_of(incident)
    if report.point is not None and not _is_near(here, report.point):
        differs["place"] = [here and list(here), list(report.point)]
    return differs


def _is_near(here: tuple[float, float] | None, there: tuple[float, float]) -> bool:
    return here is not None and all(abs(a - b) < SAME_PLACE_DEGREES for a, b in zip(here, there, strict=True))


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
