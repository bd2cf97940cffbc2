"""The formats of the Traccar apps."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from ingest.positions.osmand import moment, read_json, read_parameters
from ingest.positions.reading import Reading, Unreadable

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PLACE = {"id": "phone-1", "lat": "31.1", "lon": "120.6"}


def read(**more: str) -> Reading:
    found = read_parameters(PLACE | more, now=NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sent", "name", "value"),
    [
        ({"speed": "10"}, "speed_mps", 5.144444),
        ({"speed": "-1"}, "speed_mps", None),
        ({"speed": ""}, "speed_mps", None),
        ({"bearing": "90"}, "heading", 90),
        ({"heading": "360"}, "heading", 0),
        ({"accuracy": "15.5"}, "accuracy_m", 15.5),
        ({"batt": "80"}, "battery", 0.8),
        ({"batt": "140"}, "battery", 1),
        ({"altitude": "12", "hdop": "1", "unknown": "x"}, "speed_mps", None),
    ],
)
def test_parameters_have_their_units(sent: dict[str, str], name: str, value: float | None) -> None:
    assert getattr(read(**sent), name) == (None if value is None else pytest.approx(value, abs=1e-6))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1772416800", NOW),
        ("1772416800000", NOW),
        ("1772416800.5", NOW.replace(microsecond=500000)),
        ("2026-03-02T02:00:00Z", NOW),
        ("2026-03-02T10:00:00+08:00", NOW),
        ("2026-03-02T02:00:00.000Z", NOW),
        ("2026-03-02 02:00:00", NOW),
        ("2147483646", datetime(2038, 1, 19, 3, 14, 6, tzinfo=UTC)),
    ],
)
def test_timestamps_have_four_formats(text: str, wanted: datetime) -> None:
    assert moment(text) == wanted


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", "9" * 40, "1e400", "nan"])
def test_an_invalid_timestamp_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        moment(text)


def test_the_time_defaults_to_now() -> None:
    assert read().at == NOW


def test_a_device_has_two_possible_parameters() -> None:
    sent = {"deviceid": "phone-2", "lat": "31.1", "lon": "120.6"}
    found = read_parameters(sent, now=NOW)
    assert found is not None and found.devices == ("phone-2",)


def test_coordinates_may_be_one_parameter() -> None:
    found = read_parameters({"id": "p", "location": "31.1,120.6"}, now=NOW)
    assert found is not None and (found.x, found.y) == (120.6, 31.1)


@pytest.mark.parametrize(
    "sent", [{"id": "p"}, {"id": "p", "batt": "5"}, PLACE | {"valid": "false"}, PLACE | {"valid": "0"}]
)
def test_a_message_without_valid_coordinates_is_ignored(sent: dict[str, str]) -> None:
    assert read_parameters(sent, now=NOW) is None


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"lat": "31.1", "lon": "120.6"}, "id"),
        (PLACE | {"lat": "north"}, "lat"),
        (PLACE | {"lat": "nan"}, "lat"),
        (PLACE | {"lat": "120.6", "lon": "31.1"}, "lat"),
        (PLACE | {"speed": "fast"}, "speed"),
        (PLACE | {"timestamp": "soon"}, "timestamp"),
    ],
)
def test_invalid_parameters_are_refused_by_field(sent: dict[str, str], field: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_parameters(sent, now=NOW)
    assert refusal.value.params["field"] == field


def message(**coords: Any) -> dict[str, Any]:
    """Message as in the documentation of the newer apps."""
    return {
        "location": {
            "timestamp": "2026-03-02T02:00:00.000Z",
            "coords": {"latitude": 31.1, "longitude": 120.6, "accuracy": 8, "speed": 5, "heading": 90, "altitude": 3}
            | coords,
            "is_moving": False,
            "odometer": 0,
            "event": "motionchange",
            "battery": {"level": 0.5, "is_charging": False},
            "activity": {"type": "still"},
            "extras": {},
        },
        "device_id": "48241179",
    }


def test_the_newer_json_has_other_units() -> None:
    found = read_json(orjson.dumps(message()), now=NOW)
    assert found is not None
    assert (found.devices, found.at, found.x, found.y) == (("48241179",), NOW, 120.6, 31.1)
    assert (found.speed_mps, found.heading, found.accuracy_m, found.battery) == (5, 90, 8, 0.5)


def test_minus_one_in_newer_json_means_unknown() -> None:
    found = read_json(orjson.dumps(message(speed=-1, heading=-1)), now=NOW)
    assert found is not None
    assert (found.speed_mps, found.heading) == (None, None)


def test_json_without_coordinates_is_ignored() -> None:
    assert read_json(b'{"device_id": "1", "location": {"battery": {"level": 1}}}', now=NOW) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"location": {}}', b'{"device_id": "1", "location": 5}', orjson.dumps(message(latitude=True))],
)
def test_other_json_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_json(body, now=NOW)
