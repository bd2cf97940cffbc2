"""Plans as files, over HTTP: a draft goes out to other programs, and comes back as operations."""

import asyncio
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from api.http.body_limits import BATCH_BYTES
from api.http.etags import ExpectedVersion, etag_of
from api.http.idempotency import claim_of, once
from api.http.language import Lang
from api.http.plan_sheet.reading import sheet_of
from api.http.plan_tallies import tally_of
from api.http.transactions import READ_SECONDS, CurrentActor, CurrentServices, SignedInRoute
from api.http.uploads import UPLOAD, upload_of
from api.http.wire.plan_files import ImportedOut
from api.http.wire.shapes import Id
from api.intake.edited_lines import ReadFile, read_edited
from api.intake.sent_files import SentFile
from api.services import Services
from console.access.rules import Actor
from console.planning.actions import add_operation, lock_for_edit
from console.planning.drafts import Draft
from console.planning.exporting import Extent, PlanFormat, write_lines
from console.planning.importing import EditedFile, Imported, difference_of, imported
from console.planning.queries import get_visible_plan
from console.planning.rules import may_edit
from console.planning.tables import Plan
from geo.datum import Datum
from geo.versions import Expected, require_current

router = APIRouter(route_class=SignedInRoute, tags=["plans"])

FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {one.media_type: {"schema": {"type": "string", "format": "binary"}} for one in PlanFormat},
    }
}
WIDEST_REPAIR_M = 50.0
"""Beyond, two borders are not one border drawn twice."""
Repair = Annotated[
    float | None,
    Query(ge=0, le=WIDEST_REPAIR_M, description="Mend gaps, overlaps and noise up to so many metres wide."),
]


@router.get("/api/plans/{plan_id}/export", response_class=FileResponse, responses=FILE)
async def read_file(
    plan_id: Id,
    actor: CurrentActor,
    services: CurrentServices,
    format_: Annotated[PlanFormat, Query(alias="format")] = PlanFormat.GPKG,
    datum: Datum = Datum.WGS84,
    levels: Annotated[
        Extent, Query(description="Only the finest divisions, which others are made of, or those of all levels.")
    ] = Extent.FINEST,
    lang: Annotated[Lang, Query(description="Of the map sheet.")] = "zh",
) -> FileResponse:
    """Export the lines of a draft as a file, or as a map sheet for printing (`pdf`).

    An account makes one file at a time: 429 `reads.too_many` if more than a few wait.
    """
    async with services.store.transaction(actor.reach, statement_seconds=READ_SECONDS) as session:
        plan = await get_visible_plan(session, actor, plan_id)
        draft = await services.drafts.draft_of(session, plan)
    name = f"plan-{plan.id}-v{plan.version}{'' if datum is Datum.WGS84 else f'-{datum.value}'}{format_.suffix}"
    with ExitStack() as stack:
        target = Path(stack.enter_context(TemporaryDirectory(prefix="maplebridge-"))) / name
        async with services.costly_reads.turn(actor.user_id):
            if format_ is PlanFormat.PDF:
                await sheet_of(services, actor, plan, draft, lang=lang, target=target)
            else:
                await write_lines(draft, target, kind=format_, datum=datum, extent=levels)
        sent = stack.pop_all()
    return FileResponse(
        target,
        media_type=format_.media_type,
        filename=name,
        headers={"Cache-Control": "private, no-store", "ETag": etag_of(plan.version)},
        background=BackgroundTask(sent.close),
    )


@router.post("/api/plans/{plan_id}/import", response_model=ImportedOut, openapi_extra=UPLOAD, max_body_size=BATCH_BYTES)
async def take_file(
    plan_id: Id,
    request: Request,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    repair: Repair = None,
    datum: Datum = Datum.WGS84,
    crs: Annotated[
        str | None, Query(pattern=r"^EPSG:\d{4,6}$", description="Of a file that declares none or a wrong one.")
    ] = None,
    layer: Annotated[str | None, Query(max_length=200, description="Where the file has several.")] = None,
    swap_xy: Annotated[bool, Query(description="The file has latitude, or northing, first.")] = False,
    preview: Annotated[bool, Query(description="Answer only; nothing is kept.")] = False,
) -> Response:
    """Import a file of lines into a draft: what differs becomes operations, all of them or none.

    GeoPackage, GeoJSON, Shapefile, KML, FlatGeobuf and others, also in a zip; shapes with the draft's codes, or new
    ones without. Up to 2 cm are noise; `repair` says how many metres may be mended. Refused whole with 422 `plan.…`:
    `params.problems` numbers what is wrong, each with its place.
    """
    plan, draft = await _plan_to_edit(services, actor, plan_id, expected)
    claim = await claim_of(request, actor)
    sent = await upload_of(request)
    said = SentFile(sent.name, sent.content, datum=datum, crs=crs, layer=layer, swap_xy=swap_xy)
    async with services.costly_reads.turn(actor.user_id):
        read = await asyncio.to_thread(read_edited, said)
        found = await difference_of(draft.coverage, EditedFile(read.rows, datum, repair))
    async with services.store.transaction(actor.reach) as session:
        before = await tally_of(session, actor, services, draft)
    done = await imported(services.tallies, draft, found, before)
    if preview:
        return _answer(plan, done, read, kept=False)
    keep = partial(_keep, services, actor, plan, done, read)
    async with services.store.transaction(actor.reach) as session:
        if claim is None:
            return await keep(session)
        return await once(session, claim, partial(keep, session), now=services.now())


async def _plan_to_edit(services: Services, actor: Actor, plan_id: int, expected: Expected) -> tuple[Plan, Draft]:
    async with services.store.transaction(actor.reach, statement_seconds=READ_SECONDS) as session:
        plan = await get_visible_plan(session, actor, plan_id)
        may_edit(actor, plan.state)
        require_current(plan.version, expected)
        return plan, await services.drafts.draft_of(session, plan)


async def _keep(
    services: Services, actor: Actor, compared: Plan, done: Imported, read: ReadFile, session: AsyncSession
) -> Response:
    """Keep the operations, if the plan is still the one that the file was compared with."""
    plan = await lock_for_edit(session, actor, compared.id, expected=compared.version)
    for step in done.steps:
        await add_operation(session, actor, plan, step.operation, now=services.now())
    if done.steps:
        services.drafts.keep(plan, done.outcome.draft)
    return _answer(plan, done, read, kept=bool(done.steps))


def _answer(plan: Plan, done: Imported, read: ReadFile, *, kept: bool) -> Response:
    body = ImportedOut.told(done, version=plan.version, kept=kept, notes=read.notes)
    return Response(body.model_dump_json(), media_type="application/json", headers={"ETag": etag_of(plan.version)})
