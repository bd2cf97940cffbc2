"""What a clerk is told about borders: the way out first, then the widest fault, with its size and place."""

from collections.abc import Sequence

import pytest
import shapely
from shapely import Polygon

from api.keeping.commands.import_messages import message_of
from geo.plane import Plane
from ingest.files.grid_coverage import CoverageJob, Findings, NewGrid, check_coverage, proposed, run
from ingest.files.problems import Problem

PLANE = Plane(120.6, 31.0)


def metres(*bounds: float) -> Polygon:
    return shapely.transform(shapely.box(*bounds), PLANE.to_degrees)


def found(*bounds: tuple[float, float, float, float], repair: float = 0.0, cut_enclaves: bool = False) -> Findings:
    grids = [NewGrid(row, f"g{row}", "p", metres(*each)) for row, each in enumerate(bounds, start=1)]
    return check_coverage(CoverageJob(grids, repair=repair, cut_enclaves=cut_enclaves))


def codes(problems: Sequence[Problem]) -> list[str]:
    return [problem.code for problem in problems]


WEST, EAST, TWIN = (0, 0, 1000, 1000), (999.97, 0, 2000, 1000), (0, 0, 900, 1000)


def test_slivers_are_refused_with_the_repair_that_mends_them() -> None:
    refused = found(WEST, EAST)
    assert codes(refused.problems) == ["grids.repair", "grid.overlaps"]
    repair = refused.problems[0].params["repair"]
    assert repair == pytest.approx(0.032, abs=0.001)
    assert "--repair 0.03" in message_of(refused.problems[0], chinese=False)
    mended = found(WEST, EAST, repair=repair)
    assert (mended.problems, set(mended.lines)) == ([], {"g1", "g2"})
    assert [note["code"] for note in mended.notes] == ["grid.mended_overlap", "grids.moved"]


def test_a_real_overlap_comes_before_slivers_with_its_size() -> None:
    refused = found(WEST, EAST, TWIN)
    assert codes(refused.problems) == ["grids.redraw_and_repair", "grid.overlaps", "grid.overlaps"]
    worst = refused.problems[1].params
    assert (worst["code"], worst["other"]) == ("g1", "g3")
    assert worst["square_metres"] == pytest.approx(900_000, rel=0.01)
    assert worst["width_m"] == pytest.approx(900, rel=0.03)


def test_an_enclave_without_a_hole_is_cut_out_on_request() -> None:
    market = (400, 400, 600, 600)
    refused = found(WEST, market)
    assert codes(refused.problems) == ["grids.cut_enclaves", "grids.redraw", "grid.overlaps"]
    assert "--cut-enclaves" in message_of(refused.problems[0], chinese=False)
    cut = found(WEST, market, cut_enclaves=True)
    assert (cut.problems, [*cut.lines], cut.notes[0]["codes"]) == ([], ["g1"], ["g2 (g1)"])
    assert PLANE.area_m2(cut.lines["g1"]) == pytest.approx(960_000, rel=1e-4)


def test_a_slit_is_reported_with_the_repair_that_closes_it() -> None:
    notes = found(WEST, (1000.3, 0, 2000, 1000)).notes
    assert [note["code"] for note in notes] == ["grid.gap", "grid.slits"]
    assert {notes[1]["grid"], notes[1]["other"]} == {"g1", "g2"}
    assert notes[1]["repair"] == pytest.approx(0.32, abs=0.01)


def test_every_message_has_its_figures() -> None:
    """A message with a missing figure would raise."""
    for findings in (found(WEST, EAST, TWIN), found(WEST, EAST, repair=0.1), found(WEST, (1000.3, 0, 2000, 1000))):
        notes = [Problem(str(note["code"]), params=note) for note in findings.notes]
        for problem in [*findings.problems, *notes]:
            for chinese in (True, False):
                assert "{" not in message_of(problem, chinese=chinese)


def test_the_drawing_has_each_fault_with_its_measures() -> None:
    (drawn,) = run(CoverageJob([NewGrid(1, "a", "p", metres(*WEST)), NewGrid(2, "b", "p", metres(*EAST))]).as_json())[
        "drawing"
    ]
    assert (drawn["fault"], drawn["code"], drawn["other"], drawn["mended"]) == ("overlap", "a", "b", False)
    assert shapely.from_wkb(drawn["wkb"]).geom_type == "MultiPolygon"


@pytest.mark.parametrize(("width", "repair"), [(0.03, 0.032), (0.3, 0.32), (1.0, 1.1), (9.6, 11.0), (0.0, 0.0)])
def test_a_repair_is_proposed_in_two_digits_with_some_headroom(width: float, repair: float) -> None:
    assert proposed(width) == pytest.approx(repair)
    assert proposed(width) >= width
