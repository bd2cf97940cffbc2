"""Travel times that can be checked mentally."""

import numpy as np
import pytest
from pyproj import Geod

from geo.travel import DEFAULT_MODES, Mode, distance_m, travel_time


def test_a_kilometre_at_12_kmh_without_detour_takes_five_minutes() -> None:
    assert float(Mode(kmh=12, detour=1).minutes(1000)) == pytest.approx(5)


def test_detour_and_start_are_added() -> None:
    assert float(Mode(kmh=30, detour=1.5, start_minutes=2).minutes(1000)) == pytest.approx(2 + 3)


def test_arrays_of_distances_give_the_same_results_as_single_ones() -> None:
    mode = DEFAULT_MODES["ebike"]
    assert mode.minutes([0, 500, 9000]).tolist() == [float(mode.minutes(m)) for m in (0, 500, 9000)]


@pytest.mark.parametrize("mode", list(DEFAULT_MODES))
def test_a_longer_way_never_takes_less(mode: str) -> None:
    minutes = [travel_time()(metres, mode) for metres in range(0, 20_000, 100)]
    assert minutes == sorted(minutes)


def test_walking_is_faster_nearby_and_the_car_far_away() -> None:
    minutes = travel_time()
    assert min(DEFAULT_MODES, key=lambda mode: minutes(30, mode)) == "walk"
    assert minutes(8000, "car") < minutes(8000, "ebike") < minutes(8000, "walk")


def test_an_unknown_mode_goes_on_foot() -> None:
    assert travel_time({"car": Mode(kmh=30)})(1000, "sedan") == travel_time()(1000, "walk")


def test_distances_match_the_ellipsoid_within_half_a_percent() -> None:
    lon, lat = np.random.default_rng(1).uniform((120.3, 30.7), (120.9, 31.3), (100, 2)).T
    truth = Geod(ellps="WGS84").inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]
    found = [*map(distance_m, lon[:-1], lat[:-1], lon[1:], lat[1:])]
    assert found == pytest.approx(truth.tolist(), rel=0.005)


def test_antipodes_are_half_the_circumference_apart() -> None:
    assert distance_m(0, 0, 180, 0) == pytest.approx(20_015_115, rel=1e-4)
