"""Endpoints for reports, one by one or as a batch."""

import asyncio
from collections import Counter
from functools import partial
from typing import Literal

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.params import Depends

from api.http.body_limits import BATCH_BYTES, REPORT_BYTES
from api.http.errors import Invalid, TooLarge, problem, status_of
from api.http.etags import etag_of
from api.http.idempotency import REPEATED, Claim, claim_of, once
from api.http.public_address import prefix_of
from api.http.transactions import (
    CurrentActor,
    CurrentServices,
    CurrentSession,
    SignedInRoute,
    TransactionRoute,
    allowed,
)
from api.http.wire.incidents import BatchOut, IncidentIn, IncidentOut, LineErrorOut, LineOut
from api.intake.reports import NOT_OWN, CommittingSink, SessionSink
from api.metrics import REPORTS
from api.services import Services
from console.access.rules import Actor, Permission, SourceForeign
from console.incidents.events import body_of
from console.incidents.queries import get_reported_incident
from geo.errors import ErrorKind, MaplebridgeError
from geo.store import retry_deadlocks
from ingest.reports.batch import MOST_LINES, LineOutcome, accept_batch, accept_report, has_too_many_lines
from ingest.reports.fields import Observation
from ingest.reports.observation import Accepted, Refused, Sink
from ingest.reports.report import MOST_ERRORS, observe

MAY_REPORT: Depends = allowed(Permission.REPORT_INCIDENTS)

REPORTS_BODY = {
    "required": True,
    "description": "A JSON array of reports, or NDJSON: one report a line. Blank lines are skipped.",
    "content": {
        name: {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/IncidentIn"}}}
        for name in ("application/json", "application/x-ndjson")
    },
}

MOST_LISTED = 20_000
"""A batch lists so many errors; after that each line tells its first."""

router = APIRouter(route_class=TransactionRoute, tags=["reports"], dependencies=[MAY_REPORT])
batches = APIRouter(route_class=SignedInRoute, tags=["reports"], dependencies=[MAY_REPORT])


class ReportDiffers(MaplebridgeError):
    """The number is known with other content, which is noted in the timeline. `params`: `id`, `case_code`, `fields`."""

    code = "incident.differs"
    kind = ErrorKind.CONFLICT


@router.post("/api/incidents", status_code=201, response_model=IncidentOut, max_body_size=REPORT_BYTES)
async def report(
    body: IncidentIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    request: Request,
    response: Response,
) -> IncidentOut | Response:
    """Report one incident. A repeated `source` and `external_no` get the existing incident.

    403 `source.not_own` for a source that is not the account's. 409 `incident.differs` if the same number came before
    with other content: the incident stays as it is, its timeline and the hall show what came, and nothing needs to be
    sent again.

    A user who may not read incidents gets their own report, with the existing id and case code.
    422 names the invalid fields: outside the county (`outside`), longitude and latitude exchanged (`swapped`),
    an unknown category, a time in the future, and the like.
    """
    now = services.now()
    known = services.pack.known
    sink = SessionSink(session, pack=services.pack, actor=actor, now=now)
    outcome = await accept_report(body, sink, known=known, now=now)
    REPORTS.labels("single", _status(outcome)).inc()
    if outcome == NOT_OWN:
        raise SourceForeign(source=body.source, own=sorted(actor.reports_as(desks=services.pack.reports.desks)))
    if isinstance(outcome, Refused):
        raise Invalid(errors=[{"field": error.field, "code": error.code} for error in outcome.errors])
    if outcome.differs:
        # An answer, no exception: the transaction keeps what was noted.
        differs = ReportDiffers(id=outcome.id, case_code=outcome.case_code, fields=list(outcome.differs))
        return problem(request, status=status_of(differs), code=differs.code, params=differs.params)
    incident = await get_reported_incident(session, outcome.id)
    if actor.may(Permission.READ_INCIDENTS):
        shown = IncidentOut(**body_of(incident))
    elif outcome.created:
        # Whether another incident is near would be told to anybody who reports.
        shown = IncidentOut(**body_of(incident) | {"duplicate_of": None})
    else:
        seen = observe(body, known, now=now)
        assert isinstance(seen, Observation), "An accepted report is valid."
        shown = IncidentOut(**await sink.echo(seen, incident))
    response.headers["Location"] = f"{prefix_of(request)}/api/incidents/{shown.id}"
    response.headers["ETag"] = etag_of(shown.version)
    if not outcome.created:
        response.headers[REPEATED] = "true"
    return shown


@batches.post(
    "/api/incidents/batch",
    response_model=BatchOut,
    openapi_extra={"requestBody": REPORTS_BODY},
    max_body_size=BATCH_BYTES,
)
async def report_batch(request: Request, actor: CurrentActor, services: CurrentServices) -> Response:
    """Report many incidents, as a JSON array or NDJSON. Valid lines are stored, invalid ones are refused with errors.

    A thousand lines at a time are stored completely or not at all; after a failure the batch can be sent again, since
    reports with `external_no` are then `existing`. With an `Idempotency-Key` the whole batch is one transaction.
    """
    claim = await claim_of(request, actor)
    if claim is None:
        sink = CommittingSink(services.store, pack=services.pack, actor=actor, now=services.now)
        return await _batch(request, sink, services)
    return await retry_deadlocks(partial(_whole_batch, request, claim, actor, services))


async def _whole_batch(request: Request, claim: Claim, actor: Actor, services: Services) -> Response:
    async with services.store.transaction(actor.reach) as session:
        sink = SessionSink(session, pack=services.pack, actor=actor, now=services.now())
        return await once(session, claim, partial(_batch, request, sink, services), now=services.now())


async def _batch(request: Request, sink: Sink, services: Services) -> Response:
    body = await asyncio.to_thread(lines_of, await request.body())
    if has_too_many_lines(body):
        raise TooLarge(lines=MOST_LINES)
    taken = accept_batch(body, sink, known=services.pack.known, now=services.now())
    items: list[LineOut] = []
    listed = 0
    async for answers in taken:
        items += [_line(answer, most=MOST_ERRORS if listed < MOST_LISTED else 1) for answer in answers]
        listed += sum(len(item.errors or ()) for item in items[-len(answers) :])
    counts = Counter[str](item.status for item in items)
    differing = sum(bool(item.differs) for item in items)
    for status, n in counts.items():
        REPORTS.labels("batch", status).inc(n)
    request.state.tally = (counts["created"] + counts["existing"], counts["refused"])
    sums = {status: counts[status] for status in ("created", "existing", "refused")}
    return Response(BatchOut(items=items, differing=differing, **sums).model_dump_json(), media_type="application/json")


def lines_of(body: bytes) -> bytes:
    """Return a JSON array as NDJSON, and everything else as it is: a first line in brackets costs the others nothing.

    Generated clients know arrays only. Raises `TooLarge`.
    """
    if body.lstrip()[:1] != b"[":
        return body
    try:
        reports = orjson.loads(body)
        if len(reports) > MOST_LINES:
            raise TooLarge(lines=MOST_LINES)
        return b"\n".join(orjson.dumps(report) for report in reports)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return body


def _line(answer: LineOutcome, *, most: int) -> LineOut:
    outcome = answer.outcome
    if isinstance(outcome, Refused):
        errors = [LineErrorOut(field=error.field, code=error.code) for error in outcome.errors[:most]]
        return LineOut(line=answer.line, status="refused", errors=errors)
    differs = list(outcome.differs) or None
    return LineOut(
        line=answer.line, status=_status(outcome), id=outcome.id, case_code=outcome.case_code, differs=differs
    )


def _status(outcome: Accepted | Refused) -> Literal["created", "existing", "refused"]:
    if isinstance(outcome, Refused):
        return "refused"
    return "created" if outcome.created else "existing"
