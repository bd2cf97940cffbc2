"""Tests of the whole check: each planted fault is found, where it is, and a sound coverage has none."""

from dataclasses import replace

import pytest
import shapely
from shapely.geometry import Polygon

from geo.coverage.building import build_coverage
from geo.coverage.checking import check_coverage, check_divisions
from geo.coverage.divisions import Division
from geo.coverage.partition import Fault, Problem
from geo.coverage.refusals import problem_as_json
from geo.coverage.topology import Coverage
from tests.geo.coverage.made import LEVELS, D, at, grid, micro, square, squares, village


def with_shapes(**shapes: Polygon | None) -> Coverage:
    """The squares with some shapes replaced, or taken out."""
    kept = {code[1:]: shape for code, shape in shapes.items()}
    drawn = {code: kept.get(code, shape) for code, shape in squares().shapes.items()}
    return replace(squares(), shapes={code: shape for code, shape in drawn.items() if shape is not None})


def only(problems: list[Problem]) -> Problem:
    (problem,) = [problem for problem in problems if problem.fault is not Fault.PARENT]
    return problem


def test_a_sound_coverage_has_no_problem() -> None:
    assert check_coverage(squares()) == []


@pytest.mark.parametrize("missing", [micro(1, 1), micro(0, 0)], ids=["a hole", "a corner of the whole"])
def test_a_missing_micro_grid_is_a_gap_with_its_outline(missing: str) -> None:
    problem = only(check_coverage(with_shapes(**{f"_{missing}": None})))
    assert problem.fault is Fault.GAP
    assert problem.where.equals(squares().shapes[missing])


def test_an_overlap_and_the_gap_it_leaves_are_found() -> None:
    moved = square(1.1, 1)
    found = check_coverage(with_shapes(**{f"_{micro(1, 1)}": moved}))
    assert {Fault.OVERLAP, Fault.GAP} <= {problem.fault for problem in found}
    assert micro(2, 1) in {problem.other for problem in found} | {problem.code for problem in found}


def test_what_lies_beyond_the_draft_is_found() -> None:
    wide = square(-0.5, 0, 1.5, 1)
    found = check_coverage(with_shapes(**{f"_{micro(0, 0)}": wide}))
    (problem,) = [problem for problem in found if problem.fault is Fault.OUTSIDE]
    assert problem.code == micro(0, 0) and problem.where.equals(square(-0.5, 0, 0.5, 1))


def test_a_vertex_that_only_one_side_has_is_found() -> None:
    dented = Polygon([at(1, 1), at(1.5, 1), at(2, 1), at(2, 2), at(1, 2)])
    found = check_coverage(with_shapes(**{f"_{micro(1, 1)}": dented}))
    assert {problem.fault for problem in found} == {Fault.EDGE}


@pytest.mark.parametrize(("wide", "long"), [(0.03, 30), (0.03, 15_000), (0.49, 100)])
def test_a_sliver_is_one_by_its_width_however_long(wide: float, long: float) -> None:
    strip = square(0, 0, long / 191, wide / 222)
    rest = square(0, 0, long / 191, 1).difference(strip)
    divisions = [Division("t", "", "county", None), *(Division(c, "", "grid", "t") for c in "ab")]
    coverage = build_coverage(divisions, {"a": strip, "b": rest}, levels=("county", "grid"))
    assert [(p.fault, p.code) for p in check_coverage(coverage)] == [(Fault.SLIVER, "a")]


def test_a_kiosk_of_less_than_a_square_metre_is_no_sliver() -> None:
    kiosk = square(0.5, 0.5, 0.95 / 191, 0.95 / 222)
    divisions = [Division("t", "", "county", None), *(Division(c, "", "grid", "t") for c in "ab")]
    shapes = {"a": kiosk, "b": square(0, 0).difference(kiosk)}
    assert check_coverage(build_coverage(divisions, shapes, levels=("county", "grid"))) == []


def test_a_grid_that_hangs_together_by_a_corner_is_apart() -> None:
    divisions = {**squares().divisions}
    divisions[micro(2, 2)] = replace(divisions[micro(2, 2)], parent=grid(0, 0))
    problem = only(check_coverage(replace(squares(), divisions=divisions)))
    assert (problem.fault, problem.code, problem.where.geom_type) == (Fault.APART, grid(0, 0), "MultiPolygon")


@pytest.mark.parametrize("parent", [None, "nowhere", village(1)], ids=["none", "unknown", "two levels up"])
def test_a_parent_that_is_missing_or_of_another_level_is_found(parent: str | None) -> None:
    divisions = {**squares().divisions}
    divisions[micro(2, 2)] = replace(divisions[micro(2, 2)], parent=parent)
    found = check_coverage(replace(squares(), divisions=divisions))
    assert (Fault.PARENT, micro(2, 2)) in {(p.fault, p.code) for p in found}


def test_a_code_that_cannot_be_a_label_of_a_path_is_found() -> None:
    shapes = {"网格": square(0, 0)}
    divisions = [Division("t", "", "county", None), Division("网格", "", "grid", "t")]
    assert [p.fault for p in check_coverage(build_coverage(divisions, shapes, levels=("county", "grid")))] == ["code"]


def test_a_micro_grid_across_two_given_villages_is_found() -> None:
    given = {village(0): square(0, 0, 1.7, 4), village(1): square(1.7, 0, 2.3, 4)}
    found = check_coverage(squares(), outlines=given)
    assert {(p.fault, p.code, p.other) for p in found} == {
        (Fault.NESTING, micro(1, n), village(0)) for n in range(4)
    }  # fmt: skip
    assert found[0].where.area == pytest.approx(0.3 * D * D)


def test_a_village_that_grew_at_the_cost_of_the_land_around_is_found() -> None:
    assert only(check_coverage(squares(), outer=square(0, 0, 4, 4.5))).fault is Fault.GAP


def test_divisions_are_checked_by_themselves_after_an_operation() -> None:
    divisions = {**squares().divisions}
    divisions[micro(2, 2)] = replace(divisions[micro(2, 2)], parent=grid(0, 0))
    thin = square(1, 1, 0.3 / 191, 1)
    coverage = replace(with_shapes(**{f"_{micro(1, 1)}": thin}), divisions=divisions)
    found = check_divisions(coverage, [micro(1, 1), grid(0, 0), micro(0, 0), "gone"])
    assert [(p.fault, p.code) for p in found] == [(Fault.SLIVER, micro(1, 1)), (Fault.APART, grid(0, 0))]
    assert check_divisions(squares(), squares().divisions) == []


def test_a_problem_is_json() -> None:
    told = problem_as_json(only(check_coverage(with_shapes(**{f"_{micro(1, 1)}": None}))))
    assert told["fault"] == "gap" and told["where"]["type"] == "Polygon" and told["area_m2"] > 0
    assert told.keys() == {"fault", "code", "other", "area_m2", "where"} and LEVELS
    assert shapely.geometry.shape(told["where"]).is_valid
