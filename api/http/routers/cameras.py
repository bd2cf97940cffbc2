"""Cameras over HTTP: the list, and those near an incident."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from api.http.bbox import BboxQuery
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.layers import AllowanceOut, CameraOut, NearCameraOut, NearCamerasOut
from api.http.wire.shapes import Id, Page
from api.services import Services
from console.access.rules import Permission
from console.cursors import id_of, page_of
from console.incidents.events import place_of
from console.incidents.queries import get_visible_incident
from console.viewing.queries import viewer_of
from console.viewing.rules import allowance
from layers.cameras.queries import cameras_near, list_cameras

router = APIRouter(route_class=TransactionRoute, tags=["cameras"], dependencies=[allowed(Permission.READ_LAYERS)])

Cursor = Annotated[str | None, Query(max_length=64)]


@router.get("/api/cameras", response_model=Page[CameraOut])
async def read_cameras(
    session: CurrentSession,
    services: CurrentServices,
    bbox: BboxQuery,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
    cursor: Cursor = None,
) -> Page[CameraOut]:
    """List cameras within reach."""
    after = id_of(cursor) if cursor else 0
    found = await list_cameras(session, limit=limit + 1, after=after, bbox=bbox)
    page, more = page_of(found, limit=limit)
    now, within = services.now(), heard_within(services)
    return Page(items=[CameraOut.of(camera, now=now, within=within) for camera in page], next=more)


@router.get("/api/incidents/{incident_id}/cameras", response_model=NearCamerasOut)
async def read_cameras_near(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    incident_id: Id,
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> NearCamerasOut:
    """List the cameras nearest to an incident, with distance, whether it lies in their view, and how long the caller
    may view them for it.
    """
    incident = await get_visible_incident(session, actor, incident_id)
    lon, lat = place_of(incident)
    found = await cameras_near(session, lon=lon, lat=lat, limit=limit)
    viewer = await viewer_of(session, actor, day=services.today())
    now, within, terms = services.now(), heard_within(services), services.pack.viewing
    items = [
        NearCameraOut.of(
            camera,
            now=now,
            within=within,
            allowed=AllowanceOut.model_validate(
                allowance(terms, viewer, owner=camera.owner, level=camera.level, category=incident.category)
            ),
        )
        for camera in found
    ]
    return NearCamerasOut(items=items, platform=services.platform is not None)


def heard_within(services: Services) -> timedelta:
    """Return how long what the video platform said of a camera holds."""
    return timedelta(minutes=services.settings.camera_minutes)
