"""Bodies and events of incidents, open and masked."""

from api.http.wire.incidents import IncidentOut
from console.incidents.events import body_from, change_from
from geo import cells
from tests.worlds import NOW

CELL = cells.cell_of(120.605, 31.105)
COLUMNS = {
    "id": 7, "case_code": "WJ2603020000000ZZ", "source": "hotline", "external_no": "A-1", "category": "dispute.family",
    "risk": "low", "level": "village", "title": "Zhang San v. Li Si", "description": "At home", "language": "sign",
    "status": "registered", "division_path": "1.2.3", "version": 4, "occurred_at": NOW, "registered_at": NOW,
    "first_due_at": NOW, "closed_at": None, "cell": CELL, "grid_code": "3", "village_code": "2",
    "duplicate_of_id": None, "merged_into_id": None, "address": "1 Maple Street", "differs_at": NOW,
}  # fmt: skip
BODY = body_from(COLUMNS, lon_lat=(120.605, 31.105))


def test_a_body_has_exactly_the_fields_of_its_model() -> None:
    assert set(BODY) == set(IncidentOut.model_fields)
    assert IncidentOut(**BODY).model_dump(mode="json") == BODY


def test_a_change_has_the_fields_of_the_feed() -> None:
    change = change_from(BODY, sent=frozenset({3}))
    assert (change.kind, change.entity_id, change.version, change.division_path) == ("incident", 7, 4, "1.2.3")
    assert change.force_ids == {3} and change.body is BODY
