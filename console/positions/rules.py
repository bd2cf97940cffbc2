"""What is known of where a force is. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Position:
    """A force's sound fix, WGS-84. Metres a second, degrees from north, metres. The path is the force's post."""

    force_id: int
    division_path: str
    at: datetime
    lon: float
    lat: float
    speed_mps: float | None
    heading: float | None
    accuracy_m: float | None
