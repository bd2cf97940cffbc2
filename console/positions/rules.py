"""Assign fixes to forces, place them by their device's datum, and flag them. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from geo.datum import Datum, point_to_wgs84
from geo.fixes import ASSUMED_M, Verdict, judge
from geo.fixes import Fix as Point
from geo.masking import mask_place, mask_time

OFF_DUTY = "off_duty"
UNKNOWN = "force.unknown"
FOREIGN = "force.foreign"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A fix as it was received, WGS-84, with the raw coordinates in their datum.

    The force is given by its id, or by the names its device may be registered under, most specific first. Unless
    `datum_stated`, the datum is a guess, which the device's own overrules. `mock`: made up by a program of the phone.
    `device_at`: what the phone's clock said, where that is wrong and `at` corrected.
    """

    devices: tuple[str, ...]
    force_id: int | None
    at: datetime
    lon: float
    lat: float
    raw_x: float
    raw_y: float
    datum: str
    dialect: str
    speed_mps: float | None
    heading: float | None
    accuracy_m: float | None
    battery: float | None
    mock: bool = False
    datum_stated: bool = True
    device_at: datetime | None = None

    @property
    def point(self) -> Point:
        return Point(self.lon, self.lat, self.at, accuracy_m=self.accuracy_m, mock=self.mock)


@dataclass(frozen=True, slots=True)
class Position:
    """A force's sound fix, WGS-84. Metres a second, degrees from north, metres. The path is the force's division."""

    force_id: int
    division_path: str
    at: datetime
    lon: float
    lat: float
    speed_mps: float | None
    heading: float | None
    accuracy_m: float | None

    @property
    def point(self) -> Point:
        return Point(self.lon, self.lat, self.at, accuracy_m=self.accuracy_m)


@dataclass(frozen=True, slots=True)
class TrailPoint:
    """Position of a force at a moment, WGS-84."""

    at: datetime
    lon: float
    lat: float


def masked(position: Position) -> Position:
    """Mask a position as the place of an incident is masked: a force at work is where its incident is.

    Every force's, at all times: a fix that is exact again once a task is over is still at its incident.
    """
    lon, lat = mask_place(position.lon, position.lat)
    return replace(position, at=mask_time(position.at), lon=lon, lat=lat, speed_mps=None, heading=None, accuracy_m=None)


@dataclass(frozen=True, slots=True)
class TrackedForce:
    """A force as needed for fixes: its device with its datum, its duty and division, and its latest sound fix."""

    force_id: int
    code: str
    device_id: str | None
    device_datum: Datum | None
    duty: str
    division_path: str
    latest: Point | None


class NamesForce(Protocol):
    """Names a force by its id, or by the names its device may be registered under, most specific first."""

    @property
    def force_id(self) -> int | None: ...

    @property
    def devices(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class FlaggedSighting:
    """A sighting with its force and flag: a verdict, or `off_duty`, which is not stored."""

    sighting: Sighting
    force: TrackedForce
    flag: str

    @property
    def position(self) -> Position:
        seen = self.sighting
        return Position(
            force_id=self.force.force_id,
            division_path=self.force.division_path,
            at=seen.at,
            lon=seen.lon,
            lat=seen.lat,
            speed_mps=seen.speed_mps,
            heading=seen.heading,
            accuracy_m=seen.accuracy_m,
        )


@dataclass(frozen=True, slots=True)
class RefusedSighting:
    """A sighting of an unknown force, or of one the sender may not report. `code` says which."""

    code: str


class TrackedForces:
    """Forces of a batch, found by id or device."""

    def __init__(self, forces: Iterable[TrackedForce], *, only: int | None = None) -> None:
        found = [*forces]
        self._by_id = {force.force_id: force for force in found}
        self._by_device = {force.device_id: force for force in found if force.device_id}
        self._only = only

    def of(self, sighting: NamesForce) -> TrackedForce | RefusedSighting:
        """Find the force of a sighting. With `only`, others are refused as foreign, known or not, so that nothing
        leaks.
        """
        force = self._named(sighting)
        if force is None:
            return RefusedSighting(UNKNOWN if self._only is None else FOREIGN)
        return force if self._only in (None, force.force_id) else RefusedSighting(FOREIGN)

    def _named(self, sighting: NamesForce) -> TrackedForce | None:
        if sighting.force_id is not None:
            return self._by_id.get(sighting.force_id)
        for device in sighting.devices:
            if force := self._by_device.get(device):
                return force
        return None


def flag_all(
    sightings: Sequence[Sighting], forces: TrackedForces, *, now: datetime
) -> list[FlaggedSighting | RefusedSighting]:
    """Flag sightings, each against the last sound one of its force before it. Returns an outcome for each, in order.

    Phones send what they kept in any order, newest first or mixed: fixes of a force are judged in the order of their
    times, so that the same fixes get the same flags.
    """
    named = [forces.of(sighting) for sighting in sightings]
    outcomes: dict[int, FlaggedSighting | RefusedSighting] = {}
    latest: dict[int, Point | None] = {}
    for i in sorted(range(len(sightings)), key=lambda i: _rank(sightings[i])):
        force = named[i]
        if isinstance(force, RefusedSighting):
            outcomes[i] = force
            continue
        sighting = place_by_device(sightings[i], force)
        known = latest.setdefault(force.force_id, force.latest)
        flag = OFF_DUTY if force.duty == "off" else judge(sighting.point, known, now=now).value
        if flag == Verdict.OK:
            latest[force.force_id] = sighting.point
        outcomes[i] = FlaggedSighting(sighting, force, flag)
    return [outcomes[i] for i in range(len(sightings))]


def place_by_device(sighting: Sighting, force: TrackedForce) -> Sighting:
    """Convert the raw coordinates from the datum that is set for the force's device, unless the sender stated one."""
    datum = force.device_datum
    if sighting.datum_stated or datum is None or datum == sighting.datum:
        return sighting
    lon, lat = point_to_wgs84(sighting.raw_x, sighting.raw_y, datum)
    return replace(sighting, lon=lon, lat=lat, datum=datum.value)


def _rank(sighting: Sighting) -> tuple[Any, ...]:
    """Order by time; of one moment, the most accurate first, then in some order that does not change."""
    radius = sighting.accuracy_m
    return sighting.at, radius or ASSUMED_M, sighting.lon, sighting.lat, radius is None, radius or 0.0
