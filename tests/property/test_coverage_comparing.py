"""What is changed in a draft, exported, and read back with an editor's noise, comes back as operations that make it."""

from collections.abc import Sequence
from dataclasses import replace

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.coverage.comparing.operations import operations_between
from geo.coverage.comparing.rows import alike
from geo.coverage.editing.applying import apply, replay
from geo.coverage.editing.operations import AnyOperation
from geo.coverage.editing.reassigning import Merge
from geo.coverage.editing.splitting import Split
from geo.coverage.refusals import CodeTwice, PlanRefused
from geo.coverage.repair.mending import TOLERANCE_M
from geo.coverage.topology import Coverage
from tests.geo.coverage.comparing.test_operations import as_edited, rows_of
from tests.geo.coverage.made import drawn_county
from tests.property.depth import examples
from tests.property.editing import bend, merge, move, name, reassign, split, straighten

MAKERS = (split, merge, move, bend, name, reassign, straighten)
NEAR_M = 0.1
STEPS = st.lists(
    st.tuples(st.integers(0, len(MAKERS) - 1), st.lists(st.floats(0, 1, width=32), min_size=8, max_size=8)),
    min_size=1,
    max_size=4,
)


def edited(coverage: Coverage, steps: Sequence[tuple[int, Sequence[float]]]) -> tuple[Coverage, list[AnyOperation]]:
    """Apply what a file can show: at most one split or merge, of finest divisions."""
    done: list[AnyOperation] = []
    for kind, numbers in steps:
        operation = MAKERS[kind](coverage, numbers)
        if isinstance(operation, Split | Merge):
            code = operation.code if isinstance(operation, Split) else operation.codes[0]
            if code not in coverage.shapes or any(isinstance(one, Split | Merge) for one in done):
                continue
        try:
            coverage = apply(coverage, operation).coverage
        except PlanRefused:
            continue
        done.append(operation)
    return coverage, done


def its_border_moved(start: Coverage, wanted: Coverage, code: str) -> bool:
    """Whether what a division was split into is not the land that it was."""
    parts = [wanted.shapes[one] for one in wanted.finest if one == code or one not in start]
    return not alike(start, start.shapes[code], shapely.coverage_union_all(parts), tolerance_m=TOLERANCE_M)


@settings(
    deadline=None,
    max_examples=examples(8),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(STEPS, st.booleans())
def test_changes_come_back_as_operations_that_make_them(
    steps: Sequence[tuple[int, Sequence[float]]], noisy: bool
) -> None:
    start = drawn_county()
    wanted, done = edited(start, steps)
    split_up = next((one.code for one in done if isinstance(one, Split)), None)
    rows = [row if row.code in start else replace(row, code=split_up) for row in rows_of(wanted)]
    try:
        found = operations_between(start, as_edited(rows) if noisy else rows)
    except CodeTwice:
        assert split_up is not None and its_border_moved(start, wanted, split_up)
        return
    made = [start, *(applied.coverage for applied in replay(start, found))][-1]
    assert made.divisions.keys() == wanted.divisions.keys()
    same = made.divisions.keys() & start.divisions.keys() if split_up is None else start.divisions.keys() - {split_up}
    for code in same & made.shapes.keys():
        assert alike(start, made.shapes[code], wanted.shapes[code], tolerance_m=NEAR_M)
        assert made.divisions[code].parent == wanted.divisions[code].parent
