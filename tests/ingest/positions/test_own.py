"""The own format of positions."""

import pytest

from geo.datum import Datum
from ingest.positions.own import read_batch
from ingest.positions.reading import Reading, Unreadable
from tests.worlds import NOW

GOOD = {"force": 7, "at": "2026-03-02T10:00:00+08:00", "lon": 120.6, "lat": 31.1}


def test_a_fix_is_read_with_its_units() -> None:
    sent = GOOD | {"datum": "gcj02", "speed_mps": 5, "heading": 360, "accuracy_m": 12, "battery": 0.5}
    (found,) = read_batch([sent], now=NOW)
    assert isinstance(found, Reading)
    assert found.at.isoformat() == "2026-03-02T10:00:00+08:00"
    assert (found.force_id, found.devices, found.datum) == (7, (), Datum.GCJ02)
    assert (found.speed_mps, found.heading, found.accuracy_m, found.battery) == (5, 0, 12, 0.5)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"at": "2026-03-02T10:00:00"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"lat": 120.6, "lon": 31.1}, "lat"),
        ({"lon": float("nan")}, "lon"),
        ({"lon": 181}, "lon"),
        ({"datum": "nad27"}, "datum"),
        ({"device": "x"}, "force"),
        ({"force": None}, "force"),
        ({"force": True}, "force"),
        ({"datun": "GCJ-02"}, "datun"),
        ({"CRS": "EPSG:4490"}, "CRS"),
    ],
)
def test_an_invalid_fix_names_its_field_and_does_not_affect_others(change: dict[str, object], field: str) -> None:
    wrong, good = read_batch([GOOD | change, GOOD], now=NOW)
    assert isinstance(wrong, Unreadable)
    assert wrong.params["field"] == field
    assert isinstance(good, Reading)


@pytest.mark.parametrize("item", [None, 5, [], "text"])
def test_an_item_that_is_no_object_is_refused(item: object) -> None:
    (found,) = read_batch([item], now=NOW)
    assert isinstance(found, Unreadable)


def test_a_wrong_quantity_is_left_out_and_an_unknown_one_is_none() -> None:
    unknown = {"speed_mps": -1, "heading": -1, "accuracy_m": -1, "battery": -1, "datum": None}
    wrong = {"speed_mps": float("nan"), "heading": 400, "accuracy_m": "12,5", "battery": 50, "mock": "perhaps"}
    first, second = read_batch([GOOD | unknown, GOOD | wrong], now=NOW)
    assert isinstance(first, Reading) and isinstance(second, Reading)
    assert (first.dropped, first.datum) == ((), None)
    assert second.dropped == ("accuracy_m", "battery", "heading", "mock", "speed_mps")
    for found in (first, second):
        assert (found.x, found.speed_mps, found.heading, found.accuracy_m, found.battery) == (120.6, *[None] * 4)


def test_a_field_that_the_format_has_not_is_left_out_and_named() -> None:
    (found,) = read_batch([GOOD | {"altitude_m": 3.5, "provider": "gps", "extra": {"a": [1]}}], now=NOW)
    assert isinstance(found, Reading)
    assert (found.x, found.dropped) == (120.6, ("altitude_m", "extra", "provider"))


def test_a_fix_may_be_an_sos_or_made_up() -> None:
    (found,) = read_batch([GOOD | {"alarm": "SOS", "mock": True}], now=NOW)
    assert isinstance(found, Reading) and (found.alarm, found.mock) == ("sos", True)


@pytest.mark.parametrize(
    ("change", "place", "dropped"),
    [
        ({"lon": None, "lat": None}, None, ("lat", "lon")),
        ({"lat": "north", "speed_mps": "fast", "at": "soon"}, None, ("speed_mps", "at", "lat")),
        ({"datum": "nad27"}, None, ("datum",)),
        ({"at": "soon"}, 120.6, ("at",)),
        ({"colour": "red"}, 120.6, ("colour",)),
        ({"alarm": "sos," * 30}, 120.6, ()),
    ],
)
def test_nothing_that_is_wrong_costs_an_sos(
    change: dict[str, object], place: float | None, dropped: tuple[str, ...]
) -> None:
    (found,) = read_batch([GOOD | {"alarm": "sos"} | change], now=NOW)
    assert isinstance(found, Reading)
    assert (found.alarm, found.force_id, found.at, found.x, found.dropped) == ("sos", 7, NOW, place, dropped)
    (nobody,) = read_batch([GOOD | {"alarm": "sos", "force": "x"} | change], now=NOW)
    assert isinstance(nobody, Unreadable)
