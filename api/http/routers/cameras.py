"""Cameras over HTTP: the list, and those near an incident."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.bbox import BboxQuery
from api.http.transactions import CurrentActor, CurrentSession, TransactionRoute, allowed
from api.http.wire.layers import CameraOut, NearCameraOut, NearCamerasOut
from api.http.wire.shapes import Id, Page
from console.access.rules import Permission
from console.cursors import id_of, page_of
from console.incidents.events import place_of
from console.incidents.queries import get_visible_incident
from layers.cameras.queries import cameras_near, list_cameras

router = APIRouter(route_class=TransactionRoute, tags=["cameras"], dependencies=[allowed(Permission.READ_LAYERS)])

Cursor = Annotated[str | None, Query(max_length=64)]


@router.get("/api/cameras", response_model=Page[CameraOut])
async def read_cameras(
    session: CurrentSession,
    bbox: BboxQuery,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
    cursor: Cursor = None,
) -> Page[CameraOut]:
    """List cameras within reach."""
    after = id_of(cursor) if cursor else 0
    found = await list_cameras(session, limit=limit + 1, after=after, bbox=bbox)
    page, more = page_of(found, limit=limit)
    return Page(items=[CameraOut.model_validate(camera) for camera in page], next=more)


@router.get("/api/incidents/{incident_id}/cameras", response_model=NearCamerasOut)
async def read_cameras_near(
    session: CurrentSession,
    actor: CurrentActor,
    incident_id: Id,
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> NearCamerasOut:
    """List the cameras nearest to an incident, with distance, and whether it lies in their view."""
    incident = await get_visible_incident(session, actor, incident_id)
    lon, lat = place_of(incident)
    found = await cameras_near(session, lon=lon, lat=lat, limit=limit)
    return NearCamerasOut(items=[NearCameraOut.model_validate(camera) for camera in found])
