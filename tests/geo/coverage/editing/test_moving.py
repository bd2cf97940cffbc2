"""Tests of moving, straightening and snapping: one edge moves for all beside it, at every level."""

import pytest
import shapely
from shapely.geometry import Point, shape

from geo.coverage.checking import check_coverage
from geo.coverage.editing.applying import apply
from geo.coverage.editing.moving import Move, Snap, Straighten
from geo.coverage.editing.operations import operation_of
from geo.coverage.refusals import ChangesNothing, Crosses, FixedLine, NothingThere
from geo.coverage.topology import Coverage
from tests.geo.coverage.made import at, grid, land_is_whole, micro, squares, town, village


def vertices(coverage: Coverage, code: str) -> set[tuple[float, float]]:
    return {(x, y) for x, y in shapely.get_coordinates(coverage.outline(code)).tolist()}


def test_a_corner_on_a_town_line_moves_for_grid_village_and_town() -> None:
    applied = apply(squares(), Move(vertex=at(2, 1), to=at(2.2, 1.1)))
    after = applied.coverage
    for code in (micro(1, 0), micro(2, 1), grid(0, 0), grid(1, 0), village(0), village(1), town(0), town(1)):
        assert at(2.2, 1.1) in vertices(after, code) and at(2, 1) not in vertices(after, code)
        assert code in applied.changed
    assert "320509" not in applied.changed
    assert check_coverage(after) == [] and land_is_whole(after)
    for level in ("micro_grid", "grid", "village", "town"):
        assert shapely.coverage_is_valid([after.outline(c) for c, one in after.divisions.items() if one.level == level])


def test_an_edge_that_is_dragged_gets_a_vertex_there() -> None:
    after = apply(squares(), Move(edge=at(1.5, 1), to=at(1.5, 1.2))).coverage
    assert at(1.5, 1.2) in vertices(after, micro(1, 0)) & vertices(after, micro(1, 1))
    assert len(after.edges) == len(squares().edges) and land_is_whole(after)


def test_an_edge_follows_a_drawn_line_from_end_to_end() -> None:
    line = (at(2, 1), at(1.6, 1.3), at(1.3, 0.8), at(1, 1))
    after = apply(squares(), Move(edge=at(1.5, 1), to=line)).coverage
    assert {at(1.6, 1.3), at(1.3, 0.8)} <= vertices(after, micro(1, 0)) & vertices(after, micro(1, 1))
    assert check_coverage(after) == []


def test_a_corner_within_reach_comes_before_the_edge() -> None:
    near = (at(2, 1)[0] + 2 / 95000, at(2, 1)[1])
    after = apply(squares(), Move(edge=near, to=at(2.2, 1.1), reach_m=5)).coverage
    assert at(2, 1) not in vertices(after, micro(1, 0)) and len(after.edges) == len(squares().edges)


def test_dropping_a_corner_beside_another_one_is_dropping_it_on_that() -> None:
    bent = apply(squares(), Move(edge=at(1.5, 1), to=at(1.5, 1.2))).coverage
    near = at(2 - 1 / 191, 1)
    after = apply(bent, Move(vertex=at(1.5, 1.2), to=near, reach_m=2)).coverage
    assert after.as_bytes() == squares().as_bytes()


@pytest.mark.parametrize(
    ("vertex", "to"), [(at(1, 1), at(2.5, 1.5)), (at(1, 1), at(5, 5)), (at(1, 1), at(2, 1.5))], ids=str
)
def test_an_edge_that_would_cross_another_is_refused_and_the_crossing_drawn(
    vertex: tuple[float, float], to: tuple[float, float]
) -> None:
    with pytest.raises(Crosses) as refused:
        apply(squares(), Move(vertex=vertex, to=to))
    assert set(refused.value.params["codes"]) == {micro(0, 0), micro(1, 0), micro(0, 1), micro(1, 1)}
    assert not shape(refused.value.params["where"]).is_empty


def test_a_line_that_crosses_itself_is_refused() -> None:
    bow = (at(1, 1), at(1.8, 1.5), at(1.8, 0.6), at(1.2, 1.4), at(2, 1))
    with pytest.raises(Crosses) as refused:
        apply(squares(), Move(edge=at(1.5, 1), to=bow))
    assert shape(refused.value.params["where"]).geom_type == "MultiPoint"


@pytest.mark.parametrize("to", [at(1.3, 0), at(0.7, 0)])
def test_an_edge_that_ends_on_the_border_of_the_draft_slides_along_it(to: tuple[float, float]) -> None:
    applied = apply(squares(), Move(vertex=at(1, 0), to=to))
    assert set(applied.changed) == {micro(0, 0), micro(1, 0)} and {"320509", grid(0, 0)} <= set(applied.revised)
    assert len(vertices(applied.coverage, micro(0, 0)) | vertices(applied.coverage, micro(1, 0))) == 7
    assert check_coverage(applied.coverage) == [] and land_is_whole(applied.coverage)
    assert apply(applied.coverage, applied.inverse).coverage.as_bytes() == squares().as_bytes()


def test_where_towns_meet_on_the_border_both_lines_follow() -> None:
    applied = apply(squares(), Move(vertex=at(2, 0), to=at(2.4, 0)))
    assert {town(0), town(1), village(0), village(1)} <= set(applied.changed)


@pytest.mark.parametrize("to", [at(2, 0), at(2.5, 0), at(1, 0.3), at(0, 1)])
def test_it_slides_no_further_than_the_next_corner_and_not_off_the_border(to: tuple[float, float]) -> None:
    with pytest.raises(FixedLine):
        apply(squares(), Move(vertex=at(1, 0), to=to))


def test_a_whole_edge_that_is_named_by_its_line_moves() -> None:
    old, new = [list(at(1, 1)), list(at(2, 1))], [list(at(1, 1)), list(at(1.5, 1.2)), list(at(2, 1))]
    after = apply(squares(), operation_of({"op": "move", "edge": old, "to": new})).coverage
    assert at(1.5, 1.2) in vertices(after, micro(1, 0))


def test_grabbed_at_a_corner_the_edge_that_fits_the_line_is_meant() -> None:
    after = apply(squares(), Move(edge=at(1, 1), to=(at(1, 1), at(1.2, 1.5), at(1, 2)))).coverage
    assert at(1.2, 1.5) in vertices(after, micro(0, 1)) & vertices(after, micro(1, 1))


@pytest.mark.parametrize("grabbed", [{"vertex": at(1, 0)}, {"edge": at(0.5, 0)}, {"vertex": at(0, 0)}])
def test_the_border_of_the_draft_does_not_move(grabbed: dict[str, tuple[float, float]]) -> None:
    with pytest.raises(FixedLine):
        apply(squares(), Move(to=at(1, 0.2), **grabbed))


def test_a_place_without_a_border_is_refused() -> None:
    with pytest.raises(NothingThere):
        apply(squares(), Move(edge=at(1.5, 1.5), to=at(1.5, 1.6)))
    with pytest.raises(NothingThere):
        apply(squares(), Move(vertex=at(1.5, 1), to=at(1.5, 1.1)))


def test_a_move_to_where_it_is_changes_nothing() -> None:
    with pytest.raises(ChangesNothing):
        apply(squares(), Move(vertex=at(1, 1), to=at(1, 1)))


def test_lines_of_a_fixed_level_do_not_move() -> None:
    fixed = squares().with_fixed_levels("town")
    with pytest.raises(FixedLine) as refused:
        apply(fixed, Move(vertex=at(2, 1), to=at(2.2, 1.1)))
    assert set(refused.value.params["codes"]) == {town(0), town(1)}
    assert apply(fixed, Move(vertex=at(1, 1), to=at(1.2, 1.1)))


def bent() -> Coverage:
    return apply(squares(), Move(edge=at(1.5, 1), to=(at(1, 1), at(1.3, 1.01), at(1.5, 1.2), at(2, 1)))).coverage


def test_straightening_leaves_the_ends_of_the_edge() -> None:
    after = apply(bent(), Straighten(edge=at(1.5, 1.2))).coverage
    assert after.as_bytes() == squares().as_bytes()


def test_straightening_within_a_width_keeps_what_is_further_off() -> None:
    after = apply(bent(), Straighten(edge=at(1.5, 1.2), within_m=30)).coverage
    assert at(1.5, 1.2) in vertices(after, micro(1, 1)) and at(1.3, 1.01) not in vertices(after, micro(1, 1))


def test_borders_snap_to_a_street_along_their_whole_length() -> None:
    street = tuple(at(1 + 0.03 * (i % 2), i / 4) for i in range(17))
    after = apply(squares(), Snap((grid(0, 0), micro(0, 2), micro(0, 3)), (street,), within_m=15)).coverage
    inner = [after.shapes[micro(0, n)].intersection(after.shapes[micro(1, n)]) for n in (2, 3)]
    assert all(len(shapely.get_coordinates(shapely.line_merge(line))) > 3 for line in inner)
    assert check_coverage(after) == [] and land_is_whole(after)


def test_borders_far_from_the_street_stay() -> None:
    with pytest.raises(NothingThere):
        apply(squares(), Snap((micro(0, 0),), ((at(1.2, 0), at(1.2, 4)),), within_m=15))


def test_untouched_places_keep_their_bytes() -> None:
    after = apply(squares(), Move(vertex=at(1, 1), to=at(1.1, 1.1))).coverage
    assert {c for c in after.finest if after.shapes[c] is not squares().shapes[c]} == {
        micro(0, 0), micro(1, 0), micro(0, 1), micro(1, 1)
    }  # fmt: skip
    assert Point(at(1.1, 1.1)).distance(after.shapes[micro(0, 0)]) == 0
