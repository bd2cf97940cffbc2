"""Masked places and times."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from geo.cells import cell_of, centre, resolution
from geo.masking import MASK_RESOLUTION, MASK_STEP, mask_cell, mask_place, mask_time
from geo.travel import distance_m
from tests.worlds import NOW


@given(st.floats(120.3, 121.0), st.floats(30.7, 31.3))
def test_a_masked_place_is_the_middle_of_the_hexagon_that_holds_it_and_masked_again_the_same(
    lon: float, lat: float
) -> None:
    middle = mask_place(lon, lat)
    assert resolution(mask_cell(lon, lat)) == MASK_RESOLUTION
    assert mask_place(*middle) == middle == centre(cell_of(lon, lat, MASK_RESOLUTION))
    assert distance_m(lon, lat, *middle) < 210


@given(st.integers(0, 10**9))
def test_a_masked_time_is_the_minute_before_and_masked_again_the_same(seconds: int) -> None:
    moment = NOW + timedelta(microseconds=1, seconds=seconds)
    assert timedelta() < moment - mask_time(moment) < MASK_STEP
    assert mask_time(mask_time(moment)) == mask_time(moment)
