"""Commands about incidents: a report from where one stands."""

from pydantic import ValidationError

from api.intake.commands.kinds import CommandKind, Effect, Ground
from api.intake.reports import NOT_OWN, SessionSink
from console.access.rules import Permission, SourceForeign
from console.commands.rules import CommandInvalid
from ingest.commands.lines import ReportLine
from ingest.reports.batch import accept_report
from ingest.reports.fields import Report
from ingest.reports.observation import FieldError, Refused
from ingest.reports.report import field_errors

COPIED = ("category", "title", "description", "address", "risk", "lon", "lat")


async def _report(ground: Ground, line: ReportLine) -> Effect:
    actor = ground.actor
    if not actor.may(Permission.ANSWER_OWN_TASKS):
        actor.require(Permission.REPORT_INCIDENTS)
    own = actor.reports_as(desks=ground.pack.reports.desks)
    source = line.source or min(own, default="")
    report = _as_report(line, source, ground)
    sink = SessionSink(ground.session, pack=ground.pack, actor=actor, now=ground.now)
    outcome = await accept_report(report, sink, known=ground.pack.known, now=ground.now)
    if outcome == NOT_OWN:
        raise SourceForeign(source=source, own=sorted(own))
    if isinstance(outcome, Refused):
        raise CommandInvalid(errors=_listed(outcome.errors))
    return Effect(incident=outcome.id, case_code=outcome.case_code)


def _as_report(line: ReportLine, source: str, ground: Ground) -> Report:
    copied = {name: getattr(line, name) for name in COPIED}
    try:
        return Report(**copied, source=source, external_no=str(line.id), occurred_at=ground.given.at)
    except ValidationError as error:
        raise CommandInvalid(errors=_listed(field_errors(error.errors()))) from error


def _listed(errors: tuple[FieldError, ...]) -> list[dict[str, str]]:
    return [{"field": error.field, "code": error.code} for error in errors]


KINDS = (CommandKind("report", ReportLine, _report),)
