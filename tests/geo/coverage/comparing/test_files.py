"""Tests of files compared with a draft: what is wrong is numbered and drawn, noise is none, the rest is operations."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, box, shape

from geo.coverage.checking import check_coverage
from geo.coverage.comparing.files import Compared, compare_file
from geo.coverage.comparing.rows import EditedRow
from geo.coverage.editing.applying import apply, replay
from geo.coverage.editing.attributes import Designate, Rename
from geo.coverage.editing.creating import Create
from geo.coverage.editing.moving import Move
from geo.coverage.editing.splitting import Split
from geo.coverage.refusals import (
    AcrossParents,
    CodesExchanged,
    CodeTwice,
    LinesDoNotFit,
    ParentDrawn,
    PlanRefused,
)
from geo.coverage.topology import Coverage
from geo.datum import Datum
from tests.geo.coverage.comparing.test_operations import after, as_edited, rows_of
from tests.geo.coverage.made import D, at, drawn_county, grid, micro, real, square, squares

M = D / 222
"""A metre to the north, in degrees; to the east it is 0.86 m."""


def compared(coverage: Coverage, rows: Sequence[EditedRow], *, repair: float | None = None) -> Compared:
    return compare_file(coverage, rows, declared=Datum.WGS84, repair_m=repair)


def ops(found: Compared) -> list[str]:
    return [operation.op for operation in found.operations]


def applied(coverage: Coverage, found: Compared) -> Coverage:
    return [coverage, *(one.coverage for one in replay(coverage, found.operations))][-1]


def with_shape(code: str, polygon: Polygon) -> list[EditedRow]:
    return [replace(row, shape=polygon) if row.code == code else row for row in rows_of(squares())]


def without(*codes: str) -> list[EditedRow]:
    return [row for row in rows_of(squares()) if row.code not in codes]


def bow_tie(east: float, north: float) -> Polygon:
    return Polygon([at(east, north), at(east + 1, north + 1), at(east + 1, north), at(east, north + 1)])


def shrunk(metres: float) -> list[EditedRow]:
    """The draft with the southern border of `micro(1, 1)` so much further north: a gap in the middle of the county."""
    (x0, y0), (x1, y1) = at(1, 1), at(2, 2)
    return with_shape(micro(1, 1), box(x0, y0 + metres * M, x1, y1))


def grown(metres: float) -> list[EditedRow]:
    """The same border further south: an overlap."""
    return shrunk(-metres)


def notched(metres: float) -> list[EditedRow]:
    """A hole in the middle of a grid that nothing fills."""
    hole = box(*(c - metres / 2 * M for c in at(1.5, 1.5)), *(c + metres / 2 * M for c in at(1.5, 1.5)))
    return with_shape(micro(1, 1), square(1, 1).difference(hole))


def test_noise_vertices_on_the_way_and_one_move_are_exactly_one_operation() -> None:
    rows = as_edited(after(squares(), Move(vertex=at(1, 1), to=at(1.1, 1.05))))
    found = compared(squares(), rows)
    assert ops(found) == ["move"] and found.mended["count"] == 0


@pytest.mark.parametrize("metres", [0.03, 0.3, 30.0])
@pytest.mark.parametrize(("drawn", "fault"), [(shrunk, "gap"), (grown, "overlap")])
def test_gaps_and_overlaps_are_mended_up_to_the_width_stated_and_drawn_beyond(
    metres: float, drawn: Callable[[float], list[EditedRow]], fault: str
) -> None:
    with pytest.raises(LinesDoNotFit) as refused:
        compared(squares(), drawn(metres), repair=metres / 2)
    told = refused.value.params
    (problem,) = told["problems"]
    assert (problem["number"], problem["fault"]) == (1, fault) and micro(1, 1) in (problem["code"], problem["other"])
    assert problem["width_m"] == pytest.approx(metres, rel=0.05)
    assert shape(problem["where"]).distance(shapely.Point(at(1.5, 1))) < M
    assert metres < told["repair"] < 1.2 * metres
    found = compared(squares(), drawn(metres), repair=told["repair"])
    assert found.operations == [] and found.mended["moved_m"] == pytest.approx(metres, rel=0.05)
    (mended,) = found.mended["faults"]
    assert (mended["fault"], mended["number"]) == (fault, 1)
    (drawn_anew,) = found.mended["shapes"]
    assert drawn_anew["code"] == micro(1, 1) and shape(drawn_anew["after"]).equals(square(1, 1))
    assert not shape(drawn_anew["before"]).equals(square(1, 1))


def over(code: str, polygon: Polygon) -> list[EditedRow]:
    return [*rows_of(squares()), EditedRow(code, polygon)]


FAULTS: dict[str, tuple[list[EditedRow], type[PlanRefused], str | None, str]] = {
    "a bow-tie": (with_shape(micro(1, 1), bow_tie(1, 1)), LinesDoNotFit, "invalid", micro(1, 1)),
    "a hole": (notched(20), LinesDoNotFit, "gap", micro(1, 1)),
    "a missing grid": (without(micro(1, 1)), LinesDoNotFit, "gap", micro(1, 1)),
    "a missing corner": (without(micro(0, 0)), LinesDoNotFit, "gap", micro(0, 0)),
    "outside the county": (over("X", square(5, 5)), LinesDoNotFit, "outside", "X"),
    "beyond its border": (with_shape(micro(0, 0), square(-0.5, 0, 1.5, 1)), LinesDoNotFit, "outside", micro(0, 0)),
    "inside another": (over("X", square(1.2, 1.2, 0.3, 0.3)), LinesDoNotFit, "overlap", "X"),
    "the same under two codes": (over("X", square(1, 1)), LinesDoNotFit, "overlap", "X"),
    "a code twice": ([*without(micro(1, 1)), EditedRow(micro(1, 1), square(3, 3)),
                      EditedRow(micro(1, 1), square(1, 1))], CodeTwice, None, micro(1, 1)),
    "an unknown code twice": ([*without(micro(1, 1)), EditedRow("X", square(1, 1, 0.5)),
                               EditedRow("X", square(1.5, 1, 0.5))], CodeTwice, None, "X"),
    "over two villages": ([*without(micro(1, 1), micro(2, 1)), EditedRow(micro(1, 1), square(1, 1, 2))],
                          AcrossParents, None, micro(1, 1)),
    "new over two villages": ([*without(micro(1, 1), micro(2, 1)), EditedRow(None, square(1, 1, 1.5)),
                               EditedRow(micro(2, 1), square(2.5, 1, 0.5))], AcrossParents, None, micro(1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_bad_lines_are_refused_with_what_and_where(name: str) -> None:
    rows, kind, fault, code = FAULTS[name]
    with pytest.raises(kind) as refused:
        compared(squares(), rows, repair=0.05)
    told = refused.value.params
    problems: list[dict[str, Any]] = told.get("problems", [])
    named = {*told["codes"], *(p["code"] for p in problems), *(p["other"] for p in problems)}
    assert code in named or fault == "gap"
    wheres = [told["where"], *(p["where"] for p in problems)]
    assert any(where and not shape(where).is_empty for where in wheres)
    assert fault is None or {fault} == {p["fault"] for p in problems}


def test_a_crossing_is_drawn_where_it_is() -> None:
    with pytest.raises(LinesDoNotFit) as refused:
        compared(squares(), with_shape(micro(1, 1), bow_tie(1, 1)))
    where = shape(refused.value.params["problems"][0]["where"])
    assert where.equals_exact(shapely.MultiPoint([at(1.5, 1.5)]), 1e-9)


def test_duplicate_vertices_and_spikes_without_an_area_are_no_change() -> None:
    corners = [at(1, 1), at(1, 1), at(2, 1), at(2, 2), at(1.5, 2), at(1.5, 2.4), at(1.5, 2), at(1, 2)]
    found = compared(squares(), with_shape(micro(1, 1), Polygon(corners)))
    assert found.operations == []


def test_a_narrow_spike_is_an_overlap_that_repair_takes_away() -> None:
    (x, y), tip = at(1.5, 2), at(1.5, 2.1)
    spiked = Polygon([at(1, 1), at(2, 1), at(2, 2), (x + 0.03 * M, y), tip, (x, y), at(1, 2)])
    with pytest.raises(LinesDoNotFit) as refused:
        compared(squares(), with_shape(micro(1, 1), spiked), repair=0.005)
    assert refused.value.params["problems"][0]["fault"] == "overlap"
    found = compared(squares(), with_shape(micro(1, 1), spiked), repair=0.05)
    assert shapely.normalize(applied(squares(), found).shapes[micro(1, 1)]).equals(square(1, 1))


def test_codes_that_rotated_are_refused_also_among_noise() -> None:
    three = [micro(0, 0), micro(1, 1), micro(3, 3)]
    after_ = dict(zip(three, [*three[1:], three[0]], strict=True))
    rows = [replace(row, code=after_.get(row.code or "", row.code)) for row in as_edited(rows_of(squares()))]
    with pytest.raises(CodesExchanged) as refused:
        compared(squares(), rows)
    assert {*refused.value.params["codes"]} == {*three}


def test_a_code_twice_that_tiles_its_grid_is_a_split_and_the_new_code_is_told() -> None:
    line = (at(0.9, 1.3), at(1.4, 1.5), at(2.1, 1.3))
    found = compared(squares(), as_edited(after(squares(), Split(micro(1, 1), line))))
    assert ops(found) == ["split"] and [*found.codes.values()] == ["new_1"]


def test_rows_of_grids_above_say_names_and_their_lines_must_follow() -> None:
    above = EditedRow(grid(0, 0), square(0, 0, 2, 2), "一号网格", None)
    found = compared(squares(), [*rows_of(squares()), above])
    assert found.operations == [Rename(grid(0, 0), "一号网格")]
    with pytest.raises(ParentDrawn) as refused:
        compared(squares(), [*rows_of(squares()), replace(above, shape=square(0, 0, 2.3, 2))])
    assert refused.value.params["codes"] == [grid(0, 0)] and refused.value.params["where"]


def test_rows_without_codes_are_known_by_their_place() -> None:
    rows = [replace(row, code=None, parent=None) for row in as_edited(rows_of(drawn_county()))]
    assert compared(drawn_county(), rows).operations == []


def test_new_lines_over_a_village_become_splits_and_merges_with_provisional_codes() -> None:
    """The western village, of eight micro-grids, is drawn anew as three strips and one block, the eastern stays."""
    kept = [row for row in rows_of(squares()) if (row.code or "").startswith("320509002")]
    new = [square(0, 0, 0.7, 2), square(0.7, 0, 0.8, 2), square(1.5, 0, 0.5, 2), square(0, 2, 2, 2)]
    rows = [*kept, *(EditedRow(None, one, f"新{i}") for i, one in enumerate(new))]
    found = compared(squares(), rows)
    made = applied(squares(), found)
    assert check_coverage(made) == []
    assert ops(found) == ["batch", *["rename"] * 4] and len(found.codes) == 4
    for i, one in enumerate(new):
        code = found.codes[f"#{len(kept) + 1 + i}"]
        assert made.divisions[code].name == f"新{i}"
        assert made.plane.area_m2(made.shapes[code].symmetric_difference(one)) < 0.1


def test_a_kind_comes_back_with_new_shapes_and_known_ones_and_an_empty_one_says_nothing() -> None:
    market = apply(squares(), Create(grid(0, 0), ring(0.2, 0.2), "market")).coverage
    rows = [replace(row, kind=market.divisions[row.code or ""].kind) for row in rows_of(market)]
    assert [row.kind for row in rows if row.kind] == ["market"]
    found = compared(squares(), [replace(row, code=None) if row.kind else row for row in rows])
    made = applied(squares(), found)
    assert [one.kind for one in made.divisions.values() if one.kind] == ["market"]
    named = [replace(row, kind="school" if row.code == micro(3, 3) else None) for row in rows_of(squares())]
    assert compared(squares(), named).operations == [Designate(micro(3, 3), "school")]
    assert compared(market, [replace(row, kind="") for row in rows_of(market)]).operations == []
    village = EditedRow(grid(0, 0), square(0, 0, 2, 2), kind="park")
    assert compared(squares(), [*rows_of(squares()), village]).operations == [Designate(grid(0, 0), "park")]


def ring(east: float, north: float) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in square(east, north, 0.5, 0.5).exterior.coords)


def noisy(polygon: Polygon, rng: np.random.Generator, metres: float) -> Polygon:
    places = shapely.get_coordinates(polygon)[:-1]
    turn = rng.uniform(0, 2 * np.pi, len(places))
    moved = places + metres * M * np.column_stack([np.cos(turn) / 0.86, np.sin(turn)])
    return Polygon(moved)


def test_noise_of_3_cm_everywhere_is_mended_and_none_of_it_an_operation() -> None:
    coverage, rng = drawn_county(), np.random.default_rng(7)
    rows = [replace(row, shape=noisy(row.shape, rng, 0.03)) for row in rows_of(coverage)]
    with pytest.raises(LinesDoNotFit) as refused:
        compared(coverage, rows)
    assert 0.02 < refused.value.params["repair"] < 0.1
    found = compared(coverage, rows, repair=0.05)
    assert found.operations == [] and found.mended["noise"] == len(rows) and found.mended["count"] > len(rows)
    assert 0.02 < found.mended["moved_m"] < 0.05 and len(found.mended["shapes"]) == len(rows)


@pytest.mark.parametrize(("noise", "repair", "off"), [(0.0, None, 1e-3), (0.03, 0.07, 0.05)], ids=["exact", "noisy"])
def test_two_real_towns_come_in_over_other_lines(noise: float, repair: float | None, off: float) -> None:
    """Unchanged to the millimetre; with noise of 3 cm at every vertex, mended to within 5 cm of what they were."""
    towns, rng = real("dali"), np.random.default_rng(11)
    base = _split_otherwise(shapely.union_all([*towns.shapes.values()]))
    rows = [EditedRow(None, noisy(towns.shapes[code], rng, noise), code) for code in towns.finest]
    made = applied(base, compared(base, rows, repair=repair))
    assert check_coverage(made) == []
    for code in towns.finest:
        (here,) = (one.code for one in made.divisions.values() if one.name == code)
        ours, theirs = made.plane.flatten(made.shapes[here]), made.plane.flatten(towns.shapes[code])
        assert shapely.hausdorff_distance(ours, theirs) < off


def _split_otherwise(whole: Polygon) -> Coverage:
    from geo.coverage.building import build_coverage
    from geo.coverage.divisions import Division

    west, south, east, north = whole.bounds
    halves = [whole.intersection(box(west - 1, south - 1, (west + east) / 2, north + 1))]
    halves.append(whole.difference(halves[0]))
    shapes = {}
    for name, half in zip("ab", halves, strict=True):
        for i, part in enumerate(shapely.get_parts(half)):
            shapes[f"{name}{i}" if i else name] = part
    divisions = [Division("top", "top", "county", None), *(Division(c, c, "town", "top") for c in shapes)]
    return build_coverage(divisions, shapes, levels=("county", "town"), outline=whole)
