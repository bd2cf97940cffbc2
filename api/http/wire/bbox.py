"""Boxes in queries: `west,south,east,north`, or six numbers with heights, which are ignored."""

import re
from math import isfinite

from layers.divisions.queries import Bbox

_NUMBERS = re.compile(r"[-+0-9.eE, ]{1,200}")


def parse_bbox(text: str) -> Bbox:
    """Parse a box in degrees, WGS-84. ValueError for anything else, including a south above north.

    A box across the antimeridian (west beyond east) is refused: no county lies there, and swapped values are likelier.
    """
    numbers = [float(part) for part in text.split(",")] if _NUMBERS.fullmatch(text) else []
    if len(numbers) not in (4, 6) or not all(map(isfinite, numbers)):
        raise ValueError(text)
    west, south, east, north = (numbers[i] for i in ((0, 1, 2, 3) if len(numbers) == 4 else (0, 1, 3, 4)))
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError(text)
    return west, south, east, north
