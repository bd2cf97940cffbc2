"""Tests of building a coverage: borders drawn twice get in, and what is too wrong is refused and drawn."""

import numpy as np
import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from geo.coverage.building import build_coverage
from geo.coverage.checking import check_coverage
from geo.coverage.divisions import Division
from geo.coverage.editing.applying import apply
from geo.coverage.editing.creating import Create
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.splitting import Split
from geo.coverage.measures import same_land
from geo.coverage.refusals import LinesDoNotFit, WrongLevel
from geo.coverage.topology import Coverage
from geo.plane import Plane
from tests.geo.coverage.made import LEVELS as LEVELS_OF_FIVE
from tests.geo.coverage.made import D, X, Y, at, frame_of, micro, real, square, squares

TOP = Division("top", "top", "county", None)
LEVELS = ("county", "grid")


def grids(*codes: str) -> list[Division]:
    return [TOP, *(Division(code, code, "grid", "top") for code in codes)]


def test_a_vertex_that_the_neighbour_lacks_is_put_in() -> None:
    shapes = {"a": square(0, 0), "b": square(0, 1), "c": square(1, 0, 1, 2)}
    coverage = build_coverage(grids(*shapes), shapes, levels=LEVELS)
    assert coverage.neighbours("c") == {"a", "b"} and at(1, 1) in coverage.shapes["c"].exterior.coords[:]
    assert shapely.coverage_is_valid(coverage.polygons)


def test_a_division_with_nothing_below_it_is_left_out() -> None:
    shapes = {"a": square(0, 0)}
    assert "empty" not in build_coverage([*grids("a"), Division("empty", "", "grid", "top")], shapes, levels=LEVELS)


def test_a_division_in_two_parts_may_stay_so() -> None:
    shapes = {"a": shapely.MultiPolygon([square(0, 0), square(5, 5)]), "b": square(1, 0)}
    coverage = build_coverage(grids(*shapes), shapes, levels=LEVELS)
    assert coverage.divisions["a"].parts == 2 and check_coverage(coverage) == []


@pytest.mark.parametrize(
    ("shapes", "fault"),
    [
        ({"a": square(0, 0), "b": square(0.8, 0)}, "overlap"),
        ({"a": square(0, 0), "b": square(0, 0)}, "overlap"),
        ({"a": square(0, 0), "b": square(0.2, 0.2, 0.2, 0.2)}, "overlap"),
        ({"a": square(0, 0), "b": Polygon([at(1, 0), at(2, 1), at(2, 0), at(1, 1)])}, "invalid"),
    ],
    ids=["overlap", "twice", "one within another", "bow-tie"],
)
def test_lines_that_are_no_coverage_are_refused_and_drawn(shapes: dict[str, Polygon], fault: str) -> None:
    with pytest.raises(LinesDoNotFit) as refused:
        build_coverage(grids(*shapes), shapes, levels=LEVELS)
    problem = refused.value.params["problems"][0]
    assert problem["fault"] == fault and problem["code"] in shapes and problem["where"]["type"].endswith("Polygon")


def test_a_village_outline_is_the_exact_union_though_a_grid_lacked_a_vertex() -> None:
    shapes = {"a": square(0, 0), "b": square(0, 1), "c": square(1, 0, 1, 2)}
    coverage = build_coverage(grids(*shapes), shapes, levels=LEVELS)
    assert coverage.outline("top").equals(shapely.union_all([*shapes.values()]))


def noisy(shapes: list[Polygon], plane: Plane, *, by: float) -> list[Polygon]:
    rng = np.random.default_rng(4)

    def moved(vertices: np.ndarray) -> np.ndarray:
        found = plane.to_metres(vertices) + rng.uniform(-by, by, vertices.shape) / 2**0.5
        found[-1] = found[0]
        return plane.to_degrees(found)

    return [shapely.transform(shape, moved) for shape in shapes]


def test_two_towns_with_three_centimetres_of_noise_become_a_coverage_within_five() -> None:
    exact = real("dali")
    shapes = [exact.shapes[code] for code in exact.finest]
    drawn = dict(zip(exact.finest, noisy(shapes, exact.plane, by=0.03), strict=True))
    coverage = build_coverage([*exact.divisions.values()], drawn, levels=exact.levels, limit_m=0.1)
    assert check_coverage(coverage) == []
    for code in exact.finest:
        before, after = exact.plane.flatten(exact.shapes[code]), exact.plane.flatten(coverage.shapes[code])
        assert shapely.hausdorff_distance(before, after) < 0.05


def test_two_towns_come_in_unchanged_to_the_millimetre() -> None:
    frame, coverage = frame_of("dali"), real("dali")
    for given, code in zip(frame.geometry, sorted(coverage.finest), strict=True):
        assert coverage.plane.flatten(given).hausdorff_distance(coverage.plane.flatten(coverage.shapes[code])) < 1e-3
    (shared,) = [edge for edge in coverage.edges.values() if not edge.is_outer]
    length = shapely.LineString(coverage.plane.to_metres(shared.line)).length
    assert length == pytest.approx(15_070, rel=0.01)


def rows_apart(gap_m: float) -> dict[str, Polygon]:
    """Two rows of ten grids with a long gap between them, closed by the grids at both ends."""
    up = gap_m / Plane.at(box(X, Y, X + D, Y + D)).scale[1] / D
    shapes = {f"s{i}": square(i, 0) for i in range(10)} | {f"n{i}": square(i, 1 + up) for i in range(10)}
    ends = {"w": square(-1, 0, 1, 2 + up), "e": square(10, 0, 1, 2 + up)}
    return shapes | ends


def test_a_long_thin_gap_is_shared_out_and_makes_no_spike() -> None:
    shapes = rows_apart(0.03)
    coverage = build_coverage(grids(*shapes), shapes, levels=LEVELS, limit_m=0.05)
    assert not any(problem.fault != "gap" for problem in check_coverage(coverage))
    for code, given in shapes.items():
        flat = coverage.plane.flatten(given)
        assert shapely.hausdorff_distance(flat, coverage.plane.flatten(coverage.shapes[code])) < 0.05, code


@pytest.mark.parametrize("fault", ["overlap", "gap"])
def test_one_sliver_among_many_changes_its_neighbours_only(fault: str) -> None:
    off = 0.03 / 191 * (1 if fault == "overlap" else -1)
    drawn = {**squares().shapes, micro(1, 1): square(1, 1, 1 + off)}
    coverage = build_coverage([*squares().divisions.values()], drawn, levels=LEVELS_OF_FIVE, limit_m=0.05)
    moved = {code for code in coverage.finest if coverage.shapes[code].wkb != squares().shapes[code].wkb}
    assert moved <= {micro(1, 1), micro(2, 1), micro(2, 0), micro(2, 2), micro(1, 0), micro(1, 2)}
    assert check_coverage(coverage) == [] and coverage.outer.wkb == squares().outer.wkb


def test_a_neck_narrower_than_the_repair_does_not_take_a_grid_apart() -> None:
    neck = shapely.union_all([square(0, 0), square(0.99, 0.5, 0.12, 0.4 / 222), square(1.1, 0)])
    shapes = {"a": neck, "b": square(0, 1.0001, 2.1, 1), "c": square(0, -1.0001, 2.1, 1)}
    coverage = build_coverage(grids(*shapes), shapes, levels=LEVELS, limit_m=0.5)
    assert shapely.get_num_geometries(coverage.shapes["a"]) == 1
    flat = coverage.plane.flatten(coverage.shapes["a"])
    assert flat.hausdorff_distance(coverage.plane.flatten(neck)) < 0.03


def test_a_margin_drawn_short_of_the_outline_or_over_it_is_fitted_to_it() -> None:
    off = 0.03 / 191
    drawn = {**squares().shapes, micro(0, 0): square(-off, 0, 1 + off, 1), micro(3, 1): square(3, 1, 1 - off, 1)}
    divisions, outline = [*squares().divisions.values()], squares().outer
    coverage = build_coverage(divisions, drawn, levels=LEVELS_OF_FIVE, limit_m=0.05, outline=outline)
    assert check_coverage(coverage, outer=outline) == [] and same_land(coverage.outer, outline)
    with pytest.raises(LinesDoNotFit) as refused:
        build_coverage(
            divisions, drawn | {micro(0, 0): square(-0.1, 0, 1.1, 1)}, levels=LEVELS_OF_FIVE, outline=outline
        )
    assert refused.value.params["problems"][0]["fault"] == "outside" and refused.value.params["width_m"] > 19


def test_a_missing_grid_stays_missing() -> None:
    drawn = {code: shape for code, shape in squares().shapes.items() if code != micro(1, 1)}
    coverage = build_coverage([*squares().divisions.values()], drawn, levels=LEVELS_OF_FIVE)
    (problem,) = check_coverage(coverage, outer=squares().outer)
    assert problem.fault == "gap" and problem.where.equals(square(1, 1))


def test_the_draft_is_built_the_same_whatever_the_order_of_its_shapes() -> None:
    coverage = squares()
    turned = {code: translate(coverage.shapes[code]).reverse() for code in reversed(coverage.finest)}
    again = build_coverage([*coverage.divisions.values()], turned, levels=coverage.levels)
    assert again.as_bytes() == coverage.as_bytes()


def mixed() -> Coverage:
    """A village with a grid of two micro-grids beside one without any."""
    divisions = [
        Division("t", "t", "town", None),
        Division("v", "v", "village", "t"),
        Division("a", "a", "grid", "v"),
        Division("b", "b", "grid", "v"),
        *(Division(code, code, "micro_grid", "a") for code in ("a1", "a2")),
    ]
    shapes = {"a1": square(0, 0), "a2": square(0, 1), "b": square(1, 0, 1, 2)}
    return build_coverage(divisions, shapes, levels=("town", "village", "grid", "micro_grid"))


def test_a_grid_without_micro_grids_stands_beside_one_that_has_some() -> None:
    coverage = mixed()
    assert check_coverage(coverage) == [] and coverage.finest == ["a1", "a2", "b"]
    assert coverage.outline("a").equals(square(0, 0, 1, 2)) and coverage.outline("v").equals(square(0, 0, 2, 2))


def test_operations_keep_the_depth_that_a_grid_has() -> None:
    halves = apply(mixed(), Split("b", (at(0.5, 0.7), at(2.5, 0.7)))).coverage
    assert halves.divisions["new_1"].level == "grid" and check_coverage(halves) == []
    ring = tuple(shapely.get_coordinates(square(1.4, 0.4, 0.2, 0.2).exterior).tolist())
    market = apply(mixed(), Create("b", tuple((x, y) for x, y in ring), "market")).coverage
    assert (market.divisions["new_1"].level, market.divisions["new_1"].parent) == ("grid", "v")
    across = apply(mixed(), Split("v", (at(-0.5, 0.7), at(2.5, 0.7)))).coverage
    assert check_coverage(across) == []
    with pytest.raises(WrongLevel):
        apply(mixed(), Merge(("a", "b")))
    with pytest.raises(WrongLevel):
        apply(mixed(), Reassign(("b",), "a"))
