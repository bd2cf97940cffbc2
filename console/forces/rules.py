"""Duty, records and errors of forces. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from geo.datum import Datum
from geo.errors import ErrorKind, MaplebridgeError


class Duty(StrEnum):
    """On duty, on call, or off duty."""

    ON = "on"
    ON_CALL = "on_call"
    OFF = "off"


class ForceBusy(MaplebridgeError):
    """The force already has an active task. `params`: `force`."""

    code = "force.busy"
    kind = ErrorKind.CONFLICT


def masked_telephone(number: str) -> str:
    """Hide all but the last two digits: enough to tell one number from another, and not to call it."""
    return "".join("*" if char.isdigit() and i < len(number) - 2 else char for i, char in enumerate(number))


class DeviceTaken(MaplebridgeError):
    """A device belongs to another force. `params`: `devices`, the code of the force that has each."""

    code = "force.device_taken"


@dataclass(frozen=True, slots=True)
class ForceRecord:
    """A force as listed in a list of staff. `lon`, `lat`: its home, WGS-84 degrees.

    `specialities` are categories or classes of incidents; `mode` is its mode of travel; `duty` is its first duty, which
    operators change from then on. `device_datum`: what its device's positions are in where they do not say it.
    """

    code: str
    name: str
    kind: str
    mode: str
    lon: float
    lat: float
    division_path: str
    organisation: str = ""
    specialities: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    device_id: str | None = None
    device_datum: Datum | None = None
    telephone: str = ""
    duty: Duty = Duty.ON


@dataclass(frozen=True, slots=True)
class RegistrationCounts:
    """Counts of new, changed and unchanged forces of a list."""

    added: int
    changed: int
    unchanged: int
