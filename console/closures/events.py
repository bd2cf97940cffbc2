"""Closures in the feed: one shape for events, snapshots and single answers."""

from datetime import timedelta

import shapely
from geoalchemy2.shape import to_shape

from console.closures.tables import Closure
from console.feed.actions import Change
from console.feed.bodies import Body, select_fields, utc_text
from console.feed.kinds import Kind, Retention

NAME = "closure"
SHOWN_AFTER_END = timedelta(days=1)


def body_of(closure: Closure) -> Body:
    """Build the fields of `ClosureOut`, JSON-ready; times in UTC, the outline as `[lon, lat]`, its first point again at
    its end.
    """
    return {
        "id": closure.id,
        "outline": shapely.get_coordinates(to_shape(closure.outline)).round(7).tolist(),
        "modes": closure.modes,
        "reason": closure.reason,
        "starts_at": utc_text(closure.starts_at),
        "ends_at": utc_text(closure.ends_at),
        "opened_at": utc_text(closure.opened_at),
        "opened_by": closure.opened_by,
        "opener": closure.opener,
        "ended_at": utc_text(closure.ended_at),
        "lifted_by": closure.lifted_by,
        "division_path": closure.division_path,
        "version": closure.version,
    }


def change_of(closure: Closure) -> Change:
    """Build the event of a closure's new state."""
    return Change(
        kind=NAME,
        entity_id=closure.id,
        version=closure.version,
        division_path=closure.division_path,
        body=body_of(closure),
    )


SHOWN_MASKED = frozenset(
    {"id", "outline", "modes", "starts_at", "ends_at", "opened_at", "ended_at", "division_path", "version"}
)


def masked(body: Body) -> Body:
    """Mask a body for a wall: without who closed or lifted it, and without the reason, which is free text."""
    return select_fields(body, SHOWN_MASKED) | {"reason": "", "opened_by": None, "opener": "", "lifted_by": None}


KIND = Kind(
    name=NAME,
    plural="closures",
    table=Closure,
    body=body_of,
    mask=masked,
    retention=Retention(after=Closure.ended_at, time=SHOWN_AFTER_END),
    created_at=Closure.opened_at,
    seen_below=True,
    in_beats=True,
)
