"""Parameters of a phone's report address, for what its app does not send. The administrator types them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from geo.datum import Datum
from geo.errors import ErrorKind, MaplebridgeError

Meaning = TypeVar("Meaning")

DATUMS = {
    "wgs84": Datum.WGS84,
    "gcj02": Datum.GCJ02,
    "gcj02ll": Datum.GCJ02,
    "bd09": Datum.BD09,
    "bd09ll": Datum.BD09,
}
"""Names of datums without their dashes: `GCJ-02`, `gcj02` and Baidu's `bd09ll` are all in use."""

SPEED_UNITS = {"mps": 1.0, "kmh": 1 / 3.6, "knots": 1852 / 3600}
"""Metres a second of one unit."""

UNKNOWN_MEANINGS = frozenset(
    {
        "accuracy_unit",
        "coord_sys",
        "coord_system",
        "coord_type",
        "coordinate_system",
        "coordinates",
        "coordsys",
        "coordtype",
        "crs",
        "epsg",
        "projection",
        "speedunit",
        "srid",
        "srs",
        "timezone",
        "tz",
        "unit",
        "units",
    }
)
"""Parameters of other services that would change what a position means. Ignored, they would move or slow a force
unnoticed, so they are refused."""

LONGEST_NAME = 40
DATUM, SPEED_UNIT = "datum", "speed_unit"
PLACE_MEANINGS = UNKNOWN_MEANINGS - {"accuracy_unit", "speedunit", "timezone", "tz", "unit", "units"} | {DATUM}
"""Those that change a place. They count in messages, too."""

DEVICE_NAMES = ("id", "deviceid", "device_id", "device")


class WrongAddress(MaplebridgeError):
    """The address has a parameter that is unknown but changes what a position means, or an unknown value of one.
    `params`: `field`, and `values` where there is a choice.
    """

    code = "position.parameter"
    kind = ErrorKind.UNREADABLE


@dataclass(frozen=True, slots=True)
class Address:
    """Datum and unit of speed that an address states, None if it does not, and the device that it names."""

    datum: Datum | None = None
    speed_unit_mps: float | None = None
    device: str | None = None


NOTHING_STATED = Address()


def read_address(parameters: Iterable[tuple[str, str]]) -> Address:
    """Read the parameters of an address, names and values. Raises `WrongAddress`.

    Names count in any case. An empty value is no value; two different values of one parameter are refused.
    """
    found: dict[str, set[str]] = {}
    for name, value in parameters:
        if value.strip():
            found.setdefault(name.strip().lower(), set()).add(value.strip())
    if unknown := UNKNOWN_MEANINGS & found.keys() | _misspelt(found):
        raise WrongAddress(field=min(unknown)[:LONGEST_NAME])
    return Address(
        datum=_choice(found, DATUM, DATUMS),
        speed_unit_mps=_choice(found, SPEED_UNIT, SPEED_UNITS),
        device=next((min(found[name]) for name in DEVICE_NAMES if name in found), None),
    )


def changes_meaning(name: str, value: object) -> bool:
    """Return whether an unknown parameter would change what a position means, by its name or its value."""
    return name.strip().lower() in UNKNOWN_MEANINGS or (isinstance(value, str) and bool(_misspelt({name: {value}})))


def with_stated(address: Address, message: Mapping[str, object]) -> Address:
    """Return the address with the datum that a message states. Raises `WrongAddress`, also if the address differs."""
    given = [(name, value) for name, value in message.items() if isinstance(value, str)]
    found = read_address([(name, value) for name, value in given if name.strip().lower() in PLACE_MEANINGS])
    if found.datum is None or found.datum is address.datum:
        return address
    if address.datum is not None:
        raise WrongAddress(field=DATUM, values=sorted(DATUMS))
    return replace(address, datum=found.datum)


def _misspelt(found: Mapping[str, set[str]]) -> set[str]:
    """Return the parameters of other names whose value is a datum or a unit of speed: `datun=gcj02`."""
    known = {DATUM, SPEED_UNIT, *DEVICE_NAMES}
    return {name for name in found.keys() - known if {*map(_plain, found[name])} & (DATUMS.keys() | SPEED_UNITS.keys())}


def _plain(value: str) -> str:
    return value.lower().replace("-", "").replace("_", "").replace(" ", "")


def _choice(found: Mapping[str, set[str]], name: str, choices: Mapping[str, Meaning]) -> Meaning | None:
    values = {_plain(value) for value in found.get(name, ())}
    if not values:
        return None
    if len(values) > 1 or not values <= choices.keys():
        raise WrongAddress(field=name, values=sorted(choices))
    return choices[values.pop()]
