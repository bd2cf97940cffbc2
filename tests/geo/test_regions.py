"""Regions are connected and have the requested sizes; shares add up."""

import numpy as np
import pytest

from geo.regions import CellGraph, apportion, divide, grow, grow_around
from geo.tiling import Borders, Floats


def lattice(columns: int, rows: int) -> CellGraph:
    """Unit squares, numbered row by row."""
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    number = np.arange(columns * rows).reshape(rows, columns)
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    pairs = np.concatenate([east, north])
    centres: Floats = np.column_stack([x.ravel(), y.ravel()]).astype(np.float64)
    return CellGraph.of(centres, np.ones(columns * rows), Borders(pairs, np.ones(len(pairs))))


def test_two_seeds_halve_a_row() -> None:
    assert grow(lattice(6, 1), [0, 5], np.ones(2)).tolist() == [0, 0, 0, 1, 1, 1]


def test_regions_get_their_requested_sizes() -> None:
    owner = grow(lattice(30, 30), [0, 899], np.array([3.0, 1.0]))
    assert np.bincount(owner) == pytest.approx([675, 225], abs=20)


def test_every_region_holds_its_seat() -> None:
    seats = [0, 17, 380, 399]
    owner = grow_around(lattice(20, 20), seats, np.array([1.0, 1, 1, 3]))
    assert owner[seats].tolist() == [0, 1, 2, 3]


def test_adjacent_seats_stay_in_their_own_regions() -> None:
    """Grown again from the middles, the first region would take the second's seat."""
    assert grow_around(lattice(20, 1), [0, 1], np.ones(2)).tolist() == [0] + [1] * 19


def test_regions_grow_again_from_their_middles_when_seats_allow() -> None:
    row, seats, even = lattice(60, 1), [0, 30], np.ones(2)
    assert np.bincount(grow(row, seats, even)).tolist() == [20, 40]
    assert np.bincount(grow_around(row, seats, even)).tolist() == [26, 34]


def test_as_many_regions_as_cells_is_one_cell_each() -> None:
    assert sorted(divide(lattice(4, 4), np.ones(16), rng=np.random.default_rng(0)).tolist()) == list(range(16))


def test_more_regions_than_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="need more"):
        divide(lattice(2, 2), np.ones(5), rng=np.random.default_rng(0))


def test_cells_that_are_not_connected_are_refused() -> None:
    parted = CellGraph(np.array([[0.0, 0], [1, 0], [9, 9]]), np.ones(3), [[1], [0], []])
    with pytest.raises(ValueError, match="not connected"):
        grow(parted, [0], np.ones(1))


def test_a_subgraph_keeps_its_neighbours_renumbered() -> None:
    part = lattice(3, 3).part(np.array([4, 5, 8]))
    assert [sorted(t) for t in part.touching] == [[1], [0, 2], [1]]


def test_shares_add_up_and_keep_to_their_bounds() -> None:
    least, most = np.array([1, 1, 1]), np.array([10, 2, 10])
    shares = apportion(12, np.array([6.0, 5.0, 1.0]), least=least, most=most)
    assert shares.sum() == 12
    assert (shares >= least).all() and (shares <= most).all()
    assert shares.tolist() == [9, 2, 1]


@pytest.mark.parametrize("total", [2, 23])
def test_impossible_bounds_of_shares_are_refused(total: int) -> None:
    with pytest.raises(ValueError, match="shared out"):
        apportion(total, np.ones(3), least=np.ones(3, dtype=int), most=np.array([10, 2, 10]))
