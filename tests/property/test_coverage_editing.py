"""Any sequence of operations keeps a coverage whole; undoing all gives back the very bytes, replaying the same."""

import json
from collections.abc import Callable, Sequence

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.coverage.checking import check_coverage
from geo.coverage.edges import edges_of
from geo.coverage.editing import drafting
from geo.coverage.editing.applying import Applied, apply, replay
from geo.coverage.editing.operations import AnyOperation, as_json, operation_of, stored_operation_of
from geo.coverage.owners import owners_of
from geo.coverage.refusals import PlanRefused
from geo.coverage.topology import Coverage
from tests.geo.coverage.made import drawn_county, land_is_whole, real
from tests.property.depth import examples
from tests.property.editing import MAKERS

STEPS = st.lists(
    st.tuples(st.integers(0, len(MAKERS) - 1), st.lists(st.floats(0, 1, width=32), min_size=8, max_size=8)),
    min_size=1,
    max_size=12,
)
SMALL = 100
"""Edges up to which a coverage is checked after each step, and not only after the last."""
Steps = Sequence[tuple[int, Sequence[float]]]
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def carried_out(coverage: Coverage, steps: Steps) -> tuple[list[AnyOperation], list[Applied]]:
    """Apply each step that is not refused."""
    operations, done = [], list[Applied]()
    for kind, numbers in steps:
        operation = MAKERS[kind](coverage, numbers)
        try:
            applied = apply(coverage, operation)
        except PlanRefused as refused:
            json.dumps(refused.params)
            continue
        operations.append(operation)
        done.append(applied)
        coverage = applied.coverage
    return operations, done


def holds(after: Coverage) -> None:
    """Check all that must be true of a coverage after any operation on one that was sound."""
    assert check_coverage(after) == [] and land_is_whole(after)
    assert len(after.tree.children[None]) == 1
    assert {edge.key: edge for edge in edges_of(after.finest, [*after.polygons])} == after.edges
    for level in after.levels:
        shapes = [after.outline(code) for code, one in after.divisions.items() if one.level == level]
        assert shapely.coverage_is_valid(shapes)


def untold(before: Coverage, applied: Applied) -> set[str]:
    """Finest divisions that are not what they were, though nobody said so."""
    told = {*applied.changed, *applied.revised, *applied.ended}
    after = applied.coverage.shapes
    return {code for code, shape in before.shapes.items() if after.get(code) is not shape} - told


def run(start: Coverage, steps: Steps) -> None:
    """Carry out steps, undo and redo all of them, and check what holds on the way."""
    operations, done = carried_out(start, steps)
    states = [start, *(applied.coverage for applied in done)]
    assert not any(untold(before, applied) for before, applied in zip(states, done, strict=False))
    for coverage in states[1:] if len(start.edges) < SMALL or len(states) < 3 else states[-1:]:
        holds(coverage)
    kept = [operation_of(json.loads(json.dumps(as_json(operation)))) for operation in operations]
    for applied, again in zip(done, replay(start, kept), strict=True):
        assert applied.coverage.as_bytes() == again.coverage.as_bytes()
    undone = states[-1]
    for applied, earlier in zip(reversed(done), reversed(states[:-1]), strict=True):
        undone = apply(undone, stored_operation_of(json.loads(json.dumps(as_json(applied.inverse))))).coverage
        assert undone.as_bytes() == earlier.as_bytes()


@settings(SLOW, max_examples=examples(12))
@given(STEPS)
def test_any_sequence_on_a_drawn_county_keeps_every_invariant(steps: Steps) -> None:
    run(drawn_county(24), steps)


@pytest.mark.parametrize(("place", "usual"), [("chicago", 2), ("dali", 8), ("san francisco", 1)])
def test_any_sequence_on_real_lines_keeps_every_invariant(place: str, usual: int) -> None:
    coverage = real(place)

    @settings(SLOW, max_examples=examples(usual))
    @given(STEPS)
    def sequences(steps: Steps) -> None:
        run(coverage, steps)

    sequences()


@settings(SLOW, max_examples=examples(5))
@given(STEPS, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20))
def test_each_point_has_one_owner_before_and_after_any_sequence(
    steps: Steps, places: Sequence[tuple[float, float]]
) -> None:
    start = drawn_county(24)
    _, done = carried_out(start, steps)
    west, south, east, north = start.outer.bounds
    points = [(west + (east - west) * x, south + (north - south) * y) for x, y in places]
    for coverage in (start, *(applied.coverage for applied in done[-1:])):
        points += [point for edge in [*coverage.edges.values()][::9] for point in edge.line]
        assert None not in owners_of(coverage, points)


Redraw = Callable[..., drafting.Redrawn]


def forgets_the_neighbour(redraw: Redraw) -> Redraw:
    """Plant a fault: the edges that are drawn anew lie beside the outside."""

    def planted(*args: object) -> drafting.Redrawn:
        made = redraw(*args)
        new = tuple(type(edge)(edge.line, edge.left, None) if edge.right else edge for edge in made.new)
        return drafting.Redrawn(made.gone, new)

    return planted


def moves_a_vertex(redraw: Redraw) -> Redraw:
    """Plant a fault: one vertex of what is drawn anew is a millimetre off."""

    def planted(*args: object) -> drafting.Redrawn:
        made = redraw(*args)
        edges = [type(e)((*e.line[:-1], (e.line[-1][0] + 1e-8, e.line[-1][1])), *e.sides) for e in made.new[:1]]
        return drafting.Redrawn(made.gone, (*edges, *made.new[1:]))

    return planted


@pytest.mark.parametrize("plant", [forgets_the_neighbour, moves_a_vertex])
def test_a_fault_in_one_operation_is_caught(plant: Callable[[Redraw], Redraw], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo.coverage.editing.splitting.redraw", plant(drafting.redraw))
    numbers = [0.2, 0.5, 0.5, 0.5, 0.9, 0.5, 0.0, 0.0]
    with pytest.raises((AssertionError, ValueError)):
        run(drawn_county(24), [(0, numbers)])
