"""Assign fixes to forces and flag them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from geo.fixes import Fix as Point
from geo.fixes import Verdict, judge
from geo.masking import mask_place, mask_time

OFF_DUTY = "off_duty"
UNKNOWN = "force.unknown"
FOREIGN = "force.foreign"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A fix as it was received, WGS-84, with the raw coordinates in their datum.

    The force is given by its id, or by the names its device may be registered under, most specific first.
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


def masked(position: Position) -> Position:
    """Mask a position as the place of an incident is masked: a force at work is where its incident is.

    Every force's, at all times: a fix that is exact again once a task is over is still at its incident.
    """
    lon, lat = mask_place(position.lon, position.lat)
    return replace(position, at=mask_time(position.at), lon=lon, lat=lat, speed_mps=None, heading=None, accuracy_m=None)


@dataclass(frozen=True, slots=True)
class TrackedForce:
    """A force as needed for fixes: its device, duty and division, and its latest sound fix."""

    force_id: int
    device_id: str | None
    duty: str
    division_path: str
    latest: Point | None


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

    def of(self, sighting: Sighting) -> TrackedForce | RefusedSighting:
        """Find the force of a sighting. With `only`, others are refused as foreign, known or not, so that nothing
        leaks.
        """
        force = self._named(sighting)
        if force is None:
            return RefusedSighting(UNKNOWN if self._only is None else FOREIGN)
        return force if self._only in (None, force.force_id) else RefusedSighting(FOREIGN)

    def _named(self, sighting: Sighting) -> TrackedForce | None:
        if sighting.force_id is not None:
            return self._by_id.get(sighting.force_id)
        for device in sighting.devices:
            if force := self._by_device.get(device):
                return force
        return None


def flag_all(
    sightings: Iterable[Sighting], forces: TrackedForces, *, now: datetime
) -> list[FlaggedSighting | RefusedSighting]:
    """Flag sightings in the order they came, each against the last sound one of its force."""
    latest: dict[int, Point | None] = {}
    outcomes: list[FlaggedSighting | RefusedSighting] = []
    for sighting in sightings:
        force = forces.of(sighting)
        if isinstance(force, RefusedSighting):
            outcomes.append(force)
            continue
        point = Point(sighting.lon, sighting.lat, sighting.at)
        known = latest.setdefault(force.force_id, force.latest)
        flag = OFF_DUTY if force.duty == "off" else judge(point, known, now=now).value
        if flag == Verdict.OK:
            latest[force.force_id] = point
        outcomes.append(FlaggedSighting(sighting, force, flag))
    return outcomes
