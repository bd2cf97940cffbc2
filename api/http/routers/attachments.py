"""Attachments over HTTP: photos, recordings and papers of incidents."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY

from api.http.body_limits import BATCH_BYTES
from api.http.errors import Invalid
from api.http.media_range import ranged
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, StreamedRoute, TransactionRoute
from api.http.uploads import FORM
from api.http.wire.attachments import AttachmentIn, AttachmentOut, AttachmentsOut
from api.http.wire.shapes import Id
from api.services import Services
from console.access.rules import Actor
from console.attachments.actions import add_attachment, check_target, earlier
from console.attachments.byte_store import digest_of
from console.attachments.queries import get_visible_attachment, list_attachments, list_awaited
from console.attachments.rules import StoredMedia, require_reader
from console.incidents.tables import Incident
from console.looks.actions import record_look
from console.looks.rules import Looked
from geo.errors import NotFound
from ingest.media.preparing import JPEG, Prepared, prepare
from ingest.media.types import MediaKind

router = APIRouter(route_class=TransactionRoute, prefix="/api", tags=["attachments"])
uploads = APIRouter(route_class=StreamedRoute, prefix="/api/attachments", tags=["attachments"])

FORM_BYTES = 16 * 1024
"""What a form has beside its file."""
FIELD_BYTES = 1024

LOCKED_DOWN = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}
ENDINGS = {"image/jpeg": "jpg", "audio/mpeg": "mp3", "application/pdf": "pdf"}
SHOWN_IN_PAGES = frozenset({"image/jpeg", "audio/mpeg"})
"""Written by the server itself; anything else is only downloaded."""

BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes.", "content": {kind: {} for kind in ENDINGS}},
    206: {"description": "The range of bytes that was asked for."},
}
SENT_AS_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["id", "kind", "origin", "file"],
                    "properties": {
                        **AttachmentIn.model_json_schema()["properties"],
                        "kind": {"type": "string", "enum": [kind.value for kind in MediaKind]},
                        "origin": {"type": "string", "enum": ["camera", "microphone", "gallery"]},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


@uploads.post("", status_code=201, openapi_extra=SENT_AS_FORM, max_body_size=BATCH_BYTES)
async def attach(request: Request, actor: CurrentActor, services: CurrentServices) -> AttachmentOut:
    """Attach a photo, recording or paper to a task or an incident. See [attachments](attachments.md).

    The file is told by its bytes: JPEG, PNG, WebP; MP4, WebM, Ogg, MP3; PDF. Pictures and recordings are written anew,
    as JPEG and MP3, without any data of the camera. The same `id` and file again: the first answer. 409
    `attachment.differs` for another file of that id, which stays; 413 `attachment.too_large` for too many pixels or
    minutes; 415 `attachment.type`; 422 `attachment.unreadable`.
    """
    said, content = await _sent(request, services)
    new, sent_digest = said.new(), await asyncio.to_thread(digest_of, content)
    async with services.store.transaction(actor.reach) as session:
        await check_target(session, actor, new)
        if (found := await earlier(session, actor, new, sent_digest=sent_digest)) is not None:
            return AttachmentOut.of(found)
    media = await _stored(services, actor, content, said.kind, sent_digest=sent_digest)
    async with services.store.transaction(actor.reach) as session:
        added = await add_attachment(session, actor, new, media, now=services.now())
    return AttachmentOut.of(added)


@router.get("/attachments/{attachment_id}", response_class=Response, responses=BYTES)
async def read(
    attachment_id: UUID,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    size: Annotated[Literal["full", "thumbnail"], Query(description="Photos alone have a thumbnail.")] = "full",
    range_: Annotated[str | None, Header(alias="Range", include_in_schema=False)] = None,
) -> Response:
    """Return an attachment's bytes, and record who looked. 503 `attachment.missing` where the store has lost them."""
    found = await get_visible_attachment(session, actor, attachment_id)
    is_small = size == "thumbnail"
    digest = found.thumbnail_digest if is_small else found.digest
    if digest is None:
        raise NotFound
    looked = Looked.THUMBNAIL if is_small else Looked.ATTACHMENT
    await record_look(session, actor, looked, found.number, path=found.division_path, now=services.now())
    content = await asyncio.to_thread(services.byte_store.get, digest)
    media_type = JPEG if is_small else found.media_type
    shown = "inline" if media_type in SHOWN_IN_PAGES else "attachment"
    name = f"maplebridge-{found.incident_id}-{found.number}.{ENDINGS[media_type]}"
    headers = LOCKED_DOWN | {"Content-Disposition": f'{shown}; filename="{name}"'}
    return ranged(content, range_, media_type=media_type, headers=headers)


@router.get("/incidents/{incident_id}/attachments")
async def list_of_incident(incident_id: Id, session: CurrentSession, actor: CurrentActor) -> AttachmentsOut:
    """List an incident's attachments, and what its forces have told of that is still on their phones.

    A patrol is answered with its own force's.
    """
    require_reader(actor)
    if await session.get(Incident, incident_id) is None:
        raise NotFound
    items = await list_attachments(session, actor, incident_id)
    return AttachmentsOut.of(items, await list_awaited(session, actor, incident_id))


async def _sent(request: Request, services: Services) -> tuple[AttachmentIn, bytes]:
    """Read the form as it comes, no more of it than the settings allow. Raises `Invalid`, `TooLarge`."""
    most = services.settings.attachment_bytes + FORM_BYTES
    request.scope[MAX_BODY_SIZE_SCOPE_KEY] = min(most, BATCH_BYTES)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Invalid(errors=[{"field": "file", "code": "form"}])
    try:
        async with request.form(max_files=1, max_fields=20, max_part_size=FIELD_BYTES) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid(errors=[{"field": "file", "code": "missing"}])
            fields = {name: value for name, value in form.items() if name != "file" and value != ""}
            return AttachmentIn.model_validate(fields), await file.read()
    except MultiPartException as error:
        raise Invalid(errors=[{"field": "file", "code": "form"}]) from error
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


async def _stored(
    services: Services, actor: Actor, content: bytes, kind: MediaKind, *, sent_digest: str
) -> StoredMedia:
    """Write the file anew and store it: once for all who send the same, some at a time."""

    async def make() -> StoredMedia:
        made = await asyncio.to_thread(prepare, content, kind)
        return await asyncio.to_thread(_kept, services, made, sent_digest)

    return await services.media.ask((sent_digest, kind), make, turn=services.costly_reads.turn(actor.user_id))


def _kept(services: Services, made: Prepared, sent_digest: str) -> StoredMedia:
    return StoredMedia(
        sent_digest=sent_digest,
        digest=services.byte_store.put(made.content),
        thumbnail_digest=None if made.thumbnail is None else services.byte_store.put(made.thumbnail),
        media_type=made.media_type,
        size_bytes=len(made.content),
        width=made.width,
        height=made.height,
        seconds=made.seconds,
    )
