"""Precision of masked places and times: one resolution for incidents, forces and hotspots alike. Pure.

Whatever is masked names only a cell of `MASK_RESOLUTION` and a whole minute, so that joining two masked things gives
nothing more exact than either.
"""

from datetime import UTC, datetime, timedelta

from geo.cells import cell_of, centre

MASK_RESOLUTION = 9
"""H3 resolution of masked places: cells of about 0.1 km², 200 m from middle to corner."""

MASK_STEP = timedelta(minutes=1)
"""A vehicle crosses a masked cell in less: the moment it enters does not tell how far it is from the edge."""

MASK_LEVEL = "village"
"""The smallest division that a masked place names."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def mask_cell(lon: float, lat: float) -> int:
    """Return the masked cell of a place: the hexagon that holds it, which a parent of its finer cell need not do."""
    return cell_of(lon, lat, MASK_RESOLUTION)


def mask_place(lon: float, lat: float) -> tuple[float, float]:
    """Return longitude and latitude of the middle of the masked cell."""
    return centre(mask_cell(lon, lat))


def mask_time(moment: datetime) -> datetime:
    """Return the start of the minute that holds an aware moment."""
    return moment - (moment - _EPOCH) % MASK_STEP
