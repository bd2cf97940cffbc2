"""Tests of owners: every point of a coverage belongs to exactly one division, the one that incidents get, too."""

import pytest
import shapely

from geo.coverage.owners import SLIT_DEGREES, owner_of, owners_of
from geo.coverage.topology import Coverage
from layers.divisions.queries import located_among
from tests.geo.coverage.made import at, drawn_county, micro, squares


def by_database(coverage: Coverage, point: tuple[float, float]) -> str | None:
    """The owner by the rule of the statement that locates incidents: all divisions around, then the one chosen."""
    around = {
        coverage.tree.path(code): (one.level, code)
        for code, one in coverage.divisions.items()
        if coverage.outline(code).intersects(shapely.Point(point))
    }
    located = located_among(around)
    return None if located is None else located.path.rpartition(".")[2]


def test_a_point_on_the_corner_of_four_belongs_to_the_first_path() -> None:
    assert owner_of(squares(), at(1, 1)) == micro(0, 0)
    assert owner_of(squares(), at(2, 2)) == micro(1, 1)


@pytest.mark.parametrize("coverage", [squares(), drawn_county()], ids=["squares", "drawn"])
def test_every_vertex_and_middle_of_an_edge_has_one_owner_as_in_the_database(coverage: Coverage) -> None:
    lines = [edge.line for edge in coverage.edges.values()]
    vertices = sorted({point for line in lines for point in line})[::7]
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for line in lines[::5] for a, b in [line[:2]]]
    owners = owners_of(coverage, [*vertices, *middles])
    assert None not in owners
    assert owners[: len(vertices)] == [by_database(coverage, point) for point in vertices]
    found = [by_database(coverage, point) for point in middles]
    assert all(there in (None, here) for here, there in zip(owners[len(vertices) :], found, strict=True))


def test_a_point_just_beside_all_belongs_to_the_nearest() -> None:
    west = at(0, 0.5)
    assert owner_of(squares(), (west[0] - SLIT_DEGREES / 2, west[1])) == micro(0, 0)
    assert owner_of(squares(), (west[0] - 2 * SLIT_DEGREES, west[1])) is None


def test_no_points_have_no_owners() -> None:
    assert owners_of(squares(), []) == []
