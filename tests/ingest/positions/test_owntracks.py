"""The format of OwnTracks."""

from datetime import UTC, datetime

import orjson
import pytest

from ingest.positions.owntracks import read_message
from ingest.positions.reading import Unreadable

MESSAGE = {
    "_type": "location",
    "lat": 31.1,
    "lon": 120.6,
    "tst": 1772416800,
    "tid": "JJ",
    "topic": "owntracks/jane/phone",
    "vel": 36,
    "cog": 270,
    "acc": 12,
    "batt": 77,
}


def test_a_location_is_read_with_its_units() -> None:
    found = read_message(orjson.dumps(MESSAGE))
    assert found is not None
    assert found.at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert found.devices == ("owntracks/jane/phone", "JJ")
    assert (found.x, found.y, found.heading, found.accuracy_m) == (120.6, 31.1, 270, 12)
    assert found.speed_mps == pytest.approx(10)
    assert found.battery == pytest.approx(0.77)


def test_a_phone_may_be_registered_by_its_tracker_id() -> None:
    found = read_message(orjson.dumps({"_type": "location", "lat": 1, "lon": 2, "tst": 1772416800, "tid": "JJ"}))
    assert found is not None
    assert found.devices == ("JJ",)
    assert (found.speed_mps, found.heading, found.accuracy_m, found.battery) == (None, None, None, None)


@pytest.mark.parametrize(
    "body", [b"", b'{"_type":"lwt","tst":1}', b'{"_type":"transition"}', b"{}", b'{"_type":"encrypted"}']
)
def test_other_messages_are_ignored(body: bytes) -> None:
    assert read_message(body) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lat": None}, "lat"),
        ({"lat": "x"}, "lat"),
        ({"lon": 200}, "lon"),
        ({"tst": "soon"}, "tst"),
        ({"tst": 1e300}, "tst"),
        ({"tid": None, "topic": None}, "tid"),
    ],
)
def test_an_invalid_location_names_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_message(orjson.dumps(MESSAGE | change))
    assert refusal.value.params["field"] == field


@pytest.mark.parametrize("body", [b"[]", b"{", b"5"])
def test_an_item_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_message(body)
