"""The formats of the Traccar apps, OsmAnd and GPSLogger."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from geo.datum import Datum
from ingest.positions.address import Address
from ingest.positions.osmand import read_json, read_parameters
from ingest.positions.reading import Reading, UnnamedDevice, Unreadable, moment

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOME_ASSISTANT = b'{"device_id": "p", "type": "update_location", "data": {"gps": [31.1, 120.6]}}'
PLACE = {"id": "phone-1", "lat": "31.1", "lon": "120.6"}
MPS = Address(speed_unit_mps=1.0)


def read(address: Address = MPS, **more: str) -> Reading:
    found = read_parameters(PLACE | more, address=address, now=NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sent", "name", "value"),
    [
        ({"speed": "10"}, "speed_mps", 10),
        ({"speed": "-1"}, "speed_mps", None),
        ({"speed": ""}, "speed_mps", None),
        ({"bearing": "90"}, "heading", 90),
        ({"heading": "360"}, "heading", 0),
        ({"accuracy": "15.5"}, "accuracy_m", 15.5),
        ({"accuracy": "15.5", "hdop": "1.2"}, "accuracy_m", 15.5),
        ({"hdop": "6.0"}, "accuracy_m", 6),
        ({"batt": "80"}, "battery", 0.8),
        ({"batt": "140"}, "battery", 1),
        ({"altitude": "12", "unknown": "x"}, "speed_mps", None),
        ({"mock": "true"}, "mock", True),
        ({"mock": "false"}, "mock", False),
        ({"alarm": "sos"}, "alarm", "sos"),
        ({"alarm": "lowBattery,SOS"}, "alarm", "sos"),
        ({"alarm": "lowBattery"}, "alarm", None),
    ],
)
def test_parameters_have_their_meanings(sent: dict[str, str], name: str, value: object) -> None:
    assert getattr(read(**sent), name) == value


@pytest.mark.parametrize(
    ("sent", "address", "app", "mps"),
    [
        ({}, Address(), "Dalvik/2.1", 13.9 * 1852 / 3600),
        ({"accuracy": "4"}, Address(), "", 13.9 * 1852 / 3600),
        ({"hdop": "6.0"}, Address(), "", 13.9),
        ({}, Address(), "OsmAnd~ 4.8.2", 13.9),
        ({"hdop": "6.0"}, Address(speed_unit_mps=1 / 3.6), "OsmAnd~ 4.8.2", 13.9 / 3.6),
        ({}, MPS, "", 13.9),
    ],
)
def test_speed_has_the_unit_of_the_address_or_of_the_app(
    sent: dict[str, str], address: Address, app: str, mps: float
) -> None:
    found = read_parameters(PLACE | {"speed": "13.9"} | sent, address=address, now=NOW, app=app)
    assert found is not None
    assert found.speed_mps == pytest.approx(mps)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("speed", text) for text in ("NaN", "12,5", "Infinity", "-inf", "null", "fast", "1_0e", "undefined")],
        ("accuracy", "12,5"),
        ("batt", "null"),
        ("bearing", "north"),
        ("timestamp", ""),
        ("timestamp", "soon"),
        ("timestamp", "null"),
    ],
)
def test_a_bad_optional_parameter_is_left_out_and_named(field: str, value: str) -> None:
    found = read(**{"timestamp": "1772416800", field: value})
    name = {"bearing": "heading"}.get(field, field)
    assert (found.x, found.y, found.at, found.dropped) == (120.6, 31.1, NOW, (name,))
    assert (found.speed_mps, found.accuracy_m, found.battery, found.heading) == (None,) * 4


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


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", "9" * 40, "1e400", "nan", None, [], True])
def test_an_invalid_timestamp_is_not_read(text: object) -> None:
    with pytest.raises(Unreadable):
        moment(text)


def test_the_time_defaults_to_now_and_the_datum_to_the_devices() -> None:
    found = read()
    assert (found.at, found.datum, found.dropped) == (NOW, None, ())
    assert read(Address(datum=Datum.GCJ02)).datum is Datum.GCJ02


def test_a_device_has_two_possible_parameters() -> None:
    sent = {"deviceid": "phone-2", "lat": "31.1", "lon": "120.6"}
    found = read_parameters(sent, now=NOW)
    assert found is not None and found.devices == ("phone-2",)


@pytest.mark.parametrize(
    "sent", [{"location": "31.1,120.6"}, {"latitude": "31.1", "longitude": "120.6"}, {"lat": "31.1", "lng": "120.6"}]
)
def test_coordinates_have_several_names(sent: dict[str, str]) -> None:
    found = read_parameters({"id": "p"} | sent, now=NOW)
    assert found is not None and (found.x, found.y) == (120.6, 31.1)


@pytest.mark.parametrize(
    "sent", [{"id": "p"}, {"id": "p", "batt": "5"}, PLACE | {"valid": "false"}, PLACE | {"valid": "0"}]
)
def test_a_message_without_valid_coordinates_is_ignored_unless_it_is_an_sos(sent: dict[str, str]) -> None:
    assert read_parameters(sent, now=NOW) is None
    found = read_parameters(sent | {"alarm": "sos"}, now=NOW)
    assert found is not None and (found.x, found.y, found.alarm) == (None, None, "sos")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"lat": "31.1", "lon": "120.6"}, "id"),
        (PLACE | {"id": "a\0b"}, "device"),
        (PLACE | {"lat": "north"}, "lat"),
        (PLACE | {"lat": "nan"}, "lat"),
        (PLACE | {"lat": "120.6", "lon": "31.1"}, "lat"),
    ],
)
def test_a_message_without_device_or_place_is_refused_by_field(sent: dict[str, str], field: str) -> None:
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


def read_one(body: bytes) -> Reading:
    (found,) = read_json(body, now=NOW)
    assert isinstance(found, Reading)
    return found


def test_the_newer_json_has_other_units() -> None:
    found = read_one(orjson.dumps(message()))
    assert (found.devices, found.at, found.x, found.y) == (("48241179",), NOW, 120.6, 31.1)
    assert (found.speed_mps, found.heading, found.accuracy_m, found.battery) == (5, 90, 8, 0.5)
    assert (found.mock, found.alarm, found.dropped) == (False, None, ())


def test_minus_one_in_newer_json_means_unknown() -> None:
    found = read_one(orjson.dumps(message(speed=-1, heading=-1, accuracy=-1)))
    assert (found.speed_mps, found.heading, found.accuracy_m, found.dropped) == (None, None, None, ())


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b'"NaN"', b'"5,2"', b"[]", b"{}", b"true"])
def test_a_bad_number_in_json_is_left_out(value: bytes) -> None:
    body = orjson.dumps(message(speed=12345, altitude=54321)).replace(b"12345", value).replace(b"54321", b"NaN")
    found = read_one(body)
    assert (found.x, found.at, found.speed_mps, found.dropped) == (120.6, NOW, None, ("speed",))


def test_json_has_alarms_and_mocks_in_several_places() -> None:
    def with_location(**more: Any) -> Reading:
        sent = message()
        return read_one(orjson.dumps(sent | {"location": sent["location"] | more}))

    assert with_location(extras={"alarm": "sos"}).alarm == "sos"
    assert with_location(attributes={"alarm": "SOS"}).alarm == "sos"
    assert with_location(event="sos").alarm == "sos"
    assert read_one(orjson.dumps(message() | {"alarm": "sos"})).alarm == "sos"
    assert with_location(coords=None, extras={"alarm": "sos"}).x is None
    assert with_location(mock=True).mock
    assert with_location(extras={"mock": "true"}).mock


def test_locations_that_an_app_kept_come_as_a_list() -> None:
    one = message()["location"]
    body = {"device_id": "p", "location": [one, {"coords": {"latitude": "x", "longitude": 1}}, 5, {}, one]}
    found = read_json(orjson.dumps(body), now=NOW)
    assert [type(reading) for reading in found] == [Reading, Unreadable, Unreadable, Reading]


def test_a_bare_list_of_locations_needs_the_device_in_the_address() -> None:
    body = orjson.dumps([message()["location"]])
    (found,) = read_json(body, address=Address(device="p1"), now=NOW)
    assert isinstance(found, Reading) and found.devices == ("p1",)
    with pytest.raises(UnnamedDevice):
        read_json(body, now=NOW)


def test_json_without_coordinates_is_ignored() -> None:
    assert read_json(b'{"device_id": "1", "location": {"battery": {"level": 1}}}', now=NOW) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"NaN", b"[" * 2000 + b"NaN", b'{"location": {}}', HOME_ASSISTANT])
def test_other_json_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_json(body, now=NOW)
