"""Tests of a draft edited elsewhere: what changed comes back as operations, and noise as none."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, shape

from geo.coverage.comparing.operations import operations_between
from geo.coverage.comparing.rows import EditedRow
from geo.coverage.editing.applying import Operation, apply, replay
from geo.coverage.editing.attributes import Rename
from geo.coverage.editing.moving import Move
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.splitting import Split
from geo.coverage.refusals import BadPolygon, CodesExchanged, CodeTwice, FixedLine, NotAsOperations
from geo.coverage.topology import Coverage
from tests.geo.coverage.made import at, drawn_county, grid, micro, real, square, squares


def rows_of(coverage: Coverage) -> list[EditedRow]:
    """The rows that an export of a draft has."""
    named = [coverage.divisions[code] for code in coverage.finest]
    return [EditedRow(one.code, coverage.shapes[one.code], one.name, one.parent) for one in named]


def after(coverage: Coverage, *operations: Operation) -> list[EditedRow]:
    """The rows of a draft after operations, with new parts under the code that was split."""
    rows = rows_of([*replay(coverage, operations)][-1].coverage)
    split = next((operation.code for operation in operations if isinstance(operation, Split)), None)
    return [replace(row, code=split) if row.code not in coverage.divisions else row for row in rows]


def as_edited(rows: Sequence[EditedRow], *, seed: int = 1) -> list[EditedRow]:
    """What an editor of files does to shapes that nobody meant to edit."""
    rng = np.random.default_rng(seed)

    def noisy(polygon: Polygon) -> Polygon:
        ring = shapely.get_coordinates(shapely.segmentize(polygon, rng.uniform(3e-4, 3e-3)).exterior)[:-1]
        ring = np.roll(ring, rng.integers(len(ring)), axis=0)[:: rng.choice([-1, 1])]
        return Polygon(ring + rng.uniform(-1e-9, 1e-9, ring.shape))

    return [replace(row, shape=noisy(row.shape)) if row.shape.geom_type == "Polygon" else row for row in rows]


Edit = Callable[[Coverage], list[EditedRow]]


@pytest.mark.parametrize("coverage", [squares, drawn_county, lambda: real("chicago")], ids=["squares", "drawn", "real"])
def test_a_draft_that_comes_back_as_it_went_out_is_no_operation(coverage: Callable[[], Coverage]) -> None:
    assert operations_between(coverage(), rows_of(coverage())[::-1]) == []


@pytest.mark.parametrize("coverage", [squares(), drawn_county()], ids=["squares", "drawn"])
def test_vertices_on_the_way_rotated_rings_and_noise_are_no_operation(coverage: Coverage) -> None:
    assert operations_between(coverage, as_edited(rows_of(coverage))) == []


def test_one_real_move_among_noise_is_exactly_that_move() -> None:
    (found,) = operations_between(squares(), as_edited(after(squares(), Move(vertex=at(1, 1), to=at(1.1, 1.05)))))
    assert isinstance(found, Move) and found.vertex == at(1, 1)
    assert found.to == pytest.approx(at(1.1, 1.05), abs=1e-8)


def test_moves_of_a_corner_of_an_edge_and_along_a_line_come_back_as_one_each() -> None:
    coverage = drawn_county()
    inner = sorted((e for e in coverage.edges.values() if not e.is_outer), key=lambda e: -len(e.line))
    edge, far = inner[0], 1e-4
    middle = edge.line[len(edge.line) // 2]
    moves = [
        Move(vertex=middle, to=(middle[0] + far, middle[1] + far / 2)),
        Move(vertex=edge.line[0], to=(edge.line[0][0] + far / 2, edge.line[0][1] - far / 3)),
        Move(edge=middle, to=(edge.line[0], (middle[0] + far, middle[1]), edge.line[-1])),
    ]
    for move in moves:
        found = operations_between(coverage, after(coverage, move))
        assert len(found) == 1, (move, found)
        made, wanted = (apply(coverage, one).coverage for one in (found[0], move))
        for code in wanted.finest:
            flat, there = (c.plane.flatten(c.shapes[code]) for c in (made, wanted))
            assert shapely.hausdorff_distance(flat, there) < 0.02


def test_a_corner_that_slid_along_the_border_of_the_draft_comes_back() -> None:
    (found,) = operations_between(squares(), as_edited(after(squares(), Move(vertex=at(1, 0), to=at(1.2, 0)))))
    assert isinstance(found, Move) and found.vertex == at(1, 0)


def test_two_shapes_of_one_code_that_tile_it_are_a_split_with_one_new_code() -> None:
    line = (at(0.9, 1.3), at(1.4, 1.5), at(2.1, 1.3))
    rows = after(squares(), Split(micro(1, 1), line))
    assert [row.code for row in rows].count(micro(1, 1)) == 2
    for given in (rows, rows[::-1], as_edited(rows)):
        (found,) = operations_between(squares(), given)
        assert isinstance(found, Split) and found.code == micro(1, 1)
        coverage = apply(squares(), found).coverage
        assert coverage.shapes[micro(1, 1)].area > coverage.shapes["new_1"].area


def test_a_part_without_a_code_is_a_split_of_what_it_was_cut_out_of() -> None:
    rows = after(squares(), Split(micro(1, 1), (at(0.9, 1.3), at(2.1, 1.3))))
    rows = [replace(row, code=None, name="新网格") if row.name == "m11-2" else row for row in rows]
    split, rename = operations_between(squares(), rows)
    assert isinstance(split, Split) and rename == Rename("new_1", "新网格")


def test_land_taken_over_from_a_code_that_is_gone_is_a_merge() -> None:
    rows = after(squares(), Merge((micro(1, 1), micro(0, 1))))
    assert operations_between(squares(), rows) == [Merge((micro(1, 1), micro(0, 1)))]


def test_other_names_and_parents_come_back() -> None:
    rows = after(squares(), Reassign((micro(0, 1),), grid(0, 1)), Rename(micro(3, 3), "东角"))
    assert operations_between(squares(), rows) == [Reassign((micro(0, 1),), grid(0, 1)), Rename(micro(3, 3), "东角")]


def test_several_changes_come_back_together() -> None:
    done = (
        Split(micro(0, 3), (at(-0.1, 3.4), at(1.1, 3.4))),
        Merge((micro(2, 0), micro(3, 0))),
        Move(vertex=at(2, 2), to=at(2.1, 2.1)),
        Rename(micro(1, 3), "new name"),
    )
    found = operations_between(squares(), as_edited(after(squares(), *done)))
    assert [operation.op for operation in found] == ["split", "merge", "move", "rename"]


def test_exchanged_codes_are_refused_and_drawn() -> None:
    other = {micro(0, 0): micro(3, 3), micro(3, 3): micro(0, 0)}
    rows = [replace(row, code=other.get(row.code or "", row.code)) for row in rows_of(squares())]
    with pytest.raises(CodesExchanged) as refused:
        operations_between(squares(), rows)
    assert refused.value.params["codes"] == [micro(0, 0), micro(3, 3)] and refused.value.params["where"]


@pytest.mark.parametrize(
    "second",
    [square(3.2, 3.2, 0.5, 0.5), square(1.2, 1.2, 0.3, 0.3), square(1, 1)],
    ids=["afar", "over it", "the same"],
)
def test_a_code_twice_that_does_not_tile_is_refused_and_drawn(second: Polygon) -> None:
    rows = [row for row in rows_of(squares()) if row.code != micro(1, 1)]
    with pytest.raises((CodeTwice, NotAsOperations)) as refused:
        operations_between(squares(), [*rows, *(EditedRow(micro(1, 1), s) for s in (square(1, 1), second))])
    assert micro(1, 1) in refused.value.params["codes"] and refused.value.params["where"]


def test_what_cannot_be_made_by_operations_is_refused_and_drawn() -> None:
    rows = [row for row in rows_of(squares()) if row.code != micro(1, 1)]
    with pytest.raises(NotAsOperations) as refused:
        operations_between(squares(), rows)
    assert shape(refused.value.params["where"]).equals(square(1, 1))


def test_a_border_of_the_draft_that_moved_is_refused() -> None:
    wide = [
        replace(row, shape=square(-0.2, 0, 1.2, 1)) if row.code == micro(0, 0) else row for row in rows_of(squares())
    ]
    with pytest.raises((NotAsOperations, FixedLine)) as refused:
        operations_between(squares(), wide)
    assert micro(0, 0) in refused.value.params["codes"]


def test_a_bow_tie_is_refused() -> None:
    bow = Polygon([at(1, 1), at(2, 2), at(2, 1), at(1, 2)])
    rows = [replace(row, shape=bow) if row.code == micro(1, 1) else row for row in rows_of(squares())]
    with pytest.raises(BadPolygon):
        operations_between(squares(), rows)
