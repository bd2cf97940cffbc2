"""Parameters in a phone's address."""

import pytest

from geo.datum import Datum
from ingest.positions.address import Address, WrongAddress, read_address


@pytest.mark.parametrize("written", ["gcj02", "GCJ02", "gcj-02", "GCJ_02", " gcj02 "])
def test_a_datum_is_known_however_it_is_written(written: str) -> None:
    assert read_address([("Datum", written)]).datum is Datum.GCJ02


def test_an_address_states_datum_unit_and_device() -> None:
    found = read_address([("token", "x"), ("datum", "bd09ll"), ("speed_unit", "kmh"), ("id", "p1"), ("lat", "1")])
    assert found == Address(datum=Datum.BD09, speed_unit_mps=1 / 3.6, device="p1")
    assert read_address([("datum", ""), ("speed_unit", " ")]) == Address()
    assert read_address([("id", "knots"), ("driver", "x")]).device == "knots"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([("datum", "nad27")], "datum"),
        ([("datum", "bd09mc")], "datum"),
        ([("datum", "gcj02"), ("datum", "wgs84")], "datum"),
        ([("speed_unit", "furlongs")], "speed_unit"),
        ([("coordsys", "gcj02")], "coordsys"),
        ([("datun", "GCJ-02")], "datun"),
        ([("datum", "wgs84"), ("map", "bd09ll")], "map"),
        ([("speed_units", "knots")], "speed_units"),
        ([("CRS", "EPSG:4326")], "crs"),
        ([("units", "metric")], "units"),
        ([("tz", "8")], "tz"),
    ],
)
def test_what_would_change_a_meaning_unnoticed_is_refused(given: list[tuple[str, str]], field: str) -> None:
    with pytest.raises(WrongAddress) as refusal:
        read_address(given)
    assert refusal.value.params["field"] == field
