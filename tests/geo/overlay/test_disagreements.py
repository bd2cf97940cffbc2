"""Networks laid on grids: every disagreement that was put in is found, and none is invented."""

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo.overlay.areas import Areas
from geo.overlay.disagreements import Disagreement, Overlay, lay
from tests.geo.overlay.made import Known, made_network, made_town

WIDTH_M = 5.0
SECTORS = ("party", "governance", "civility", "safety", "environment")
TOWN = made_town()
GRIDS = Areas.of(TOWN)
GAP, OVERLAP, OUTSIDE, CUT, BORDER, SEVERAL_GRIDS, GRID_DIVIDED = Disagreement


def kinds_of(overlay: Overlay) -> list[Known]:
    return sorted((one.kind, one.areas, one.grids) for one in overlay.findings)


@pytest.mark.parametrize("seed", range(4))
def test_five_networks_of_a_town_disagree_where_they_were_made_to_and_nowhere_else(seed: int) -> None:
    for i, _ in enumerate(SECTORS):
        network = made_network(TOWN, seed=10 * seed + i, faults=7)
        assert len(network.known) >= 5
        assert kinds_of(lay(network.areas, GRIDS, width=WIDTH_M)) == sorted(network.known)


def test_a_network_drawn_again_within_the_width_agrees() -> None:
    network = made_network(TOWN, seed=3, faults=0)
    found = lay(network.areas, GRIDS, width=WIDTH_M)
    assert found.findings == ()
    assert found.served == {grid: (f"a{grid[1:]}",) for grid in TOWN}


def test_a_narrower_width_finds_what_was_digitised_differently() -> None:
    network = made_network(TOWN, seed=3, faults=0)
    assert {one.kind for one in lay(network.areas, GRIDS, width=0.2).findings} >= {BORDER}


def squares(**places: tuple[float, float, float, float]) -> dict[str, BaseGeometry]:
    return {code: shapely.box(*place) for code, place in places.items()}


PAIR = Areas.of(squares(g1=(0, 0, 300, 300), g2=(300, 0, 600, 300)))
LANE = Areas.of(squares(g1=(0, 0, 300, 300), lane=(300, 0, 304, 300), g2=(304, 0, 600, 300)))


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        pytest.param(squares(a=(0, 0, 300, 300), b=(0, 0, 300, 300)), [
            (GAP, (), ("g2",)), (OVERLAP, ("a", "b"), ("g1",)),
        ], id="the same area under two codes"),
        pytest.param(squares(a=(0, 0, 600, 300), shop=(40, 40, 60, 60)), [
            (OVERLAP, ("a", "shop"), ("g1",)), (SEVERAL_GRIDS, ("a",), ("g1", "g2")),
        ], id="a shop drawn over the area around it"),
        pytest.param(squares(a=(0, 0, 400, 300)), [(CUT, ("a",), ("g2",)), (GAP, (), ("g2",))],
                     id="an area that ends within the next grid"),
        pytest.param(squares(a=(0, 0, 320, 300)), [(BORDER, ("a",), ("g2",)), (GAP, (), ("g2",))],
                     id="a border drawn 20 m beside, and nobody behind it"),
        pytest.param(squares(a=(0, 0, 303, 300), b=(303, 0, 600, 300)), [], id="a border drawn 3 m beside"),
        pytest.param(squares(a=(0, 0, 300, 300), b=(303, 0, 600, 300)), [], id="a gap of 3 m between them"),
        pytest.param(squares(a=(0, 0, 300, 300), b=(308, 0, 600, 300)), [(GAP, (), ("g2",))], id="a gap of 8 m"),
        pytest.param(squares(a=(0, 0, 450, 150), b=(150, 150, 600, 300), c=(0, 150, 150, 300), d=(450, 0, 600, 150)), [
            (CUT, ("a",), ("g2",)), (CUT, ("b",), ("g1",)),
        ], id="two areas that each take a part of the other's grid"),
        pytest.param(squares(a=(0, 0, 300, 300), b=(300, 0, 600, 300), far=(900, 0, 1200, 300)), [],
                     id="an area of the next town"),
        pytest.param(squares(a=(0, 0, 300, 300), b=(300, 0, 600, 300), far=(600, -50, 900, 300)), [],
                     id="an area of the next town that touches"),
        pytest.param(squares(a=(0, 0, 300, 300), b=(300, 0, 630, 300)), [(OUTSIDE, ("b",), ())],
                     id="an area beyond the town's line"),
    ],
)  # fmt: skip
def test_each_place_is_told_once(areas: dict[str, BaseGeometry], expected: list[Known]) -> None:
    assert kinds_of(lay(areas, PAIR, width=WIDTH_M)) == sorted(expected)


def test_a_lane_that_is_narrower_than_the_width_is_a_grid_all_the_same() -> None:
    same = dict(zip(LANE.codes, LANE.shapes, strict=True))
    assert lay(same, LANE, width=WIDTH_M).findings == ()
    without = {code: shape for code, shape in same.items() if code != "lane"}
    assert kinds_of(lay(without, LANE, width=WIDTH_M)) == [(GAP, (), ("lane",))]


def test_findings_tell_how_wide_and_how_large_they_are() -> None:
    (found,) = lay(squares(a=(0, 0, 320, 300), b=(320, 0, 600, 300)), PAIR, width=WIDTH_M).findings
    assert (found.kind, found.area_m2) == (BORDER, pytest.approx(6000))
    assert found.width_m == pytest.approx(20, rel=0.03)
    assert found.where.bounds == (300, 0, 320, 300)


def test_a_polygon_that_rounding_made_invalid_is_laid_all_the_same() -> None:
    crossed = shapely.Polygon([(0, 0), (600, 0), (600, 300), (0, 300), (-100, 300), (0, 300)])
    assert not crossed.is_valid
    assert kinds_of(lay({"a": crossed}, PAIR, width=WIDTH_M)) == [(SEVERAL_GRIDS, ("a",), ("g1", "g2"))]
