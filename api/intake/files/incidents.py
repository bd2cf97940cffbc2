"""Import past incidents from files."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome, OpenRows
from api.intake.files.reference import counted, county_outline, require_valid, vocabulary_of
from api.intake.import_log import find_import
from api.intake.reports import SessionSink
from api.place.pack import Pack
from console.access.rules import Actor
from console.incidents.rules import assumed_closing, is_history, is_shown_live
from console.incidents.terms import IncidentTerms
from ingest.files.checked_rows import IncidentRow
from ingest.files.checking import check_incidents, with_problems
from ingest.files.problems import Problem, refuse
from ingest.reports.observation import Outcome, Refused

INCIDENTS_AT_ONCE = 1000
KEEPER = "import"
ROWS_NAMED = 10


async def import_incidents(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Register past incidents; known ones stay unchanged, and their timelines note what differs.

    Those that screens show are registered like any report, in the feed; history beside it.
    """
    county = await county_outline(session, pack, job.day)
    found = check_incidents(
        job.table,
        job.options,
        county=county,
        vocabulary=vocabulary_of(pack),
        now=job.now,
        on_rows=job.checked,
    )
    checked = require_valid(found, skip_bad=job.skip_bad)
    await _check_not_stored(session, pack, job, checked.rows)
    rows = [close_history(row, job, terms=pack.incidents) for row in checked.rows]
    taken = await _register(session, pack, job, rows)
    problems = [problem for row, outcome in taken for problem in _problems(row, outcome)]
    checked = require_valid(with_problems(checked, problems), skip_bad=job.skip_bad)
    added = [row for row, outcome in taken if not isinstance(outcome, Refused) and outcome.created]
    closed = sum(row.observation.closing_assumed for row in added)
    counts = {"rows": len(checked.rows), "added": len(added), "unchanged": len(checked.rows) - len(added)}
    if closed:
        counts["closed"] = closed
    notes = [*checked.notes, *_notes(added, closed, job, terms=pack.incidents), *_differing(taken)]
    return ImportOutcome(counts=counted(counts, checked.problems), notes=notes, rejected=checked.problems)


async def _check_not_stored(session: AsyncSession, pack: Pack, job: ImportJob, rows: Sequence[IncidentRow]) -> None:
    """Raise FileRefused if the same file was stored before and has incidents without a number: nothing recognises
    them, and an incident is never deleted.
    """
    unnumbered = sum(row.observation.external_no is None for row in rows)
    if job.again or not unnumbered or not job.origin.digest:
        return
    if before := await find_import(session, kind=job.kind, digest=job.origin.digest):
        day = before.at.astimezone(pack.zone).date().isoformat()
        raise refuse("incidents.stored_before", day=day, count=unnumbered)


def close_history(row: IncidentRow, job: ImportJob, *, terms: IncidentTerms) -> IncidentRow:
    """Close an incident without a closing time if it is history, or all are to be closed."""
    seen, after = row.observation, terms.history_after
    if seen.closed_at is not None or job.open_rows is OpenRows.KEEP:
        return row
    if job.open_rows is OpenRows.BY_AGE and not is_history(seen.occurred_at, now=job.now, after=after):
        return row
    closed_at = assumed_closing(seen.occurred_at, now=job.now, after=after)
    return IncidentRow(row=row.row, observation=replace(seen, closed_at=closed_at, closing_assumed=True))


async def _register(
    session: AsyncSession, pack: Pack, job: ImportJob, rows: Sequence[IncidentRow]
) -> list[tuple[IncidentRow, Outcome]]:
    # The import is an administrator's act: it may bring records of any source.
    actor = Actor(user_id=0, username=KEEPER, role="source", scope=pack.root.code, sources=pack.reports.codes)
    sink = SessionSink(session, pack=pack, actor=actor, now=job.now)
    live = [row for row in rows if is_shown_live(row.observation.closed_at, now=job.now)]
    past = [row for row in rows if not is_shown_live(row.observation.closed_at, now=job.now)]
    outcomes = await sink.accept_history(
        [row.observation for row in past], on_progress=lambda done: job.on_progress("store", done, len(rows))
    )
    for start in range(0, len(live), INCIDENTS_AT_ONCE):
        outcomes += await sink.accept([row.observation for row in live[start : start + INCIDENTS_AT_ONCE]])
        job.on_progress("store", len(outcomes), len(rows))
    return sorted(zip([*past, *live], outcomes, strict=True), key=lambda taken: taken[0].row)


def _problems(row: IncidentRow, outcome: Outcome) -> list[Problem]:
    errors = outcome.errors if isinstance(outcome, Refused) else ()
    return [Problem(f"incident.{error.code}", row=row.row, field=error.field) for error in errors]


def _notes(added: Sequence[IncidentRow], closed: int, job: ImportJob, *, terms: IncidentTerms) -> list[dict[str, Any]]:
    """Tell how many the import has closed, or left open though they are history."""
    days = terms.history_after_days
    if closed:
        code = "incidents.closed_by_import" if job.open_rows is OpenRows.BY_AGE else "incidents.all_closed"
        return [{"code": code, "count": closed, "days": days}]
    old = [
        row
        for row in added
        if row.observation.closed_at is None
        and is_history(row.observation.occurred_at, now=job.now, after=terms.history_after)
    ]
    return [{"code": "incidents.kept_open", "count": len(old), "days": days}] if old else []


def _differing(taken: Sequence[tuple[IncidentRow, Outcome]]) -> list[dict[str, Any]]:
    """Return the note of rows whose number is known with other content."""
    rows = [row.row for row, outcome in taken if not isinstance(outcome, Refused) and outcome.differs]
    return [{"code": "incident.differs", "rows": len(rows), "numbers": rows[:ROWS_NAMED]}] if rows else []
