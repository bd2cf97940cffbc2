"""Counts of areas on grids: the total stays, and the truth lies within the error told."""

from collections import Counter
from random import Random

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from geo.overlay.areas import Areas
from geo.overlay.carrying import ELSEWHERE, Carried, Rate, carry, shares_of, weights_of
from geo.overlay.disagreements import Overlay, lay
from tests.geo.overlay.made import SIDE_M, made_network, made_town

TOWN = made_town()
GRIDS = Areas.of(TOWN)


def squares(**places: tuple[float, float, float, float]) -> dict[str, BaseGeometry]:
    return {code: shapely.box(*place) for code, place in places.items()}


PAIR = Areas.of(squares(g1=(0, 0, 85, 100), g2=(85, 0, 1000, 100)))


def laid(**places: tuple[float, float, float, float]) -> Overlay:
    return lay(squares(**places), PAIR, width=1.0)


def test_a_small_grid_gets_its_share_and_the_total_stays() -> None:
    found = carry({"block": 85}, shares_of(laid(block=(0, 0, 1000, 100))))
    small, large = found["g1"], found["g2"]
    assert (small.estimate, small.value, small.least, small.most) == (pytest.approx(7.225), 7, 0, 85)
    assert small.value + large.value == 85 and ELSEWHERE not in found


def test_a_grid_with_less_than_one_is_flagged_and_not_lost() -> None:
    found = carry({"block": 4}, shares_of(laid(block=(0, 0, 1000, 100))))
    assert (found["g1"].value, found["g1"].is_small, found["g1"].most) == (0, True, 4)
    assert found["g2"].value == 4 and not found["g2"].is_small


def test_several_fractions_in_one_grid_add_up_before_they_are_rounded() -> None:
    grids = Areas.of(squares(g1=(0, 0, 30, 400), g2=(30, 0, 100, 400)))
    rows = squares(**{f"a{i}": (0, 100 * i, 100, 100 * i + 100) for i in range(4)})
    found = carry(dict.fromkeys(rows, 1), shares_of(lay(rows, grids, width=1.0)))
    assert (found["g1"].value, found["g2"].value) == (1, 3)


def test_counts_are_split_by_what_is_known_to_be_there() -> None:
    overlay = laid(block=(0, 0, 1000, 100))
    finest = np.array([*squares(m1=(0, 0, 85, 100), m2=(85, 0, 500, 100), m3=(500, 0, 1000, 100)).values()])
    weights = weights_of(overlay.whole, finest, np.array([60.0, 20.0, 20.0]))
    assert carry({"block": 50}, shares_of(overlay, weights=weights))["g1"].value == 30
    nothing = weights_of(overlay.whole, finest, np.zeros(3))
    assert carry({"block": 100}, shares_of(overlay, weights=nothing))["g1"].estimate == pytest.approx(8.5)


def test_what_lies_beyond_the_grids_is_counted_elsewhere() -> None:
    found = carry({"a": 100}, shares_of(laid(a=(500, 0, 1500, 100))))
    assert (found["g2"].value, found[ELSEWHERE].value) == (50, 50)
    assert (found["g2"].least, found["g2"].most) == (0, 100)


def test_an_area_without_a_count_and_a_gap_leave_their_grids_incomplete() -> None:
    found = carry({"a": 10}, shares_of(laid(a=(0, 0, 85, 100), b=(85, 0, 1000, 100))))
    assert (found["g1"].is_complete, found["g2"].is_complete, found["g2"].value) == (True, False, 0)
    gap = carry({"a": 10}, shares_of(laid(a=(0, 0, 85, 100))))
    assert (gap["g1"].is_complete, gap["g2"].is_complete) == (True, False)


def test_a_rate_is_counts_by_counts_on_the_new_lines() -> None:
    overlay = shares_of(laid(a=(0, 0, 500, 100), b=(500, 0, 1000, 100)))
    checked, firms = carry({"a": 50, "b": 10}, overlay), carry({"a": 100, "b": 100}, overlay)
    rate = Rate.of(checked["g2"], firms["g2"])
    assert rate.value == round(checked["g2"].value / firms["g2"].value, 4)
    assert rate.least is not None and rate.value is not None and rate.most is not None
    assert rate.least <= rate.value <= rate.most
    assert Rate.of(checked["g1"], Carried(0.0, 0, 0, 0, is_complete=True)).value is None


@given(counts=st.lists(st.integers(0, 400), min_size=60, max_size=60), seed=st.integers(0, 3))
def test_the_total_is_the_areas_whatever_the_counts(counts: list[int], seed: int) -> None:
    overlay = NETWORKS[seed]
    given_ = dict(zip(overlay.areas.codes, counts, strict=False))
    found = carry(given_, shares_of(overlay))
    assert sum(one.value for one in found.values()) == sum(given_.values())
    assert all(one.least <= one.value <= one.most and one.value >= 0 for one in found.values())
    assert all(abs(one.value - one.estimate) < 1.001 for one in found.values())


NETWORKS = [lay(made_network(TOWN, seed=seed, faults=7).areas, GRIDS, width=5.0) for seed in range(4)]


@pytest.mark.parametrize("seed", range(4))
def test_the_true_counts_lie_within_the_error_told(seed: int) -> None:
    """Households stand in clumps; each network counts them by its own areas, as its offices do."""
    network = made_network(TOWN, seed=seed, faults=7)
    random = Random(seed)
    clumps = [(random.uniform(0, SIDE_M), random.uniform(0, SIDE_M)) for _ in range(60)]
    homes = np.array([np.add(random.choice(clumps), (random.gauss(0, 40), random.gauss(0, 40))) for _ in range(3000)])
    homes = homes[_away_from_borders(homes)]
    overlay = NETWORKS[seed]
    found = carry(_counted(network.areas, homes), shares_of(overlay))
    truth = _counted(TOWN, homes)
    exact = [code for code in TOWN if found[code].is_complete]
    assert len(exact) > 35
    assert [code for code in exact if not found[code].least <= truth[code] <= found[code].most] == []
    assert any(found[code].error == 0 < truth[code] for code in exact)


def _away_from_borders(homes: np.ndarray) -> np.ndarray:
    """Homes whose grid no digitiser doubts."""
    borders = shapely.union_all([shape.boundary for shape in TOWN.values()])
    return np.asarray(shapely.distance(shapely.points(homes), borders) > 2)


def _counted(shapes: dict[str, BaseGeometry], homes: np.ndarray) -> Counter[str]:
    codes = [*shapes]
    _, at = shapely.STRtree([*shapes.values()]).query(shapely.points(homes), predicate="intersects")
    return Counter(dict.fromkeys(codes, 0) | Counter(codes[i] for i in at.tolist()))
