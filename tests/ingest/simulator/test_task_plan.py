"""How simulated forces answer and work on a task."""

from collections import Counter

import numpy as np

from ingest.simulator.task_plan import OUTCOMES, REASONS, Answer, TaskPlan, body_of, draw_plan, next_step
from tests.worlds import PACK

PLANS = [draw_plan(np.random.default_rng(i), speed=60) for i in range(3000)]
WILLING = TaskPlan(Answer.ACCEPTS, answers_s=5, departs_s=3, works_s=20, reason="")


def test_most_forces_accept_a_few_decline_and_a_few_do_not_answer() -> None:
    found = Counter(p.answer for p in PLANS)
    assert found[Answer.ACCEPTS] > 0.9 * len(PLANS)
    assert 0 < found[Answer.DECLINES] < 0.06 * len(PLANS)
    assert 0 < found[Answer.SILENT] < 0.08 * len(PLANS)


def test_declines_and_ends_are_told_in_codes_of_the_pack() -> None:
    assert {*REASONS} <= {reason.code for reason in PACK.tasks.decline_reasons}
    assert {*OUTCOMES} <= {outcome.code for outcome in PACK.tasks.outcomes}
    assert body_of(PLANS[0], "decline") == {"reason": PLANS[0].reason}
    assert body_of(PLANS[0], "finish") == {"reason": PLANS[0].outcome}
    assert body_of(PLANS[0], "arrive") == {}


def test_steps_are_due_in_order_and_on_time() -> None:
    assert next_step(WILLING, "assigned", since_s=4.9, has_arrived=True) is None
    assert next_step(WILLING, "assigned", since_s=5, has_arrived=True) == "accept"
    assert next_step(WILLING, "accepted", since_s=3, has_arrived=True) == "depart"
    assert next_step(WILLING, "departed", since_s=900, has_arrived=False) is None
    assert next_step(WILLING, "departed", since_s=0, has_arrived=True) == "arrive"
    assert next_step(WILLING, "arrived", since_s=19, has_arrived=True) is None
    assert next_step(WILLING, "arrived", since_s=20, has_arrived=True) == "finish"
    assert next_step(WILLING, "finished", since_s=99, has_arrived=True) is None


def test_a_silent_force_never_answers() -> None:
    silent = next(p for p in PLANS if p.answer is Answer.SILENT)
    assert next_step(silent, "assigned", since_s=1e9, has_arrived=True) is None


def test_work_is_shorter_on_a_faster_day() -> None:
    slow, fast = (draw_plan(np.random.default_rng(1), speed=speed) for speed in (1, 60))
    assert slow.works_s > 20 * fast.works_s
    assert slow.answers_s == fast.answers_s
