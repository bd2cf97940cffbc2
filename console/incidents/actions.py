"""Register, edit and close incidents, inside the caller's transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from secrets import token_bytes
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.feed.actions import append
from console.flow.rules import apply_move
from console.flow.terms import ORDINARY
from console.incidents.deadlines import set_first_response_deadlines, update_first_response_deadline
from console.incidents.events import body_from, change_from, change_of, location_of
from console.incidents.locating import locate_reports
from console.incidents.queries import forces_on
from console.incidents.register import (
    Draw,
    Row,
    find_existing,
    insert_rows,
    link_duplicates,
    local_day,
    new_codes,
    row_of,
)
from console.incidents.repeats import lock_changed, note_repeats, repeats_of
from console.incidents.rules import (
    TAKEN,
    Refusal,
    Registration,
    Report,
    is_shown_live,
)
from console.incidents.tables import Incident
from console.incidents.terms import Duplicates, IncidentTerms
from console.incidents.timeline import Entry, insert_timeline_rows, note, timeline_row
from geo.versions import Expected, require_current
from layers.divisions.queries import Located
from layers.hotspots.actions import count_incidents, rebuild
from layers.hotspots.rules import CountedIncident

Codes = Callable[..., list[str]]
"""Draws `count` different case codes."""
CLOSED_BY_IMPORT = "import"
"""Reason of a closing that no record tells: the import closed the incident because of its age."""
CODE_DRAWS = 3
"""Forty random bits collide about once in a million registrations a day; new codes are drawn then."""


async def register_many(
    session: AsyncSession,
    reports: Sequence[Report],
    *,
    terms: IncidentTerms,
    zone: ZoneInfo,
    actor: Actor,
    now: datetime,
    draw: Draw = token_bytes,
    link: bool = True,
) -> list[Registration | Refusal]:
    """Register reports as incidents and return an outcome for each, in order.

    A report with a known source and number returns the existing incident, and what differs from it. A thousand reports
    take a few statements. Likely duplicates are linked, unless `link` is false.
    All are registered or, if the caller's transaction fails, none.
    """
    places = await locate_reports(session, reports, zone=zone, scope=actor.scope, now=now)
    rows = {
        i: row_of(report, place, terms=terms, now=now)
        for i, (report, place) in enumerate(zip(reports, places, strict=True))
        if isinstance(place, Located)
    }
    outcomes: dict[int, Registration | Refusal] = {
        i: place for i, place in enumerate(places) if isinstance(place, Refusal)
    }
    codes = partial(new_codes, terms.case_code, day=local_day(now, zone), draw=draw)
    outcomes |= await insert_or_find(session, rows, codes=codes)
    repeats = repeats_of(outcomes, reports)
    changed = await lock_changed(session, list(repeats.values()))
    fresh = [
        rows[i] | {"id": outcome.incident_id}
        for i, outcome in outcomes.items()
        if isinstance(outcome, Registration) and outcome.created
    ]
    if fresh:
        await _record_new(session, fresh, limits=terms.duplicates if link else None, actor=actor, now=now)
    outcomes |= await note_repeats(session, repeats, changed, actor=actor, now=now)
    return [outcomes[i] for i in range(len(reports))]


async def echo_of(
    session: AsyncSession, report: Report, standing: Incident, *, terms: IncidentTerms, zone: ZoneInfo, actor: Actor
) -> dict[str, Any]:
    """Build the body of an existing incident from a repeated report, after `register_many` has returned the incident.

    For callers who may report but not read. Of the incident itself, which others may have reported or edited, it has
    only the id, the case code and the times of registration and, where the report has none, of occurrence.
    """
    now = standing.registered_at
    [place] = await locate_reports(session, [report], zone=zone, scope=actor.scope, now=now)
    assert isinstance(place, Located), "A report outside all divisions is refused before."
    row = row_of(report, place, terms=terms, now=now)
    row |= {"id": standing.id, "case_code": standing.case_code}
    if not report.given & {"occurred_at", "closed_at"}:
        row["occurred_at"] = standing.occurred_at  # The source left it to the moment of its first report.
    return body_from(row, lon_lat=report.point)


async def recount(session: AsyncSession, *, on_progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Rebuild the hotspot counts from all incidents and return the number of rows. Needs the reach of the root.

    For incidents inserted without `register_many`, or doubtful counts.
    """
    lon, lat = func.ST_X(Incident.geom).label("lon"), func.ST_Y(Incident.geom).label("lat")
    seen = select(Incident.division_path, lon, lat, Incident.category, Incident.occurred_at)
    placed = Incident.geom.is_not(None) & Incident.merged_into_id.is_(None)
    total = await session.scalar(select(func.count()).select_from(Incident).where(placed)) or 0
    return await rebuild(session, seen.where(placed), on_progress=lambda done: on_progress(done, total))


async def close(
    session: AsyncSession, incident: Incident, *, note: str, expected: Expected, actor: Actor, now: datetime
) -> None:
    """Close an incident at the desk. Lock it before.

    Raises `Stale`, `Forbidden`, or `IllegalStep` while a force has an active task at it.
    """
    require_current(incident.version, expected)
    occupied = bool(await forces_on(session, incident.id))
    stage = apply_move(ORDINARY, "close", at=incident.status, occupied=occupied, actor=actor)
    data = {"note": note} if note else {}
    await advance(session, incident, stage, entry=Entry("closed", actor_id=actor.user_id, data=data), now=now)


async def advance(
    session: AsyncSession,
    incident: Incident,
    stage: str,
    *,
    entry: Entry,
    now: datetime,
    sent: frozenset[int] = frozenset(),
    left: frozenset[int] = frozenset(),
    closing: Mapping[str, Any] | None = None,
) -> None:
    """Set the stage of an incident, perhaps the same, with a timeline entry and an event. Lock it before.

    The forces `sent` to it see it in any division, those that `left` no longer. Closing adds an entry of its own, with
    the data `closing`.
    """
    ends = stage in ORDINARY.ends and stage != incident.status
    incident.status = stage
    if ends:
        incident.closed_at = now
    await record_change(session, incident, entry, sent=sent, left=left, now=now)
    await update_first_response_deadline(session, incident, now=now)
    if ends and entry.kind != "closed":
        closed = Entry("closed", actor_id=entry.actor_id, force_id=entry.force_id, data=closing or {})
        await note(session, incident, closed, now=now)


async def record_change(
    session: AsyncSession,
    incident: Incident,
    entry: Entry,
    *,
    sent: frozenset[int],
    left: frozenset[int] = frozenset(),
    left_path: str | None = None,
    now: datetime,
) -> None:
    """Raise the incident's version, write the entry, and append the event of the new state if screens show it."""
    incident.version += 1
    await session.flush()
    await note(session, incident, entry, now=now)
    if is_shown_live(incident.closed_at, now=now):
        await append(session, [change_of(incident, sent=sent, left=left, left_path=left_path)], now=now)


async def insert_or_find(
    session: AsyncSession, rows: Mapping[int, Row], *, codes: Codes
) -> dict[int, Registration | Refusal]:
    """Insert new rows and find existing ones. A row that is neither has drawn a used code, and draws again."""
    outcomes: dict[int, Registration | Refusal] = {}
    for _ in range(CODE_DRAWS):
        left = {i: row for i, row in rows.items() if i not in outcomes}
        if not left:
            break
        for row, code in zip(left.values(), codes(count=len(left)), strict=True):
            row["case_code"] = code
        added = await insert_rows(session, list(left.values()))
        existing = await find_existing(session, [row for row in left.values() if row["case_code"] not in added])
        for i, row in left.items():
            drawn, key = row["case_code"], (row["source"], row["external_no"])
            if drawn in added:
                outcomes[i] = Registration(added[drawn], drawn, created=True)
            elif key in existing:
                outcomes[i] = Registration(*existing[key], created=False)
    return outcomes | {i: TAKEN for i in rows if i not in outcomes}


async def _record_new(
    session: AsyncSession, rows: list[Row], *, limits: Duplicates | None, actor: Actor, now: datetime
) -> None:
    """Link duplicates of new incidents, and write their timelines, deadlines, hotspot counts and events."""
    is_open = [row["id"] for row in rows if row["closed_at"] is None]
    linked = await link_duplicates(session, is_open, limits=limits) if limits else {}
    for row in rows:
        if row["id"] in linked:
            row["duplicate_of_id"] = linked[row["id"]][0]
    lines = [line for row in rows for line in _first_timeline_rows(row, linked.get(row["id"]), actor=actor, now=now)]
    await insert_timeline_rows(session, lines)
    await set_first_response_deadlines(session, rows)
    await count_incidents(session, [seen for row in rows if (seen := counted_row(row))])
    shown = [row for row in rows if is_shown_live(row["closed_at"], now=now)]
    changes = [change_from(body_from(row, lon_lat=row["point"])) for row in shown]
    await append(session, changes, now=now)


def counted_row(row: Row) -> CountedIncident | None:
    """Return a new incident as hotspots count it; None while it waits for a place."""
    if row["point"] is None:
        return None
    lon, lat = row["point"]
    return CountedIncident(row["division_path"], lon, lat, row["category"], row["occurred_at"])


def _first_timeline_rows(
    row: Row, original: tuple[int, str] | None, *, actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Build the first timeline rows of an incident, and the row that a duplicate adds to its original."""
    who, path = actor.user_id, row["division_path"]
    data = {"source": row["source"], "category": row["category"], "risk": row["risk"]}
    lines = [timeline_row(row["id"], Entry("registered", actor_id=who, data=data), path=path, now=now)]
    if original:
        of = Entry("duplicate_linked", actor_id=who, data={"of": original[0]})
        by = Entry("duplicate_linked", actor_id=who, data={"by": row["id"]})
        lines += [
            timeline_row(row["id"], of, path=path, now=now),
            timeline_row(original[0], by, path=original[1], now=now),
        ]
    if row["closed_at"]:
        then = {"at": row["closed_at"].astimezone(UTC).isoformat()}
        if row["closing_assumed"]:
            then["reason"] = CLOSED_BY_IMPORT
        lines.append(timeline_row(row["id"], Entry("closed", actor_id=who, data=then), path=path, now=now))
    return lines


def counted(incident: Incident) -> CountedIncident | None:
    """Return an incident as hotspots count it; None while it waits for a place, or is merged into another one."""
    point = location_of(incident)
    if point is None or incident.merged_into_id is not None:
        return None
    return CountedIncident(incident.division_path, *point, incident.category, incident.occurred_at)
