"""Statements that insert many incidents at once, and their rows. See `actions.register_many`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from console.flow.terms import CLOSED, REGISTERED
from console.incidents.codes import RANDOM_BYTES, case_code
from console.incidents.rules import REPORTED_FIELDS, Report
from console.incidents.tables import Incident
from console.incidents.terms import CaseCode, Duplicates, IncidentTerms
from geo.cells import cell_of
from geo.store import BulkInsert, point_text
from layers.divisions.queries import Located

INSERT = BulkInsert(Incident, then="ON CONFLICT DO NOTHING RETURNING id, case_code")

Draw = Callable[[int], bytes]
"""Returns this many random bytes."""

Row = dict[str, Any]
"""An incident's columns by name, and its `point` (longitude and latitude, or None)."""

_LINK = text(
    """
    WITH fresh AS MATERIALIZED (
        SELECT id, category, occurred_at, geom,
            ST_Expand(geom, :metres / (110000 * cos(radians(ST_Y(geom))) + 1), :metres / 110000) AS box
        FROM incidents WHERE id = ANY(CAST(:ids AS bigint[]))
    ), pair AS MATERIALIZED (
        SELECT fresh.id AS fresh_id, original.id AS original_id, original.division_path::text AS path
        FROM fresh CROSS JOIN LATERAL (
            SELECT id, division_path FROM (
                SELECT id, division_path, geom FROM incidents AS o
                WHERE o.geom && fresh.box AND o.closed_at IS NULL AND o.duplicate_of_id IS NULL AND o.id < fresh.id
                    AND o.category = fresh.category
                    AND o.occurred_at - fresh.occurred_at
                        BETWEEN -CAST(:recent AS interval) AND CAST(:recent AS interval)
                OFFSET 0
            ) AS near
            WHERE ST_DWithin(near.geom::geography, fresh.geom::geography, :metres)
            ORDER BY id LIMIT 1
        ) AS original
    )
    UPDATE incidents SET duplicate_of_id = pair.original_id
    FROM pair WHERE incidents.id = pair.fresh_id
    RETURNING pair.fresh_id, pair.original_id, pair.path
    """
)
"""Only an incident that is not a duplicate can be an original: a hundred calls about one fire make one cluster, and
each call is compared with the first, not with all others. The boxes are computed first: row-level security keeps
expressions that might leak, such as computing a box, out of index conditions. Distances come after OFFSET 0 and times
are subtracted: otherwise the planner, to avoid a few distances, reads whole days and divisions from other indexes."""


def row_of(report: Report, place: Located, *, terms: IncidentTerms, now: datetime) -> Row:
    """Build the columns of a new incident, without those set later: its case code and generated columns."""
    grade = terms.grade(report.category, report.risk)
    return {
        **{name: getattr(report, name) for name in REPORTED_FIELDS},
        "case_code": "",
        "risk": grade.code,
        "level": grade.level,
        "status": REGISTERED if report.closed_at is None else CLOSED,
        "point": report.point,
        "geom": report.point and point_text(*report.point),
        "raw_x": report.raw_x,
        "raw_y": report.raw_y,
        "datum": report.datum,
        "cell": report.point and cell_of(*report.point),
        "grid_code": place.codes.get("grid"),
        "village_code": place.codes.get("village"),
        "division_path": place.path,
        "occurred_at": report.occurred_at.astimezone(UTC),
        "registered_at": now,
        "first_due_at": now + grade.answer_within,
        "closed_at": report.closed_at and report.closed_at.astimezone(UTC),
        "closing_assumed": report.closing_assumed,
        "reported_digest": report.digest,
        "differs_at": None,
        "duplicate_of_id": None,
        "merged_into_id": None,
        "package": None,
        "version": 1,
    }


def new_codes(terms: CaseCode, *, day: date, draw: Draw, count: int) -> list[str]:
    """Draw `count` different case codes: of two reports with one code the second would be taken for the first."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes[case_code(terms.prefix, day, draw(RANDOM_BYTES))] = None
    return list(codes)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


async def insert_rows(session: AsyncSession, rows: Sequence[Row]) -> dict[str, int]:
    """Insert new rows and return their ids by case code.

    Rows are inserted in order of source and number, so that two transactions with the same rows cannot deadlock.
    """
    ordered = sorted(rows, key=lambda row: (row["source"], row["external_no"] or ""))
    return {row.case_code: row.id for row in await INSERT.run(session, ordered)}


async def find_existing(session: AsyncSession, rows: Sequence[Row]) -> dict[tuple[str, str], tuple[int, str]]:
    """Return id and case code of existing incidents, by source and number. See `repeats` for their content."""
    keys = [(row["source"], row["external_no"]) for row in rows if row["external_no"] is not None]
    if not keys:
        return {}
    wanted = select(Incident.source, Incident.external_no, Incident.id, Incident.case_code)
    found = await session.execute(wanted.where(tuple_(Incident.source, Incident.external_no).in_(keys)))
    return {(source, str(number)): (incident_id, code) for source, number, incident_id, code in found}


async def link_duplicates(
    session: AsyncSession, ids: Sequence[int], *, limits: Duplicates
) -> Mapping[int, tuple[int, str]]:
    """Link each of these open incidents to an open original of its category that is near and recent.

    Returns the original's id and division path by linked incident.
    """
    near = {"recent": limits.recent, "metres": limits.metres, "ids": list(ids)}
    linked = await session.execute(_LINK, near)
    return {fresh: (original, path) for fresh, original, path in linked}
