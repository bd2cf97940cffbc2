"""The printable report of an incident over HTTP."""

import asyncio
from functools import partial
from typing import Any

import orjson
from fastapi import APIRouter, Response

from api.http.incident_report.assets import read_assets
from api.http.incident_report.reading import Reader, read_report
from api.http.incident_report.sheet import ReportTooDemanding
from api.http.language import Lang
from api.http.transactions import READ_SECONDS, CurrentActor, CurrentServices, SignedInRoute, allowed
from api.http.wire.shapes import Id
from api.services import Services
from console.access.rules import Actor, Permission
from console.incidents.queries import get_visible_incident
from layers.exports.apart import run_apart

router = APIRouter(route_class=SignedInRoute, tags=["incidents"], dependencies=[allowed(Permission.READ_INCIDENTS)])

DRAWING = "api.http.incident_report.rendering"
PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/api/incidents/{incident_id}/report.pdf", response_class=Response, responses=PDF)
async def read_incident_report(
    incident_id: Id, actor: CurrentActor, services: CurrentServices, lang: Lang = "zh"
) -> Response:
    """Print an incident: what, where with a small map, who was sent when, and its record, as the caller may see it.

    An account makes one at a time: 429 `reads.too_many` if more than a few wait.
    """
    turn = services.costly_reads.turn(actor.user_id)
    key = (actor.user_id, incident_id, lang)
    file = await services.incident_reports.ask(key, partial(_file, services, actor, incident_id, lang), turn=turn)
    headers = {
        "Content-Disposition": f'inline; filename="maplebridge-{incident_id}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(file, media_type="application/pdf", headers=headers)


async def _file(services: Services, actor: Actor, incident_id: int, lang: Lang) -> bytes:
    """Read the report, then draw it without a connection, and in a process of its own: cutting the font and drawing are
    Python alone, and every request waited for them.
    """
    async with services.store.transaction(actor.reach, statement_seconds=READ_SECONDS) as session:
        incident = await get_visible_incident(session, actor, incident_id)
        assets = await asyncio.to_thread(read_assets, services.settings.static_dir)
        reader = Reader(actor, lang, assets.words[lang], services.pack, services.now(), services.today())
        sheet = await read_report(session, incident, reader)
    _, file = await run_apart(DRAWING, orjson.dumps((sheet, assets.font), default=str), refusal=ReportTooDemanding)
    return file
