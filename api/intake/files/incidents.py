"""Import past incidents from files."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.files.jobs import ImportJob, ImportOutcome
from api.intake.files.reference import counted, county_outline, require_valid, vocabulary_of
from api.intake.reports import SessionSink
from api.place.pack import Pack
from console.access.rules import Actor
from ingest.files.checking import check_incidents, with_problems
from ingest.files.problems import Problem
from ingest.reports.observation import Refused

INCIDENTS_AT_ONCE = 1000
KEEPER = "import"


async def import_incidents(session: AsyncSession, pack: Pack, job: ImportJob) -> ImportOutcome:
    """Register past incidents like any report; known ones stay unchanged."""
    county = await county_outline(session, pack, job.day)
    found = check_incidents(job.table, job.options, county=county, vocabulary=vocabulary_of(pack), now=job.now)
    checked = require_valid(found, skip_bad=job.skip_bad)
    actor = Actor(user_id=0, username=KEEPER, role="source", scope=pack.root.code)
    sink = SessionSink(session, pack=pack, actor=actor, now=job.now)
    created, problems = 0, []
    for start in range(0, len(checked.rows), INCIDENTS_AT_ONCE):
        some = checked.rows[start : start + INCIDENTS_AT_ONCE]
        for row, outcome in zip(some, await sink.accept([row.observation for row in some]), strict=True):
            if isinstance(outcome, Refused):
                problems += [Problem(f"incident.{f.code}", row=row.row, field=f.field) for f in outcome.errors]
            else:
                created += outcome.created
    checked = require_valid(with_problems(checked, problems), skip_bad=job.skip_bad)
    rows = len(checked.rows)
    counts = counted({"rows": rows, "added": created, "unchanged": rows - created}, checked.problems)
    return ImportOutcome(counts=counts, notes=checked.notes, rejected=checked.problems)
