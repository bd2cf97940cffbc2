"""Tests of spikes: found where they are, on the side that is narrow; corners are none."""

from collections.abc import Callable

import pytest
import shapely
from shapely.geometry import Polygon

from geo.coverage.building import build_coverage
from geo.coverage.checking import check_coverage
from geo.coverage.divisions import Division
from geo.coverage.editing.applying import apply
from geo.coverage.editing.moving import Move
from geo.coverage.spikes import find_spikes, spikes_of
from geo.coverage.topology import Coverage
from tests.geo.coverage.made import at, drawn_county, real, square, squares

WIDE = 0.03 / 222


def test_a_spike_is_found_for_the_division_that_is_narrow_there() -> None:
    line = (at(1, 1), at(1.5, 1), at(1.5, 1.2), at(1.5 + 0.05 / 191, 1), at(2, 1))
    after = apply(squares(), Move(edge=at(1.2, 1), to=line)).coverage
    (spike,) = find_spikes(after)
    assert spike.fault == "spike" and spike.where.coords[0] == at(1.5, 1.2)
    assert after.shapes[spike.code].buffer(1e-9).covers(spike.where)
    assert spike.where.length == pytest.approx(0.2 * 0.002, rel=0.01)


@pytest.mark.parametrize("coverage", [squares, drawn_county, lambda: real("dali")], ids=["squares", "drawn", "dali"])
def test_sound_lines_have_no_spikes(coverage: Callable[[], Coverage]) -> None:
    assert find_spikes(coverage()) == []


def test_an_acute_corner_is_no_spike() -> None:
    assert spikes_of(Polygon([at(0, 0), at(1, 0.02), at(1, 0)]), squares().plane) == []


def test_vertices_that_repeat_are_left_out() -> None:
    twice = Polygon([at(0, 0), at(0, 0), at(1, 0), at(1, 1), at(1, 1), at(1, 1), at(0, 1)])
    top = Division("t", "", "county", None)
    divisions = [top, *(Division(code, "", "grid", "t") for code in "ab")]
    coverage = build_coverage(divisions, {"a": twice, "b": square(1, 0)}, levels=("county", "grid"))
    assert len(coverage.shapes["a"].exterior.coords) == 5 and check_coverage(coverage) == []
    assert shapely.coverage_is_valid(coverage.polygons)
