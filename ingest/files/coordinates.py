"""Read coordinates as offices write them: degrees, 度分秒, hemispheres, and both in one cell. Pure."""

import json
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import shapely
from shapely.errors import ShapelyError

Axis = Literal["lon", "lat"]
MOST = 180.0
LONGEST = 200
DEGREES_OF_WGS84 = ("", "0", "4326", "4490")
"""EPSG codes before a WKT that need no conversion; which datum the file holds is stated once, for all of it."""

_SIGNS = str.maketrans(
    {"º": "°", "˚": "°", "´": "'", "`": "'", "‘": "'", "’": "'", "“": '"', "”": '"', "″": '"', "′": "'"}
)
_WORDS = (
    (re.compile(r"[东東][经經]|(?<![A-Z])EAST(?![A-Z])"), "E"),
    (re.compile(r"西[经經]|(?<![A-Z])WEST(?![A-Z])"), "W"),
    (re.compile(r"北[纬緯]|(?<![A-Z])NORTH(?![A-Z])"), "N"),
    (re.compile(r"南[纬緯]|(?<![A-Z])SOUTH(?![A-Z])"), "S"),
    (re.compile(r"\"?(?:[经經]度|LONGITUDE|LON|LNG)\"?\s*[:=]?"), "X"),
    (re.compile(r"\"?(?:[纬緯]度|LATITUDE|LAT)\"?\s*[:=]?"), "Y"),
    (re.compile("[东東]"), "E"),
    (re.compile(r"西"), "W"),
    (re.compile(r"北"), "N"),
    (re.compile(r"南"), "S"),
    (re.compile(r"度|DEG"), "°"),
    (re.compile(r"分(?!秒)"), "'"),
    (re.compile(r"秒"), '"'),
    (re.compile(r"'\s?'"), '"'),
)
_AXES: dict[str, tuple[Axis | None, int]] = {
    "E": ("lon", 1), "W": ("lon", -1), "N": ("lat", 1), "S": ("lat", -1), "X": ("lon", 1), "Y": ("lat", 1),
}  # fmt: skip
_PART = r"\d{1,2}(?:[.,]\d+)?"
_ANGLE = re.compile(
    rf"(?P<before>[XY]?\s?[EWNS]?)\s?(?P<sign>[+-]?)\s?(?:(?P<degrees>\d{{1,3}}(?:[.,]\d+)?)\s?°?"
    rf"|(?P<d>\d{{1,3}})\s?(?P<mark>[°:\s-])\s?(?P<m>{_PART})\s?(?:['\s:-]\s?(?:(?P<s>{_PART})\s?\"?)?)?)"
    r"\s?(?P<after>[EWNS]?)"
)
_POINT = re.compile(r"(?:SRID=(\d+);)?\s*POINT\s*(?:Z|M|ZM)?\s*\(\s*(\S+)\s+(\S+)(?:\s+\S+){0,2}\s*\)", re.IGNORECASE)
_WITH_HEIGHT = re.compile(r"([+-]?\d{1,3}\.\d+\s*[,\s]\s*[+-]?\d{1,3}\.\d+)\s*[,\s]\s*[+-]?\d+(?:\.\d+)?")
_HEX = re.compile(r"0[01][0-9A-Fa-f]{40,90}")
_SEPARATORS = (r"\s*[;|、/]\s*", r"\s*,\s+", r"\s*,\s*", r"\s+")
_BOUNDARIES = (r"(?<=[\d°'\"])\s?(?=[EWNSXY])", r"(?<=[EWNS])\s?(?=\d)")


class NotACoordinateText(ValueError):
    """A text that is no coordinate, or two whose order is not certain. `code` is the problem's."""

    def __init__(self, code: str = "coordinate.unreadable") -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Angle:
    """An angle in degrees, and the axis that its text names."""

    degrees: float
    axis: Axis | None = None


def read_angle(value: Any) -> Angle:
    """Read a longitude or latitude. Raises NotACoordinateText."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Angle(float(value))
    with suppress(NotACoordinateText):  # Nearly all are plain numbers.
        return Angle(_plain_number(str(value)))
    return _angle(_simplified(str(value)))


def read_pair(value: Any, *, first: Axis | None = None) -> tuple[float, float]:
    """Read longitude and latitude from one text. Raises NotACoordinateText.

    Their axes decide, then their size: no latitude is over 90. Where both may be either, `first` is what the column's
    name says, and without it nothing is guessed.
    """
    text = str(value).strip().lstrip("'")
    if len(text) > LONGEST:
        raise NotACoordinateText
    if found := _from_geometry(text):
        return found
    plain = _simplified(text).strip("()[]{} ")
    if with_height := _WITH_HEIGHT.fullmatch(plain):
        plain = with_height[1]
    for one, other in _halves(plain):
        try:
            angles = _angle(one), _angle(other)
        except NotACoordinateText:
            continue
        return _ordered(*angles, first)
    raise NotACoordinateText


def _from_geometry(text: str) -> tuple[float, float] | None:
    """Read a point in WKT, GeoJSON or hexadecimal WKB; None for a text that is none of them."""
    if found := _POINT.fullmatch(text):
        if (found[1] or "") not in DEGREES_OF_WGS84:
            raise NotACoordinateText
        return _number(found[2]), _number(found[3])
    if text.startswith("{") and '"Point"' in text:
        try:
            x, y = json.loads(text)["coordinates"][:2]
        except (ValueError, KeyError, TypeError) as error:
            raise NotACoordinateText from error
        return _number(x), _number(y)
    if _HEX.fullmatch(text):
        try:
            shape = shapely.from_wkb(text)
        except ShapelyError as error:
            raise NotACoordinateText from error
        if isinstance(shape, shapely.Point) and not shape.is_empty:
            return shape.x, shape.y
    return None


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise NotACoordinateText from error
    if not isfinite(number):
        raise NotACoordinateText
    return number


def _simplified(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.strip().lstrip("'").translate(_SIGNS)).upper()
    plain = plain.translate({0x2013: "-", 0x2212: "-"})
    for pattern, mark in _WORDS:
        plain = pattern.sub(mark, plain)
    return " ".join(plain.split())


def _angle(text: str) -> Angle:
    found = _ANGLE.fullmatch(text)
    if found is None:
        return Angle(_plain_number(text))
    degrees = _degrees(found)
    letters = [_AXES[letter] for letter in found["before"] + found["after"] if letter in _AXES]
    axes = {axis for axis, _ in letters}
    if (
        len(axes) > 1
        or (degrees > MOST and not found["degrees"])
        or (found["sign"] and any(way < 0 for _, way in letters))
    ):
        raise NotACoordinateText
    way = -1 if found["sign"] == "-" or any(way < 0 for _, way in letters) else 1
    return Angle(way * degrees, axes.pop() if axes else None)


def _degrees(found: re.Match[str]) -> float:
    if found["degrees"]:
        return float(found["degrees"].replace(",", "."))
    minutes, seconds = (float((found[part] or "0").replace(",", ".")) for part in "ms")
    is_cut = found["s"] is not None and not float(found["m"].replace(",", ".")).is_integer()
    if minutes >= 60 or seconds >= 60 or is_cut or (found["mark"] == "-" and found["s"] is None):
        raise NotACoordinateText
    return float(found["d"]) + minutes / 60 + seconds / 3600


def _plain_number(text: str) -> float:
    """Read a number in any writing of Python's, such as 1.2e2, but the one with underscores."""
    if "_" in text:
        raise NotACoordinateText
    try:
        return float(text)
    except ValueError as error:
        raise NotACoordinateText from error


def _halves(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to divide a text in two."""
    for separator in (*_SEPARATORS, *_BOUNDARIES):
        parts = [part for part in re.split(separator, text) if part]
        if len(parts) == 2:
            yield parts[0], parts[1]


def _ordered(one: Angle, other: Angle, first: Axis | None) -> tuple[float, float]:
    axis = one.axis or ("lat" if other.axis == "lon" else "lon" if other.axis == "lat" else None)
    if one.axis is not None and one.axis == other.axis:
        raise NotACoordinateText
    axis = axis or _axis_by_size(one.degrees, other.degrees) or first
    if axis is None:
        raise NotACoordinateText("coordinate.order")
    lon, lat = (one, other) if axis == "lon" else (other, one)
    if not (abs(lon.degrees) <= MOST and abs(lat.degrees) <= MOST / 2):
        raise NotACoordinateText
    return lon.degrees, lat.degrees


def _axis_by_size(one: float, other: float) -> Axis | None:
    if abs(one) > MOST / 2 >= abs(other):
        return "lon"
    return "lat" if abs(other) > MOST / 2 >= abs(one) else None
