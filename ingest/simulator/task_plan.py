"""Plan how and when a simulated force answers and works on a task. Pure: drawn once for each task."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

DECLINES, IS_SILENT = 0.03, 0.04
WORK_MINUTES, WORK_SIGMA = 25.0, 0.5
REASONS = ("occupied", "too_far", "not_my_field")
OUTCOMES = ("settled", "settled", "handled", "agreement", "passed_on", "nobody")


class Answer(StrEnum):
    """A force's answer to an assignment."""

    ACCEPTS = "accept"
    DECLINES = "decline"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """Seconds of real time until a force answers, departs, and (once there) finishes."""

    answer: Answer
    answers_s: float
    departs_s: float
    works_s: float
    reason: str
    outcome: str = OUTCOMES[0]


def draw_plan(rng: np.random.Generator, *, speed: float) -> TaskPlan:
    """Draw a plan. Work shortens with `speed`; answering does not, so that a person can see it happen."""
    draw = rng.random()
    answer = Answer.DECLINES if draw < DECLINES else Answer.SILENT if draw < DECLINES + IS_SILENT else Answer.ACCEPTS
    work = float(rng.lognormal(np.log(WORK_MINUTES), WORK_SIGMA)) * 60
    return TaskPlan(
        answer=answer,
        answers_s=float(rng.uniform(4, 20)),
        departs_s=float(rng.uniform(2, 8)),
        works_s=max(work / max(speed, 1), 8.0),
        reason=REASONS[int(rng.integers(len(REASONS)))],
        outcome=OUTCOMES[int(rng.integers(len(OUTCOMES)))],
    )


def body_of(plan: TaskPlan, step: str) -> dict[str, str]:
    """Return what the force says with a step: why it declines, or the outcome."""
    if step == "decline":
        return {"reason": plan.reason}
    return {"reason": plan.outcome} if step == "finish" else {}


def next_step(plan: TaskPlan, status: str, *, since_s: float, has_arrived: bool) -> str | None:
    """Return the step due now, as the HTTP interface names it, or None. `since_s`: seconds in the current status."""
    if status == "assigned":
        return plan.answer.value if plan.answer is not Answer.SILENT and since_s >= plan.answers_s else None
    if status == "accepted":
        return "depart" if since_s >= plan.departs_s else None
    if status == "departed":
        return "arrive" if has_arrived else None
    if status == "arrived":
        return "finish" if since_s >= plan.works_s else None
    return None
