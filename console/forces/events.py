"""Forces in the feed: one shape for events, snapshots and single answers."""

from geoalchemy2.shape import to_shape
from shapely.geometry import Point

from console.feed.actions import Change
from console.feed.bodies import Body, select_fields, shorten_path
from console.feed.kinds import Kind
from console.forces.tables import Force

NAME = "force"


def body_of(force: Force) -> Body:
    """Build the fields of `ForceOut`, JSON-ready. Without `busy`, which follows from the tasks."""
    home = to_shape(force.home)
    assert isinstance(home, Point)
    return {
        "id": force.id,
        "code": force.code,
        "name": force.name,
        "kind": force.kind,
        "organisation": force.organisation,
        "specialities": list(force.specialities),
        "languages": list(force.languages),
        "mode": force.mode,
        "home_lon": home.x,
        "home_lat": home.y,
        "device_datum": force.device_datum,
        "duty": force.duty,
        "division_path": force.division_path,
        "version": force.version,
    }


def change_of(force: Force, *, left_path: str | None = None) -> Change:
    """Build the event of a force's new state, visible to the force itself anywhere. `left_path`: its old division."""
    return Change(
        kind=NAME,
        entity_id=force.id,
        version=force.version,
        division_path=force.division_path,
        force_ids=frozenset({force.id}),
        left_path=left_path,
        body=body_of(force),
    )


SHOWN_MASKED = frozenset({"id", "kind", "mode", "duty", "version"})


def masked(body: Body) -> Body:
    """Mask a body: without name, code, organisation, home, specialities and languages."""
    return select_fields(body, SHOWN_MASKED) | {
        "code": "",
        "name": "",
        "organisation": "",
        "specialities": [],
        "languages": [],
        "device_datum": None,
        "home_lon": 0.0,
        "home_lat": 0.0,
        "division_path": shorten_path(body["division_path"], None),
    }


KIND = Kind(name=NAME, plural="forces", table=Force, body=body_of, mask=masked)
