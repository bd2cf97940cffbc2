"""Edit, correct, place and move incidents, inside the caller's transaction. Old and new values go into the timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.deadlines.actions import move_deadlines
from console.incidents.actions import counted, record_change
from console.incidents.deadlines import update_first_response_deadline
from console.incidents.events import NAME, location_of
from console.incidents.queries import forces_on
from console.incidents.rules import (
    EDITED_FIELDS,
    AddressNeeded,
    Edits,
    IncidentClosed,
)
from console.incidents.tables import Incident
from console.incidents.terms import IncidentTerms
from console.incidents.timeline import Entry
from geo.cells import cell_of
from geo.store import SRID
from geo.versions import Expected, require_current
from layers.divisions.queries import Located
from layers.hotspots.actions import recount_incident


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A new place of an incident: the point in WGS-84 and as given, and its divisions."""

    point: tuple[float, float]
    raw: tuple[float, float]
    datum: str
    located: Located


class OnDivisionChange(Protocol):
    """Moves what lies in an incident's division, as its tasks do, after the incident has moved to another."""

    async def __call__(self, session: AsyncSession, incident: Incident, *, left_path: str, now: datetime) -> None: ...


async def edit(
    session: AsyncSession,
    incident: Incident,
    edits: Edits,
    *,
    expected: Expected,
    place: NewPlace | None = None,
    on_division_change: OnDivisionChange,
    terms: IncidentTerms,
    actor: Actor,
    now: datetime,
) -> None:
    """Change an incident's category, risk, words or place. Lock it before. Raises `Stale` if `expected` differs.

    A new risk sets a new level and, while the incident is open, a new deadline from registration; a new category or
    place moves its hotspot count. Clients that may no longer see it in its new division are sent `gone`. Raises
    `IncidentClosed` for a closed incident, unless the edits are a correction or only say that a changed repeat has been
    looked at.
    """
    require_current(incident.version, expected)
    _require_changeable(incident, edits, place)
    place = place if place and place.point != location_of(incident) else None
    before = {name: getattr(incident, name) or "" for name in EDITED_FIELDS}
    changed = edits.changed_from(before)
    was_seen = edits.seen and incident.differs_at is not None
    if not (changed or place or was_seen):
        return
    data = _diff(before, changed) | (_moved(incident, changed, place) if place else {})
    old, old_path = counted(incident), incident.division_path
    _apply(incident, changed, terms=terms)
    if place:
        _put(incident, place)
    incident.differs_at = None
    entry = Entry(_kind(edits, changed=bool(changed or place)), actor_id=actor.user_id, data=_reasoned(data, edits))
    sent, left_path = await forces_on(session, incident.id), old_path if place else None
    await record_change(session, incident, entry, sent=sent, left_path=left_path, now=now)
    if incident.division_path != old_path:
        await move_deadlines(session, NAME, {incident.id: incident.division_path})
        await on_division_change(session, incident, left_path=old_path, now=now)
    await update_first_response_deadline(session, incident, now=now)
    await recount_incident(session, old, counted(incident))


def _require_changeable(incident: Incident, edits: Edits, place: NewPlace | None) -> None:
    if incident.closed_at is not None and not edits.reason and (place is not None or not edits.only_seen):
        raise IncidentClosed
    if edits.address == "" and incident.geom is None and place is None:
        raise AddressNeeded


def _apply(incident: Incident, changed: Mapping[str, str], *, terms: IncidentTerms) -> None:
    for name, value in changed.items():
        setattr(incident, name, (value or None) if name == "language" else value)
    if "risk" in changed:
        grade = terms.risk_by_code[incident.risk]
        incident.level = grade.level
        if incident.closed_at is None:
            incident.first_due_at = incident.registered_at + grade.answer_within


def _put(incident: Incident, place: NewPlace) -> None:
    incident.geom = from_shape(shapely.Point(*place.point), srid=SRID)
    incident.cell = cell_of(*place.point)
    incident.raw_x, incident.raw_y = place.raw
    incident.datum = place.datum
    incident.grid_code, incident.village_code = (place.located.codes.get(level) for level in ("grid", "village"))
    incident.division_path = place.located.path


def _moved(incident: Incident, changed: Mapping[str, str], place: NewPlace) -> dict[str, Any]:
    """Return old and new place for the timeline, and, where there was an old one, both as they were given."""
    was = location_of(incident)
    data: dict[str, Any] = {"fields": sorted([*changed, "place"]), "place": [was and list(was), list(place.point)]}
    if was is not None:
        data["given"] = [[incident.raw_x, incident.raw_y, incident.datum], [*place.raw, place.datum]]
    return data


def _kind(edits: Edits, *, changed: bool) -> str:
    if not changed:
        return "seen_again"
    return "corrected" if edits.reason else "edited"


def _reasoned(data: dict[str, Any], edits: Edits) -> dict[str, Any]:
    return data | {"note": edits.reason} if edits.reason else data


def _diff(before: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, Any]:
    """List the changed fields, and the old and new value of each."""
    return {"fields": sorted(changed), **{name: [before[name], value] for name, value in changed.items()}}
