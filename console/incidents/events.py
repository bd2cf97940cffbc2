"""Incidents in the feed: one shape for events, snapshots and single answers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from geoalchemy2.shape import to_shape
from shapely.geometry import Point

from console.feed.actions import Change
from console.feed.bodies import Body, masked_place, select_fields, shorten_path, utc_text
from console.feed.kinds import Kind, Retention
from console.incidents.rules import LIVE_AFTER_CLOSING, REPORTED_FIELDS, WaitsForPlace
from console.incidents.tables import Incident
from geo import cells

NAME = "incident"

PLAIN = (*REPORTED_FIELDS, "id", "case_code", "risk", "level", "status", "division_path", "version")
MOMENTS = ("occurred_at", "registered_at", "first_due_at", "closed_at", "differs_at")
COLUMNS = (*PLAIN, *MOMENTS, "cell", "grid_code", "village_code", "duplicate_of_id", "merged_into_id")


def body_of(incident: Incident) -> Body:
    """Build the fields of `IncidentOut`, JSON-ready; times in UTC."""
    return body_from({name: getattr(incident, name) for name in COLUMNS}, lon_lat=location_of(incident))


def body_from(columns: Mapping[str, Any], *, lon_lat: tuple[float, float] | None) -> Body:
    """Build the body from an incident's columns by name, as in a bulk insert."""
    lon, lat = lon_lat or (None, None)
    return {
        **{name: columns[name] for name in PLAIN},
        **{name: utc_text(columns[name]) for name in MOMENTS},
        "lon": lon,
        "lat": lat,
        "cell": None if columns["cell"] is None else cells.to_hex(columns["cell"]),
        "grid": columns["grid_code"],
        "division": columns["village_code"],
        "duplicate_of": columns["duplicate_of_id"],
        "merged_into": columns["merged_into_id"],
    }


NO_FORCES: frozenset[int] = frozenset()


def change_of(
    incident: Incident,
    *,
    sent: frozenset[int] = NO_FORCES,
    left: frozenset[int] = NO_FORCES,
    left_path: str | None = None,
) -> Change:
    """Build the event of a new state. Forces `sent` see it in any division; those that `left`, and the division
    `left_path`, saw the state before.
    """
    return replace(change_from(body_of(incident), sent=sent, left=left), left_path=left_path)


def change_from(body: Body, *, sent: frozenset[int] = NO_FORCES, left: frozenset[int] = NO_FORCES) -> Change:
    """Build the event from a finished body."""
    return Change(
        kind=NAME,
        entity_id=body["id"],
        version=body["version"],
        division_path=body["division_path"],
        force_ids=sent,
        left_force_ids=left,
        body=body,
    )


def location_of(incident: Incident) -> tuple[float, float] | None:
    """Return longitude and latitude, WGS-84; None while the incident waits for a place."""
    if incident.geom is None:
        return None
    point = to_shape(incident.geom)
    assert isinstance(point, Point)
    return point.x, point.y


def place_of(incident: Incident) -> tuple[float, float]:
    """Return longitude and latitude of an incident that must have them. Raises `WaitsForPlace`."""
    found = location_of(incident)
    if found is None:
        raise WaitsForPlace
    return found


SHOWN_MASKED = frozenset(
    {
        "id",
        "source",
        "category",
        "risk",
        "level",
        "status",
        "division",
        "occurred_at",
        "registered_at",
        "first_due_at",
        "closed_at",
        "version",
    }
)


def masked(body: Body) -> Body:
    """Mask a body: without texts and codes, and with a masked place.

    Nor does it name the original of a duplicate, likely or merged: of two near each other in two cells, both lie at
    the common edge.
    """
    return select_fields(body, SHOWN_MASKED) | {
        "case_code": "",
        "external_no": None,
        "language": None,
        "address": "",
        "differs_at": None,
        "title": "",
        "description": "",
        "grid": None,
        "duplicate_of": None,
        "merged_into": None,
        "division_path": shorten_path(body["division_path"], body["division"]),
        **masked_place(body["lon"], body["lat"]),
    }


KIND = Kind(
    name=NAME,
    plural="incidents",
    table=Incident,
    body=body_of,
    mask=masked,
    retention=Retention(after=Incident.closed_at, time=LIVE_AFTER_CLOSING),
    created_at=Incident.registered_at,
)
