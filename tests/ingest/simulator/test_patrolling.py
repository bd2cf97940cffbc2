"""The simulated fleet: fixes and task steps over time, without a server."""

import itertools
from datetime import UTC, datetime, timedelta
from math import hypot
from typing import Any

import numpy as np

from ingest.simulator.feed_state import FeedState
from ingest.simulator.locations import metres_between
from ingest.simulator.patrolling import BUSY_EVERY_S, IDLE_EVERY_S, TICK_S, Fleet, Movement

Body = dict[str, Any]
START = datetime(2026, 3, 2, 2, tzinfo=UTC)
INCIDENT = {"id": 1, "version": 1, "status": "registered", "lon": 120.62, "lat": 31.11}


def force(number: int, duty: str = "on") -> Body:
    return {"id": number, "duty": duty, "mode": "ebike", "home_lon": 120.6, "home_lat": 31.1}


def fleet(forces: list[Body], *, manual_forces: frozenset[int] = frozenset()) -> Fleet:
    state = FeedState(incidents={1: dict(INCIDENT)}, forces={f["id"]: f for f in forces})
    movement = Movement(kmh={"ebike": 18.0}, speed=60.0, seed=2, manual_forces=manual_forces)
    return Fleet(state, movement, np.random.default_rng(1))


def run(moved: Fleet, seconds: float, *, begin: float = 0.0) -> tuple[list[Body], list[tuple[int, str, Body]]]:
    """Tick for some seconds; steps that are due take effect at once, as with a prompt server."""
    fixes: list[Body] = []
    steps: list[tuple[int, str, Body]] = []
    for tick in range(int(seconds / TICK_S)):
        now = begin + tick * TICK_S
        some, due = moved.tick(now, START + timedelta(seconds=now))
        fixes += some
        for number, step, body in due:
            steps.append((number, step, body))
            apply_step(moved.state.tasks[number], step)
    return fixes, steps


def apply_step(task: Body, step: str) -> None:
    after = {
        "accept": "accepted",
        "decline": "declined",
        "depart": "departed",
        "arrive": "arrived",
        "finish": "finished",
    }
    task["status"] = after[step]
    task["active"] = step not in ("decline", "finish")


def assign(moved: Fleet, number: int, force_id: int) -> None:
    task = {"id": number, "incident": 1, "force": force_id, "status": "assigned", "active": True, "version": 1}
    moved.state.tasks[number] = task


def test_forces_on_duty_report_but_not_manual_ones_or_those_off_duty() -> None:
    moved = fleet([force(1), force(2, "on_call"), force(3, "off"), force(4)], manual_forces=frozenset({4}))
    fixes, _ = run(moved, IDLE_EVERY_S + 1)
    assert {fix["force"] for fix in fixes} == {1, 2}


def test_idle_forces_spread_their_reports_over_the_interval() -> None:
    moved = fleet([force(i) for i in range(1, 401)])
    fixes, _ = run(moved, 3 * IDLE_EVERY_S)
    assert len(fixes) / (3 * IDLE_EVERY_S) < 1.2 * 400 / IDLE_EVERY_S
    per_second = np.bincount([int((datetime.fromisoformat(f["at"]) - START).total_seconds()) for f in fixes])
    assert per_second.max() < 4 * per_second.mean()


def test_an_assigned_force_completes_its_task_at_a_plausible_speed() -> None:
    moved = fleet([force(1)])
    run(moved, 20)
    number = next(n for n in range(1, 50) if answers(n) == "accept")
    assign(moved, number, 1)
    fixes, steps = run(moved, 400, begin=20)
    assert [step for _, step, _ in steps] == ["accept", "depart", "arrive", "finish"]
    places = [(fix["lon"], fix["lat"]) for fix in fixes]
    times = [datetime.fromisoformat(fix["at"]) for fix in fixes]
    assert min(hypot(*metres_between(place, (120.62, 31.11))) for place in places) < 15
    for i in range(1, len(fixes)):
        seconds = (times[i] - times[i - 1]).total_seconds()
        assert hypot(*metres_between(places[i - 1], places[i])) / seconds * 3.6 < 200
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(times)]
    assert min(gaps) <= BUSY_EVERY_S


def answers(number: int) -> str:
    """Return a force's first step with the task of that number."""
    moved = fleet([force(1)])
    run(moved, 1)
    assign(moved, number, 1)
    _, steps = run(moved, 60, begin=1)
    return steps[0][1] if steps else "silent"


def test_a_declining_force_gives_a_reason_and_is_free_again() -> None:
    number = next(n for n in range(1, 400) if answers(n) == "decline")
    moved = fleet([force(1)])
    run(moved, 1)
    assign(moved, number, 1)
    _, steps = run(moved, 60, begin=1)
    assert steps[0][2]["reason"]
    assert len(steps) == 1
