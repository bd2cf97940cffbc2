"""What can be said of a force, and what is refused. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from geo.errors import ErrorKind, MaplebridgeError


class Duty(StrEnum):
    """On duty, to be called in, or at home."""

    ON = "on"
    ON_CALL = "on_call"
    OFF = "off"


class ForceBusy(MaplebridgeError):
    """The force already has an active task. `params`: `force`."""

    code = "force.busy"
    kind = ErrorKind.CONFLICT


class DeviceTaken(MaplebridgeError):
    """A device belongs to another force. `params`: `devices`, the code of the force that has each."""

    code = "force.device_taken"


@dataclass(frozen=True, slots=True)
class ForceRecord:
    """A force as a list of staff gives it. `lon`, `lat`: its home post, WGS-84 degrees.

    `specialities` are categories or classes of matters; `mode` is how it travels; `duty` holds until someone says
    otherwise, so it counts only the first time.
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
    duty: Duty = Duty.ON


@dataclass(frozen=True, slots=True)
class RegistrationCounts:
    """What became of a list of forces: how many were new, changed, or already so."""

    added: int
    changed: int
    unchanged: int
