"""Masked places and times."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from geo.cells import cell_of, centre, resolution
from geo.masking import MASK_RESOLUTION, MASK_STEP, mask_cell, mask_place, mask_time
from tests.worlds import NOW


@given(st.floats(120.3, 121.0), st.floats(30.7, 31.3), st.integers(9, 15))
def test_a_masked_place_is_that_of_its_coarse_cell_however_fine_it_was(lon: float, lat: float, res: int) -> None:
    cell = mask_cell(cell_of(lon, lat, res))
    assert resolution(cell) == MASK_RESOLUTION
    assert mask_place(cell_of(lon, lat, res)) == centre(cell)


def test_a_coarser_cell_stays_as_it_is() -> None:
    assert mask_cell(cell_of(120.6, 31.1, 7)) == cell_of(120.6, 31.1, 7)


@given(st.integers(0, 10**9))
def test_a_masked_time_is_the_minute_before_and_masked_again_the_same(seconds: int) -> None:
    moment = NOW + timedelta(microseconds=1, seconds=seconds)
    assert timedelta() < moment - mask_time(moment) < MASK_STEP
    assert mask_time(mask_time(moment)) == mask_time(moment)
