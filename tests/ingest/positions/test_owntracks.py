"""The format of OwnTracks."""

from datetime import UTC, datetime

import orjson
import pytest

from geo.datum import Datum
from ingest.positions.address import Address
from ingest.positions.owntracks import read_message
from ingest.positions.reading import Reading, Unreadable

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
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


def read(message: object, *, address: Address | None = None, app: str = "") -> Reading:
    found = read_message(orjson.dumps(message), address=address or Address(), now=NOW, app=app)
    assert found is not None
    return found


def test_a_location_is_read_with_its_units() -> None:
    found = read(MESSAGE)
    assert found.at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert found.devices == ("owntracks/jane/phone", "JJ")
    assert (found.x, found.y, found.heading, found.accuracy_m) == (120.6, 31.1, 270, 12)
    assert found.speed_mps == pytest.approx(10)
    assert found.battery == pytest.approx(0.77)


def test_a_phone_may_be_registered_by_its_tracker_id_or_named_in_the_address() -> None:
    bare = {"_type": "location", "lat": 1, "lon": 2, "tst": 1772416800}
    found = read(bare | {"tid": "JJ"})
    assert found.devices == ("JJ",)
    assert (found.speed_mps, found.heading, found.accuracy_m, found.battery) == (None, None, None, None)
    assert read(bare, address=Address(device="p1")).devices == ("p1",)


@pytest.mark.parametrize(
    "change",
    [{"vel": "NaN"}, {"cog": "12,5"}, {"acc": []}, {"batt": "null"}, {"tst": None}, {"tst": "soon"}, {"tst": 1e300}],
)
def test_a_bad_optional_field_is_left_out_and_named(change: dict[str, object]) -> None:
    found = read(MESSAGE | change)
    (name,) = change
    assert (found.x, found.dropped) == (120.6, (name,))
    assert found.at == (NOW if name == "tst" else datetime(2026, 3, 2, 2, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("trigger", "app", "datum"),
    [
        ("u", "OwnTracks/18.1 CFNetwork/1498 Darwin/23.6.0", Datum.GCJ02),
        ("u", "", Datum.GCJ02),
        ("u", "Owntracks-Android/gms/420502002", Datum.WGS84),
        ("p", "OwnTracks/18.1 CFNetwork/1498 Darwin/23.6.0", Datum.WGS84),
        (None, "", Datum.WGS84),
    ],
)
def test_a_position_sent_by_hand_from_an_iphone_is_gcj02_unless_the_address_says_otherwise(
    trigger: str | None, app: str, datum: Datum
) -> None:
    found = read(MESSAGE | {"t": trigger}, app=app)
    assert (found.datum, found.usual_datum) == (None, datum)
    assert read(MESSAGE | {"t": trigger}, app=app, address=Address(datum=Datum.WGS84)).datum is Datum.WGS84


@pytest.mark.parametrize("body", [b"", b'{"_type":"lwt","tst":1}', b'{"_type":"transition"}', b'{"_type":"waypoints"}'])
def test_other_messages_of_the_app_are_ignored(body: bytes) -> None:
    assert read_message(body, now=NOW) is None


@pytest.mark.parametrize(
    "body", [b"{}", b'{"_type":"encrypted","data":"AAAA"}', b'{"_type":5}', b'{"_type":{}}', b'{"_type":["lwt"]}']
)
def test_messages_that_hold_nothing_readable_are_told_apart(body: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_message(body, now=NOW)
    assert refusal.value.params["field"] == "_type"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"lat": None}, "lat"), ({"lat": "x"}, "lat"), ({"lon": 200}, "lon"), ({"tid": None, "topic": None}, "tid")],
)
def test_a_location_without_place_or_device_names_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(MESSAGE | change)
    assert refusal.value.params["field"] == field


@pytest.mark.parametrize("body", [b"[]", b"{", b"5", b"\xff\xfe"])
def test_an_item_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read_message(body, now=NOW)
