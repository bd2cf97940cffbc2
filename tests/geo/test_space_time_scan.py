"""Space–time clusters: a planted one is found where and when it is, and chance makes few."""

import numpy as np
import pytest

from geo.space_time_scan import clusters

PLACES, DAYS = 120, 120


def county(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions in metres on 20 km and counts of places of very different size, with quieter weekends."""
    draws = np.random.default_rng(seed)
    week = np.where(np.arange(DAYS) % 7 < 5, 1.2, 0.5)
    made = np.random.default_rng(0)
    rates = made.gamma(0.7, 0.05, (PLACES, 1)) * week
    return made.uniform(0, 20_000, (PLACES, 2)), draws.poisson(rates)


def test_a_planted_cluster_is_found_where_and_when_it_is() -> None:
    positions, counts = county(1)
    near = np.argsort(((positions - 10_000) ** 2).sum(axis=1))[:4]
    counts[near, -10:] += np.random.default_rng(2).poisson(0.6, (4, 10))
    found = clusters(counts, positions, replicates=199)
    assert found[0].p == 1 / 200
    assert set(near.tolist()) & set(found[0].places)
    assert found[0].days in (7, 14)
    assert found[0].count == counts[list(found[0].places), -found[0].days :].sum()
    assert found[0].count > 2 * found[0].expected


def test_a_place_that_is_always_busy_and_a_week_busy_everywhere_are_no_clusters() -> None:
    positions, counts = county(3)
    counts[5] += 4
    counts[:, -7:] += county(31)[1][:, -7:] + county(32)[1][:, -7:]
    assert clusters(counts, positions, replicates=199, by_chance=0.01) == ()


def test_chance_makes_a_cluster_on_few_maps() -> None:
    made = sum(bool(clusters(county(seed)[1], county(seed)[0], replicates=39, spans=(7, 28))) for seed in range(60))
    assert made <= 7


def test_clusters_share_no_place_and_their_expectation_is_the_share_of_place_and_time() -> None:
    positions, counts = county(4)
    counts[:3, -5:] += 3
    counts[60:62, -20:] += 2
    found = clusters(counts, positions, replicates=99, radius_m=3_000)
    places = [place for cluster in found for place in cluster.places]
    assert len(places) == len(set(places))
    for cluster in found:
        held = counts[list(cluster.places)].sum() * counts[:, -cluster.days :].sum() / counts.sum()
        assert cluster.expected == pytest.approx(held)
        assert cluster.radius_m <= 3_000


def test_without_incidents_there_is_nothing_to_find() -> None:
    assert clusters(np.zeros((5, 60), dtype=int), np.zeros((5, 2))) == ()
