"""Alarms in the feed: one shape for events, snapshots and single answers."""

from datetime import datetime, timedelta

from sqlalchemy import Select, select

from console.alarms.tables import Alarm
from console.feed.actions import Change
from console.feed.bodies import Body, select_fields, utc_text
from console.feed.kinds import Kind, Retention
from geo.masking import mask_time

NAME = "alarm"
LIVE_AFTER_ACKNOWLEDGED = timedelta(days=1)


def body_of(alarm: Alarm) -> Body:
    """Build the fields of `AlarmOut`, JSON-ready; times in UTC."""
    return {
        "id": alarm.id,
        "kind": "sos",
        "force": alarm.force_id,
        "name": alarm.name,
        "raised_at": utc_text(alarm.raised_at),
        "sent_at": utc_text(alarm.last_sent_at),
        "lon": alarm.lon,
        "lat": alarm.lat,
        "accuracy_m": alarm.accuracy_m,
        "acknowledged_at": utc_text(alarm.acknowledged_at),
        "acknowledged_by": alarm.acknowledged_by,
        "version": alarm.version,
    }


def change_of(alarm: Alarm, *, left_path: str | None = None) -> Change:
    """Build the event of an alarm's new state; its force sees it in any division. `left_path`: its old division."""
    return Change(
        kind=NAME,
        entity_id=alarm.id,
        version=alarm.version,
        division_path=alarm.division_path,
        force_ids=frozenset({alarm.force_id}),
        left_path=left_path,
        body=body_of(alarm),
    )


SHOWN_MASKED = frozenset({"id", "kind", "acknowledged_at", "version"})


def masked(body: Body) -> Body:
    """Mask a body for a wall, which counts alarms: without who called and where."""
    raised_at = utc_text(mask_time(datetime.fromisoformat(body["raised_at"])))
    unseen = {"force": None, "name": "", "lon": None, "lat": None, "accuracy_m": None, "acknowledged_by": None}
    return select_fields(body, SHOWN_MASKED) | {"raised_at": raised_at, "sent_at": raised_at} | unseen


def alarms_of_force(force_id: int) -> Select[int]:
    """Select a force's own alarms."""
    return select(Alarm.id).where(Alarm.force_id == force_id)


KIND = Kind(
    name=NAME,
    plural="alarms",
    table=Alarm,
    body=body_of,
    mask=masked,
    retention=Retention(after=Alarm.acknowledged_at, time=LIVE_AFTER_ACKNOWLEDGED),
    created_at=Alarm.raised_at,
    of_force=alarms_of_force,
)
