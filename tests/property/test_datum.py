"""For any point of China and any datum, a round trip returns the same point."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.datum import Datum, from_wgs84, point_to_wgs84, to_wgs84

# So far inside the rectangle within which the shifts are defined (see geo/datum.py) that no shift leads out of it: at
# 53° N, BD-09 lies 0.015° east of where a place is, and beyond the edge nothing is shifted back.
LONGITUDES = st.floats(72.03, 137.80)
LATITUDES = st.floats(0.85, 55.81)


@settings(deadline=None)
@given(LONGITUDES, LATITUDES, st.sampled_from(Datum))
def test_a_round_trip_to_a_datum_returns_the_same_point(lon: float, lat: float, datum: Datum) -> None:
    x, y = from_wgs84(lon, lat, datum)
    back = point_to_wgs84(float(x), float(y), datum)
    assert abs(back[0] - lon) < 1e-9 and abs(back[1] - lat) < 1e-9


@settings(deadline=None)
@given(LONGITUDES, LATITUDES, st.sampled_from(Datum))
def test_a_round_trip_from_a_datum_returns_the_same_point(lon: float, lat: float, datum: Datum) -> None:
    x, y = from_wgs84(*to_wgs84(lon, lat, datum), datum)
    assert abs(float(x) - lon) < 1e-9 and abs(float(y) - lat) < 1e-9


@settings(deadline=None)
@given(st.lists(st.tuples(LONGITUDES, LATITUDES), max_size=20), st.sampled_from(Datum))
def test_arrays_of_points_give_the_same_results_as_single_points(
    points: list[tuple[float, float]], datum: Datum
) -> None:
    lon, lat = (np.array([p[i] for p in points]) for i in (0, 1))
    together = list(zip(*(v.tolist() for v in to_wgs84(lon, lat, datum)), strict=True))
    alone = [point_to_wgs84(*p, datum) for p in points]
    assert np.allclose(together, alone, rtol=0, atol=1e-9)
