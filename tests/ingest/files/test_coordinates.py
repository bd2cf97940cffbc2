"""Coordinates as offices write them."""

from contextlib import suppress
from typing import Any, Literal

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ingest.files.coordinates import Angle, NotACoordinateText, read_angle, read_pair

LON, LAT = 120 + 38 / 60 + 16.8 / 3600, 31 + 6 / 60 + 18 / 3600
POINT = shapely.Point(120.638, 31.105)


@pytest.mark.parametrize(
    "text",
    [
        "120°38'16.8\"E",
        "120°38′16.8″E",
        "E120°38'16.8\"",
        "120度38分16.8秒",
        "东经120度38分16.8秒",
        "120°38'16.8\"",
        "120 38 16.8",
        "120:38:16.8",
        "120-38-16.8",
        "120°38.28'",
        "120°38.28′ E",
        "１２０°３８′１６．８″",
        "120º38’16.8”",
        "120° 38' 16.8''",
        "E 120° 38' 16,8\"",
        "经度:120°38′16.8″",
        "120°38'16.8",
        '120°38´16.8"E',
        "120.638",
        "120,638",
        "１２０．６３８",
        "E120.638",
        "120.638E",
        "120.638°E",
        "120.638°",
        "东经120.638",
        "120.638 东",
        "+120.638",
        " 120.638 ",
        "1.20638e2",
        "'120.638",
        120.638,
    ],
)
def test_a_longitude_is_read_in_every_writing(text: Any) -> None:
    found = read_angle(text)
    assert found.degrees == pytest.approx(LON if found.degrees != 120.638 else 120.638, abs=1e-9)
    assert found.axis in ("lon", None)


@pytest.mark.parametrize(
    ("text", "degrees", "axis"),
    [
        ("122.4W", -122.4, "lon"),
        ("西经122°24′", -122.4, "lon"),
        ("S33.5", -33.5, "lat"),
        ("-122.4", -122.4, None),
        ("'-122.4", -122.4, None),
        ("北纬31.105", 31.105, "lat"),
        ("-122°24'0\"", -122.4, None),
        ("南纬33度30分", -33.5, "lat"),
    ],
)
def test_the_hemisphere_gives_sign_and_axis(text: str, degrees: float, axis: str | None) -> None:
    found = read_angle(text)
    assert (found.degrees, found.axis) == (pytest.approx(degrees), axis)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "",
        "120.6.38",
        "120°61'",
        "120°38'61\"",
        "120-38",
        "E120N",
        "-122W",
        "1_2",
        "120°38.5'16\"",
        "十",
        "999°0'0\"",
        "120°38'16.8\"E 1",
    ],
)
def test_what_is_no_angle_is_refused(text: str) -> None:
    with pytest.raises(NotACoordinateText):
        read_angle(text)


@pytest.mark.parametrize(
    "text",
    [
        "120.638,31.105",
        "120.638, 31.105",
        "120.638 31.105",
        "(120.638, 31.105)",
        "[120.638,31.105]",
        "120.638;31.105",
        "１２０．６３８，３１．１０５",
        "120.638、31.105",
        "120.638/31.105",
        "31.105,120.638",
        "31.105 120.638",
        "120,638 31,105",
        "120,638; 31,105",
        "E120.638 N31.105",
        "N31.105,E120.638",
        "120.638E31.105N",
        "东经120.638北纬31.105",
        "北纬31.105°，东经120.638°",
        "经度120.638，纬度31.105",
        "lat: 31.105, lng: 120.638",
        '{"lng":120.638,"lat":31.105}',
        "POINT(120.638 31.105)",
        "point z (120.638 31.105 3)",
        "SRID=4326;POINT(120.638 31.105)",
        '{"type":"Point","coordinates":[120.638,31.105]}',
        POINT.wkb_hex,
        shapely.to_wkb(shapely.set_srid(POINT, 4326), hex=True, include_srid=True),
        "'120.638,31.105",
        "120.638,31.105,12",
        "[120.638, 31.105, -1.5]",
        "31.105 120.638 0",
    ],
)
def test_both_in_one_cell_are_read_in_either_order(text: str) -> None:
    assert read_pair(text) == pytest.approx((120.638, 31.105))


@pytest.mark.parametrize(
    "text",
    [
        "120°38'16.8\"E 31°6'18\"N",
        "31°6'18\"N 120°38'16.8\"E",
        "东经120度38分16.8秒，北纬31度6分18秒",
        "东经120°38′16.8″北纬31°6′18″",
        "N31°6′18″E120°38′16.8″",
        "120°38'16.8\",31°6'18\"",
        "120 38 16.8, 31 6 18",
        "120:38:16.8 31:06:18",
    ],
)
def test_degrees_minutes_and_seconds_of_both_are_read(text: str) -> None:
    assert read_pair(text) == pytest.approx((LON, LAT))


@pytest.mark.parametrize(("first", "expected"), [("lon", (75.9, 39.5)), ("lat", (39.5, 75.9)), (None, None)])
def test_an_order_that_neither_size_nor_name_tells_is_asked_for(
    first: Literal["lon", "lat"] | None, expected: tuple[float, float] | None
) -> None:
    """Kashgar lies west of 90° E."""
    if expected is not None:
        assert read_pair("75.9,39.5", first=first) == expected
        return
    with pytest.raises(NotACoordinateText) as refused:
        read_pair("75.9,39.5", first=first)
    assert refused.value.code == "coordinate.order"
    assert read_pair("75.9E,39.5", first="lat") == (75.9, 39.5)


@pytest.mark.parametrize(
    "text",
    [
        "松陵街道12号",
        "",
        "120.638",
        "120.638,31.105,3,4",
        "120,638",
        "190,31",
        "120,100",
        "SRID=3857;POINT(1 2)",
        "POINT EMPTY",
        "E120,E31",
        "POINT(nan 31)",
        '{"type":"Point"}',
        "120.6,31.1" * 50,
    ],
)
def test_what_is_no_pair_is_refused(text: str) -> None:
    with pytest.raises(NotACoordinateText):
        read_pair(text)


@given(st.integers(0, 179), st.integers(0, 59), st.floats(0, 59.99), st.sampled_from("EW"))
def test_degrees_minutes_and_seconds_give_the_angle(degrees: int, minutes: int, seconds: float, way: str) -> None:
    expected = (degrees + minutes / 60 + round(seconds, 4) / 3600) * (1 if way == "E" else -1)
    found = read_angle(f"{degrees}°{minutes}′{seconds:.4f}″{way}")
    assert found.axis == "lon" and found.degrees == pytest.approx(expected, abs=1e-9)


@given(st.text(alphabet="0123.,;-+ °'\"NESW度分秒东北经纬(){}[]:/POINT", max_size=24))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NotACoordinateText):
        assert isinstance(read_angle(text), Angle)
    with suppress(NotACoordinateText):
        lon, lat = read_pair(text)
        assert abs(lon) <= 180 and abs(lat) <= 90
