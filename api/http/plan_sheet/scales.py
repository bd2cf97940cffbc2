"""The scale of a map sheet: a round one at which the land fits, and a bar of a round length. Pure."""

from dataclasses import dataclass

from geo.plane import Plane

ROUND = (1.0, 1.2, 1.5, 1.8, 2.0, 2.2, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0)
BARS = (1.0, 2.0, 5.0)
MOST_BAR_MM = 50.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SheetScale:
    """`denominator` of 1:n, and the middle of the land on its plane."""

    denominator: float
    plane: Plane

    @property
    def metres_per_mm(self) -> float:
        return self.denominator / 1000


def scale_of(box: Box, *, wide_mm: float, high_mm: float) -> SheetScale:
    """Return the largest round scale at which a box (degrees) fits into a frame."""
    west, south, east, north = box
    plane = Plane((west + east) / 2, (south + north) / 2)
    (x0, y0), (x1, y1) = plane.to_metres([(west, south), (east, north)]).tolist()
    least = max((x1 - x0) / wide_mm, (y1 - y0) / high_mm, 0.01) * 1000
    power = 1.0
    while power * 10 <= least:
        power *= 10
    return SheetScale(next(factor * power for factor in (*ROUND, 10.0) if factor * power >= least), plane)


def bar_of(scale: SheetScale) -> float:
    """Return the length of a scale bar in metres: the longest round one that is at most `MOST_BAR_MM` wide."""
    most = MOST_BAR_MM * scale.metres_per_mm
    power = 1.0
    while power * 10 <= most:
        power *= 10
    return max(factor * power for factor in BARS if factor * power <= most)
