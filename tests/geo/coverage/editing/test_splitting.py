"""Tests of splitting: the line divides or is refused, and every neighbour of every level gets the junction."""

import pytest
import shapely
from shapely.geometry import LineString, shape

from geo.coverage.checking import check_coverage
from geo.coverage.editing.applying import apply
from geo.coverage.editing.splitting import Split, SplitAlong
from geo.coverage.refusals import FixedLine, LineDoesNotDivide, Outside, Sliver, UnknownCode
from tests.geo.coverage.made import at, drawn_county, grid, land_is_whole, micro, squares, town, village


def test_a_split_gives_the_smaller_part_a_new_code_and_keeps_the_land() -> None:
    applied = apply(squares(), Split(micro(1, 1), (at(0.9, 1.3), at(2.1, 1.3))))
    assert applied.changed == (micro(1, 1), "new_1")
    assert applied.coverage.shapes["new_1"].area == pytest.approx(squares().shapes[micro(1, 1)].area * 0.3)
    assert applied.coverage.divisions["new_1"].parent == grid(0, 0)
    assert check_coverage(applied.coverage) == [] and land_is_whole(applied.coverage)


def test_the_junction_goes_into_every_neighbour_of_every_level_that_it_touches() -> None:
    before, after = squares(), apply(squares(), Split(micro(1, 1), (at(0.5, 1.3), at(2.5, 1.3)))).coverage
    junction = at(2, 1.3)
    for code in (micro(2, 1), grid(1, 0), village(1), town(1), grid(0, 0), village(0), town(0)):
        new = {*map(tuple, shapely.get_coordinates(after.outline(code)).tolist())} - {
            *map(tuple, shapely.get_coordinates(before.outline(code)).tolist())
        }
        assert [point == pytest.approx(junction, abs=1e-12) for point in new] == [True], code
    west = shapely.get_coordinates(after.outline(micro(0, 1)))
    assert len(west) == len(shapely.get_coordinates(before.outline(micro(0, 1)))) + 1
    assert after.outline("320509").wkb == before.outline("320509").wkb
    for level in ("micro_grid", "grid", "village", "town"):
        shapes = [after.outline(code) for code, one in after.divisions.items() if one.level == level]
        assert shapely.coverage_is_valid(shapes), level


def test_neighbours_that_only_gained_a_vertex_are_told_apart_from_changed_ones() -> None:
    applied = apply(squares(), Split(micro(1, 1), (at(0.5, 1.3), at(2.5, 1.3))))
    assert set(applied.changed) == {micro(1, 1), "new_1"}
    above = {grid(0, 0), grid(1, 0), village(0), village(1), town(0), town(1)}
    assert set(applied.revised) == {micro(0, 1), micro(2, 1)} | above


@pytest.mark.parametrize(
    "line",
    [
        (at(1.2, 1.5), at(1.8, 1.5)),
        (at(0.5, 1.5), at(1.5, 1.5)),
        (at(0.5, 0.5), at(0.7, 0.5)),
        (at(1, 0.5), at(1, 2.5)),
        (at(0.5, 1.5), at(1, 1.5)),
    ],
    ids=["within", "ends inside", "elsewhere", "along its border", "up to its border"],
)
def test_a_line_that_does_not_divide_is_refused_with_the_line(line: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(LineDoesNotDivide) as refused:
        apply(squares(), Split(micro(1, 1), line))
    assert refused.value.params["codes"] == [micro(1, 1)]
    assert shape(refused.value.params["where"]).distance(LineString(line)) < 1e-6


@pytest.mark.parametrize("kind", [Split, SplitAlong])
def test_the_whole_of_a_draft_is_not_split(kind: type[Split] | type[SplitAlong]) -> None:
    line = (at(2, -0.1), at(2, 4.1))
    with pytest.raises(FixedLine) as refused:
        apply(squares(), Split("320509", line) if kind is Split else SplitAlong("320509", (line,)))
    assert refused.value.params["codes"] == ["320509"] and refused.value.params["where"]


def test_a_line_that_falls_short_of_the_border_by_less_than_its_reach_divides() -> None:
    short = 0.03 / 191
    applied = apply(squares(), Split(micro(1, 1), (at(1 + short, 1.3), at(2 - short, 1.3))))
    assert "new_1" in applied.changed and land_is_whole(applied.coverage)
    with pytest.raises(LineDoesNotDivide):
        apply(squares(), Split(micro(1, 1), (at(1 + 3 * short, 1.3), at(2 - short, 1.3))))


def test_a_line_that_ends_exactly_on_the_border_divides() -> None:
    applied = apply(squares(), Split(micro(1, 1), (at(1, 1.3), at(2, 1.7))))
    assert "new_1" in applied.changed and check_coverage(applied.coverage) == []


def test_a_corner_comes_before_the_border_within_reach() -> None:
    near = 4 / 222
    applied = apply(squares(), Split(micro(1, 1), (at(0.99, 1 + near), at(2.1, 1.6)), reach_m=10))
    assert {*applied.revised} & {micro(0, 1)} == set()
    assert at(1, 1) in {*map(tuple, shapely.get_coordinates(applied.coverage.shapes["new_1"]).tolist())}


def test_a_line_may_follow_borders_and_bend() -> None:
    line = (at(0.5, 1), at(1.5, 1), at(1.5, 1.5), at(2.5, 1.5))
    after = apply(squares(), Split(micro(1, 1), line)).coverage
    assert check_coverage(after) == [] and after.shapes["new_1"].area > 0


def test_a_line_that_crosses_several_times_makes_as_many_parts() -> None:
    line = (at(0.9, 1.2), at(2.1, 1.3), at(2.1, 1.6), at(0.9, 1.7))
    applied = apply(squares(), Split(micro(1, 1), line))
    assert applied.changed == (micro(1, 1), "new_1", "new_2")


def test_splitting_a_grid_splits_the_micro_grids_that_the_line_crosses() -> None:
    applied = apply(squares(), Split(grid(0, 0), (at(-0.5, 0.4), at(2.5, 0.4))))
    after = applied.coverage
    (new,) = [one for one in after.divisions.values() if one.level == "grid" and one.code.startswith("new_")]
    assert new.parent == village(0)
    assert len(after.tree.children[new.code]) == 2 and len(after.tree.children[grid(0, 0)]) == 4
    assert after.outline(new.code).area == pytest.approx(squares().outline(grid(0, 0)).area * 0.2)
    assert check_coverage(after) == [] and land_is_whole(after)


def test_splitting_a_village_along_grid_borders_cuts_no_grid() -> None:
    applied = apply(squares(), Split(village(0), (at(-1, 2), at(3, 2))))
    after = applied.coverage
    assert {micro(0, 0), micro(0, 3)} <= after.shapes.keys() and after.sides.keys() == squares().sides.keys()
    (new,) = [one for one in after.divisions.values() if one.code.startswith("new_")]
    assert (new.level, new.parent, len(after.tree.children[new.code])) == ("village", town(0), 1)


def test_the_part_with_the_given_place_keeps_the_code() -> None:
    after = apply(squares(), Split(micro(1, 1), (at(0.9, 1.3), at(2.1, 1.3)), keep=at(1.5, 1.1))).coverage
    assert after.shapes[micro(1, 1)].area < after.shapes["new_1"].area
    with pytest.raises(Outside):
        apply(squares(), Split(micro(1, 1), (at(0.9, 1.3), at(2.1, 1.3)), keep=at(3.5, 1.1)))


def test_the_part_with_the_given_place_keeps_the_grids_code_too() -> None:
    after = apply(squares(), Split(grid(0, 0), (at(-0.5, 0.4), at(2.5, 0.4)), keep=at(0.5, 0.1))).coverage
    assert after.outline(grid(0, 0)).area == pytest.approx(squares().outline(grid(0, 0)).area * 0.2)


def test_along_streets_every_block_becomes_a_part_and_dead_ends_leave_nothing() -> None:
    streets = ((at(1.5, 0.5), at(1.5, 2.5)), (at(0.5, 1.4), at(2.5, 1.4)), (at(0.8, 1.7), at(1.2, 1.75)))
    applied = apply(squares(), SplitAlong(micro(1, 1), streets))
    assert applied.changed == (micro(1, 1), "new_1", "new_2", "new_3")
    vertices = shapely.get_coordinates(applied.coverage.polygons)
    assert not ((abs(vertices[:, 0] - at(1, 0)[0]) < 1e-9) & (abs(vertices[:, 1] - at(0, 1.725)[1]) < 1e-5)).any()
    assert check_coverage(applied.coverage) == []


def test_a_part_narrower_than_a_sliver_is_refused_and_drawn() -> None:
    strip = 0.3 / 222
    with pytest.raises(Sliver) as refused:
        apply(squares(), Split(micro(1, 1), (at(0.9, 1 + strip), at(2.1, 1 + strip))))
    assert refused.value.params["width_m"] == pytest.approx(0.3, rel=0.03)
    assert shape(refused.value.params["where"]).area > 0


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(UnknownCode):
        apply(squares(), Split("nowhere", (at(0, 0), at(1, 1))))


def test_other_polygons_stay_the_same_objects() -> None:
    before = drawn_county()
    code = before.finest[17]
    west, south, east, north = before.shapes[code].bounds
    after = apply(before, Split(code, ((west, south), (east, north)))).coverage
    beside = {code, *before.neighbours(code)}
    assert all(after.shapes[other] is before.shapes[other] for other in before.finest if other not in beside)


def test_the_westernmost_grid_is_split_and_all_others_keep_their_codes() -> None:
    after = apply(squares(), Split(grid(0, 0), (at(1, -1), at(1, 3)))).coverage
    assert squares().divisions.keys() <= after.divisions.keys()
