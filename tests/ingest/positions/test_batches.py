"""Batches of Overland and of apps with a background-geolocation plugin."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from geo.datum import Datum
from ingest.positions import background, overland
from ingest.positions.address import Address, WrongAddress
from ingest.positions.reading import MOST_LOCATIONS, Reading, UnnamedDevice, Unreadable

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PHONE = Address(device="p1", datum=Datum.GCJ02)


def feature(**more: Any) -> dict[str, Any]:
    properties = {
        "timestamp": "2026-03-02T10:00:00+0800",
        "speed": 4,
        "course": -1,
        "horizontal_accuracy": 30,
        "vertical_accuracy": -1,
        "battery_level": 0.89,
        "motion": ["driving"],
        "device_id": "ov-1",
    }
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [120.6, 31.1]},
        "properties": properties | more,
    }


def test_a_batch_of_overland_is_read_with_its_units() -> None:
    body = orjson.dumps({"locations": [feature(), feature(device_id="", speed=-1)], "current": feature()})
    first, second = overland.read_batch(body, now=NOW)
    assert isinstance(first, Reading) and isinstance(second, UnnamedDevice)
    assert (first.devices, first.at, first.x, first.y, first.datum) == (("ov-1",), AT, 120.6, 31.1, None)
    assert (first.speed_mps, first.heading, first.accuracy_m, first.battery) == (4, None, 30, 0.89)
    named = overland.read_batch(body, address=PHONE, now=NOW)
    assert [(one.devices, one.datum) for one in named if isinstance(one, Reading)] == [(("p1",), Datum.GCJ02)] * 2


def test_a_bad_location_of_overland_costs_the_others_nothing() -> None:
    bad = [{}, None, 5, feature() | {"geometry": None}, feature() | {"geometry": {"coordinates": [1]}}]
    body = {"locations": [feature(speed="NaN", timestamp=None), *bad, feature()]}
    found = overland.read_batch(orjson.dumps(body), now=NOW)
    assert [type(one) for one in found] == [Reading, *[Unreadable] * 5, Reading]
    assert isinstance(found[0], Reading) and found[0].dropped == ("timestamp", "speed") and found[0].at == NOW


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"locations": {}}', b'{"_type": "location"}'])
def test_a_body_that_is_no_batch_of_overland_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        overland.read_batch(body, now=NOW)


NESTED = {
    "timestamp": "2026-03-02T02:00:00.000Z",
    "coords": {"latitude": 31.1, "longitude": 120.6, "accuracy": 8, "speed": -1, "heading": 90},
    "battery": {"level": -1, "is_charging": False},
    "uuid": "5a1d",
}
FLAT = {"latitude": 31.1, "longitude": 120.6, "accuracy": 8, "speed": 2, "bearing": 90, "time": 1772416800000}


@pytest.mark.parametrize(
    "sent", [NESTED, [NESTED], {"location": NESTED}, {"location": [NESTED]}, FLAT, [FLAT], {"location": [FLAT]}]
)
def test_locations_of_both_plugins_are_read_bare_and_wrapped(sent: object) -> None:
    (found,) = background.read_batch(orjson.dumps(sent), address=PHONE, now=NOW)
    assert isinstance(found, Reading)
    assert (found.devices, found.at, found.x, found.y, found.datum) == (("p1",), AT, 120.6, 31.1, Datum.GCJ02)
    assert (found.heading, found.accuracy_m, found.battery, found.dropped) == (90, 8, None, ())


@pytest.mark.parametrize(
    "mock", [{"mock": True}, {"isFromMockProvider": True}, {"is_mock": 1}, {"extras": {"mock": "true"}}]
)
def test_a_made_up_location_is_told_apart(mock: dict[str, Any]) -> None:
    (found,) = background.read_batch(orjson.dumps(FLAT | mock), address=PHONE, now=NOW)
    assert isinstance(found, Reading) and found.mock


@pytest.mark.parametrize(
    "sent",
    [FLAT | {"device_id": "p2"}, {"device_id": "p2", "location": FLAT}, NESTED | {"extras": {"device_id": "p2"}}],
)
def test_a_plugin_may_name_the_device_itself(sent: object) -> None:
    (found,) = background.read_batch(orjson.dumps(sent), now=NOW)
    assert isinstance(found, Reading) and found.devices == ("p2",)


def test_a_bad_location_of_a_plugin_costs_the_others_nothing() -> None:
    body = orjson.dumps([FLAT | {"speed": "NaN"}, 5, {"provider": "gps"}, FLAT | {"latitude": 200}, FLAT])
    found = background.read_batch(body, address=PHONE, now=NOW)
    assert [type(one) for one in found] == [Reading, Unreadable, Unreadable, Unreadable, Reading]
    (unnamed,) = background.read_batch(orjson.dumps([FLAT]), now=NOW)
    assert isinstance(unnamed, UnnamedDevice)


@pytest.mark.parametrize(("read", "wrapped"), [(overland.read_batch, "locations"), (background.read_batch, "location")])
def test_of_a_batch_without_end_the_beginning_is_read(read: Any, wrapped: str) -> None:
    body = orjson.dumps({wrapped: [1] * (MOST_LOCATIONS + 5)})
    assert len(read(body, now=NOW)) == MOST_LOCATIONS + 1


def test_a_datum_in_a_message_counts_and_an_unknown_one_is_refused() -> None:
    (moved,) = overland.read_batch(orjson.dumps({"locations": [feature(datum="GCJ-02")]}), now=NOW)
    assert isinstance(moved, Reading) and moved.datum is Datum.GCJ02
    coords = {"latitude": 31.1, "longitude": 120.6}
    body: dict[str, Any] = {"device_id": "p1", "location": {"coords": coords, "extras": {"datum": "bd09"}}}
    (plugin,) = background.read_batch(orjson.dumps(body), now=NOW)
    assert isinstance(plugin, Reading) and plugin.datum is Datum.BD09
    for wrong in ({"coordType": "gcj02"}, {"datum": "mars"}):
        with pytest.raises(WrongAddress):
            background.read_batch(orjson.dumps(body | wrong), now=NOW)
    with pytest.raises(WrongAddress):
        background.read_batch(orjson.dumps(body), address=PHONE, now=NOW)
