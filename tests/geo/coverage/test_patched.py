"""What a patched coverage is given of the one before is what it would find out by itself."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geo.coverage.editing.applying import apply
from geo.coverage.measures import compactness, slivers
from geo.coverage.refusals import PlanRefused
from geo.coverage.topology import Coverage
from tests.geo.coverage.made import drawn_county, squares
from tests.property.editing import MAKERS

STEPS = 40


def same_as_alone(coverage: Coverage) -> None:
    """Compare a coverage with one of the same fields that was given nothing."""
    alone = replace(coverage, origin=None, differing=frozenset())
    assert coverage.finest == alone.finest
    assert coverage.rows == alone.rows
    assert [one is other for one, other in zip(coverage.polygons, alone.polygons, strict=True)].count(False) == 0
    assert dict(coverage.tree.children) == dict(alone.tree.children)
    for code in coverage.divisions:
        assert coverage.outline(code).wkb == alone.outline(code).wkb, code
        assert coverage.compactness(code) == compactness(alone.outline(code), alone.plane), code
    assert coverage.narrow(coverage.finest) == slivers(alone.polygons, alone.plane).tolist()
    near = shapely.points(shapely.get_coordinates(coverage.polygons)[::7])
    for within in (None, 1e-4):
        found, expected = (one.index.query(near, within=within) for one in (coverage, alone))
        assert sorted(found.T.tolist()) == sorted(expected.T.tolist())
    assert sorted(coverage.index.query(coverage.outer).tolist()) == [*range(len(coverage.finest))]


@pytest.mark.parametrize("number", range(3))
def test_a_patched_coverage_knows_what_one_built_alone_finds(number: int) -> None:
    rng = np.random.default_rng(number)
    base = squares() if number else drawn_county(24, seed=7)
    coverage, inverses = base, []
    for step in range(STEPS):
        try:
            applied = apply(coverage, MAKERS[rng.integers(len(MAKERS))](coverage, rng.random(12).tolist()))
        except PlanRefused:
            continue
        coverage = applied.coverage
        inverses.append(applied.inverse)
        if step % 4 == 0:
            same_as_alone(coverage)
    same_as_alone(coverage)
    for inverse in reversed(inverses):
        coverage = apply(coverage, inverse).coverage
    same_as_alone(coverage)
    assert coverage.as_bytes() == base.as_bytes()
