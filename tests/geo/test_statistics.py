"""Hotspot statistics equal esda's, keep the nominal rate on random maps, and find planted clusters."""

import importlib
import warnings
from functools import cache
from types import ModuleType

import numpy as np
import pytest
import scipy.stats
import shapely
from numpy.typing import NDArray

from geo.cells import Cells, adjacency, cells_covering, disk
from geo.statistics import (
    Neighbourhoods,
    binomial_tail,
    expected_from_past,
    false_discovery,
    shrunken_rates,
)

NOMINAL = 0.05
SEEDS = 200


@pytest.fixture(scope="module")
def cells() -> Cells:
    return cells_covering(shapely.box(120.5, 30.9, 120.62, 31.0), 9)


@pytest.fixture(scope="module")
def around(cells: Cells) -> Neighbourhoods:
    return Neighbourhoods(adjacency(cells))


@cache
def peer(name: str) -> ModuleType:
    """A module of PySAL, which takes seconds to import: only a worker that compares with it waits for it."""
    return importlib.import_module(name)


def of_esda(counts: NDArray[np.int64], around: Neighbourhoods) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights = peer("libpysal").weights.WSP(around.adjacency.tocsr()).to_W(silence_warnings=True)
        return np.asarray(peer("esda").G_Local(counts, weights, transform="B", permutations=0, star=True).Zs)


@pytest.mark.parametrize("mean", [0.05, 1, 40])
def test_gi_star_equals_esdas(cells: Cells, around: Neighbourhoods, mean: float) -> None:
    counts = np.random.default_rng(7).poisson(mean, len(cells))
    assert np.abs(around.scan(counts).z - of_esda(counts, around)).max() < 1e-9


def test_gi_star_of_a_clustered_county_equals_esdas(cells: Cells, around: Neighbourhoods) -> None:
    counts = np.random.default_rng(8).negative_binomial(0.3, 0.1, len(cells))
    assert np.abs(around.scan(counts).z - of_esda(counts, around)).max() < 1e-9


# Few incidents, as in one hour; about one a cell; and many, as in four weeks of a busy county.
@pytest.mark.parametrize("mean", [0.005, 0.05, 1, 5, 30])
def test_random_maps_have_a_hot_cell_no_more_often_than_the_nominal_rate(
    cells: Cells, around: Neighbourhoods, mean: float
) -> None:
    hit = sum(has_hot_cell(around, np.random.default_rng(s).poisson(mean, len(cells))) for s in range(SEEDS))
    assert hit <= NOMINAL * SEEDS


def has_hot_cell(around: Neighbourhoods, counts: NDArray[np.int64]) -> bool:
    return bool((around.scan(counts).q <= NOMINAL).any())


def test_counts_in_proportion_to_exposure_are_no_hotspot(cells: Cells, around: Neighbourhoods) -> None:
    homes = np.random.default_rng(1).gamma(0.5, 40, len(cells))
    maps = [np.random.default_rng(s).poisson(homes * 0.05) for s in range(SEEDS)]
    hit = sum(bool((around.scan(counts, exposure=homes).q <= NOMINAL).any()) for counts in maps)
    assert hit <= NOMINAL * SEEDS
    assert has_hot_cell(around, maps[0])  # taken as even, the towns themselves would be the hotspots


def test_the_normal_tail_of_gi_star_is_wrong_for_small_counts(cells: Cells, around: Neighbourhoods) -> None:
    """Why p is not read from z: the usual way finds hotspots in most random maps."""
    maps = [np.random.default_rng(s).poisson(0.05, len(cells)) for s in range(50)]
    usual = [false_discovery(scipy.stats.norm.sf(around.gi_star(counts))) for counts in maps]
    assert sum(bool((q <= NOMINAL).any()) for q in usual) > 25


def test_a_planted_cluster_is_found_and_nothing_far_from_it(cells: Cells, around: Neighbourhoods) -> None:
    heart = int(cells[len(cells) // 2])
    counts = np.random.default_rng(3).poisson(0.3, len(cells))
    planted = np.isin(cells, disk(heart, 1))
    counts[planted] += 4
    hot = set(cells[around.scan(counts).q <= NOMINAL].tolist())
    assert set(cells[planted].tolist()) <= hot <= set(disk(heart, 3))


def test_sums_count_the_cell_and_its_neighbours(cells: Cells, around: Neighbourhoods) -> None:
    counts = np.arange(len(cells))
    place = {cell: i for i, cell in enumerate(cells.tolist())}
    some = int(cells[17])
    assert around.scan(counts).sums[17] == sum(counts[place[c]] for c in disk(some) if c in place)


def test_a_map_without_incidents_has_nothing_hot(cells: Cells, around: Neighbourhoods) -> None:
    scan = around.scan(np.zeros(len(cells)))
    assert (scan.z == 0).all() and (scan.p == 1).all() and (scan.q == 1).all()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_very_few_cells_can_be_scanned(cells: Cells, count: int) -> None:
    scan = Neighbourhoods(adjacency(cells[:count])).scan(np.arange(count) + 1)
    assert len(scan.z) == len(scan.q) == count and np.isfinite(scan.z).all()


def test_the_tail_equals_scipys_binomial_even_where_it_is_tiny() -> None:
    sums, share = np.array([0.0, 1, 3, 7, 200]), np.array([0.1, 0.001, 0.02, 0.5, 0.01])
    assert binomial_tail(sums, total=500, share=share) == pytest.approx(
        scipy.stats.binom.sf(sums - 1, 500, share), rel=1e-9
    )


def test_incidents_without_households_are_not_called_hot(cells: Cells, around: Neighbourhoods) -> None:
    homes, counts = np.ones(len(cells)), np.random.default_rng(1).poisson(0.3, len(cells))
    heart = int(cells[len(cells) // 2])
    homes[np.isin(cells, disk(heart, 2))] = 0
    counts[cells == heart] = 3
    assert not (around.scan(counts, exposure=homes).q <= NOMINAL).any()


def test_q_values_equal_scipys(cells: Cells) -> None:
    p = np.random.default_rng(5).uniform(size=100) ** 3
    assert false_discovery(p) == pytest.approx(scipy.stats.false_discovery_control(p), rel=1e-12)


def test_shrunken_rates_equal_marshalls() -> None:
    rng = np.random.default_rng(2)
    exposure = rng.uniform(10, 1000, 60)
    counts = rng.poisson(exposure * rng.gamma(2, 0.01, 60))
    assert shrunken_rates(counts, exposure).rates == pytest.approx(
        peer("esda").smoothing.Empirical_Bayes(counts, exposure).r.ravel(), rel=1e-9
    )


def test_one_incident_among_few_households_does_not_rank_first() -> None:
    rng = np.random.default_rng(4)
    exposure = np.full(40, 5000.0)
    counts = rng.poisson(exposure * rng.gamma(4, 0.005, 40))
    counts[0], exposure[0] = 1, 10
    shrunk = shrunken_rates(counts, exposure)
    assert np.argmax(counts / exposure) == 0
    assert np.argmax(shrunk.rates) != 0
    assert shrunk.weight[0] < 0.2 < 0.8 < shrunk.weight[1:].min()


def test_rates_that_differ_only_by_chance_become_equal() -> None:
    shrunk = shrunken_rates([3, 3, 3], [10, 10, 10])
    assert shrunk.rates.tolist() == pytest.approx([0.3, 0.3, 0.3]) and shrunk.weight.tolist() == [0, 0, 0]


def test_no_exposure_and_no_counts_give_the_common_rate() -> None:
    assert shrunken_rates([0, 0], [0, 0]).rates.tolist() == [0, 0]
    assert shrunken_rates([0, 0], [1, 2]).rates.tolist() == [0, 0]
    assert shrunken_rates([4, 0], [10, 0]).rates[1] == pytest.approx(0.4)


def test_expected_counts_keep_the_total_and_lie_between_cell_and_county() -> None:
    past = np.random.default_rng(6).poisson(np.repeat([[0.2], [3.0]], 50, axis=0), (100, 4))
    expected = expected_from_past(past)
    own, common = past.mean(axis=1), past.mean()
    assert expected.sum() == pytest.approx(own.sum(), rel=1e-9)
    assert ((np.minimum(own, common) - 1e-12 <= expected) & (expected <= np.maximum(own, common) + 1e-12)).all()
    assert expected[:50].max() < expected[50:].min() + 1


def test_without_a_past_nothing_is_expected() -> None:
    assert expected_from_past(np.zeros((3, 0))).tolist() == [0, 0, 0]


def test_expected_counts_follow_exposure() -> None:
    past, homes = np.array([[1, 1], [9, 11]]), np.array([10.0, 100.0])
    assert expected_from_past(past, exposure=homes) == pytest.approx([1, 10])
