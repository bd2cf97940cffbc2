"""The reducer, case by case. The front end's own runs over the same files."""

import json
from pathlib import Path

import pytest

from tests.live.reducer import Gap, State

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_reducer_does_what_the_case_says(path: Path) -> None:
    case = json.loads(path.read_text())
    state = State(case["start"])
    if case["gap"]:
        with pytest.raises(Gap):
            state.apply_all(case["frames"])
        return
    state.apply_all(case["frames"])
    assert state.lists() | {"pos": state.pos} == case["end"]
