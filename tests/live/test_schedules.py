"""Schedules of the feed from seeds: nothing lost, doubled, reordered or leaked; planted faults are found again."""

import pytest

from tests.live.schedules import FAULTS, SOUND, Broken, Schedule, broken_by

SEEDS = 4_000
"""`python -m bench.schedules` runs 100,000."""


def test_no_schedule_loses_doubles_reorders_or_leaks() -> None:
    assert [*broken_by(SOUND, seeds=range(SEEDS))] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_found_again_from_its_seed(fault: str) -> None:
    found = next(broken_by(FAULTS[fault], seeds=range(2_000)))
    seed = int(str(found).removeprefix("seed ").split(":")[0])
    for _ in range(2):
        with pytest.raises(Broken) as again:
            Schedule(seed, FAULTS[fault]).run()
        assert str(again.value) == str(found)
    Schedule(seed).run()
