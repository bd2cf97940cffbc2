"""The reducer, case by case. The front end's own runs over the same files."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.live.drawn import FILE, drawn
from tests.live.reducer import Gap, State

CASES = {path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "cases").glob("*.json"))}
DRAWN = {f"drawn {i}": case for i, case in enumerate(json.loads(FILE.read_text()))}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in (CASES | DRAWN).items()])
def test_the_reducer_gives_the_result_of_the_case(case: dict[str, Any]) -> None:
    state = State(case["start"])
    if case["gap"]:
        with pytest.raises(Gap):
            state.apply_all(case["frames"])
        return
    state.apply_all(case["frames"])
    assert state.lists() | {"pos": state.pos} == case["end"]


def test_the_drawn_cases_are_those_that_the_generator_draws() -> None:
    assert json.loads(FILE.read_text()) == drawn()
    assert 3 <= sum(case["gap"] for case in DRAWN.values()) <= len(DRAWN) / 3
