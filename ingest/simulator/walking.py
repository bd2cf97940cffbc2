"""Move a force: around its home when idle, or to a target. Pure: seconds and randomness are passed in."""

from dataclasses import dataclass, field
from math import atan2, cos, degrees, hypot, pi, sin

import numpy as np

from ingest.simulator.locations import metres_between, shifted

FASTEST_KMH = 180.0
"""Below the server's `teleport` flag, which begins at 200 km/h."""
ARRIVED_M = 12.0
STROLL_KMH = 4.2
STROLL_M = {"walk": 220.0, "bike": 350.0, "ebike": 350.0}
DRIVE_M, DRIVE_KMH = 1500.0, 22.0
LONGEST_PAUSE_S = 240.0

Position = tuple[float, float]


@dataclass(slots=True)
class Walker:
    """A force on the map: its position, the waypoints ahead, and the rest of its pause. Speed in metres a second."""

    home: Position
    mode: str
    at: Position
    heading: float = 0.0
    speed_mps: float = 0.0
    waypoints: list[Position] = field(default_factory=list)
    pause_s: float = 0.0

    @property
    def has_arrived(self) -> bool:
        return not self.waypoints

    def send(self, target: Position, rng: np.random.Generator) -> None:
        """Head for a target by way of one corner, about a quarter longer than the straight line, as streets are."""
        east, north = metres_between(self.at, target)
        aside = float(rng.uniform(0.25, 0.4)) * (1 if rng.random() < 0.5 else -1)
        corner = shifted(*self.at, east=east / 2 - north * aside, north=north / 2 + east * aside)
        self.waypoints, self.pause_s = [corner, target], 0.0

    def stop(self) -> None:
        """Stop at the current position."""
        self.waypoints, self.pause_s, self.speed_mps = [], 0.0, 0.0

    def move(self, seconds: float, *, kmh: float) -> None:
        """Move along the waypoints for some seconds at a speed."""
        left_m = min(kmh, FASTEST_KMH) / 3.6 * seconds
        before = self.at
        while self.waypoints and left_m > 0:
            left_m = self._towards(self.waypoints[0], left_m)
        self.speed_mps = hypot(*metres_between(before, self.at)) / seconds if seconds > 0 else 0.0

    def _towards(self, point: Position, metres: float) -> float:
        """Move towards a point; return the metres left over once it is reached."""
        east, north = metres_between(self.at, point)
        distance = hypot(east, north)
        if distance > 1e-6:
            self.heading = degrees(atan2(east, north)) % 360
        if distance <= max(metres, ARRIVED_M if len(self.waypoints) > 1 else 0.0):
            self.at = point
            self.waypoints.pop(0)
            return metres - distance
        part = metres / distance
        self.at = shifted(*self.at, east=east * part, north=north * part)
        return 0.0

    def idle(self, seconds: float, rng: np.random.Generator, *, kmh: float) -> None:
        """Stroll (or drive slowly) to a random point near home, then pause. From far away, return at `kmh`."""
        if self.pause_s > 0:
            self.pause_s -= seconds
            self.speed_mps = 0.0
            return
        if not self.waypoints:
            self.waypoints = [self._somewhere_near(rng)]
        afar = hypot(*metres_between(self.at, self.home)) > 2 * STROLL_M.get(self.mode, DRIVE_M)
        self.move(seconds, kmh=kmh if afar else STROLL_KMH if self.mode in STROLL_M else DRIVE_KMH)
        if not self.waypoints:
            self.pause_s = float(rng.uniform(20, LONGEST_PAUSE_S))

    def _somewhere_near(self, rng: np.random.Generator) -> Position:
        radius = STROLL_M.get(self.mode, DRIVE_M) * float(np.sqrt(rng.random()))
        angle = float(rng.uniform(0, 2 * pi))
        return shifted(*self.home, east=radius * cos(angle), north=radius * sin(angle))
