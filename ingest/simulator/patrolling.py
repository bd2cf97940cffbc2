"""Simulated forces: move them, answer their tasks, and send their fixes."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ingest.simulator.feed_state import Body, FeedState
from ingest.simulator.locations import shifted
from ingest.simulator.server_client import ServerClient
from ingest.simulator.task_plan import TaskPlan, body_of, draw_plan, next_step
from ingest.simulator.walking import Walker

TICK_S = 0.5
BUSY_EVERY_S, IDLE_EVERY_S = 2.5, 18.0
SEND_EVERY_S = 2.0
FASTEST_FACTOR = 6.0
GPS_M = 2.5
DEFAULT_KMH = 20.0
PLANS = 6


@dataclass(frozen=True, slots=True)
class Movement:
    """Movement of forces: km/h by mode, speed relative to real time, and forces that a person moves."""

    kmh: dict[str, float]
    speed: float
    seed: int
    manual_forces: frozenset[int] = frozenset()

    def travel_kmh(self, mode: str) -> float:
        return self.kmh.get(mode, DEFAULT_KMH) * min(max(self.speed, 1.0), FASTEST_FACTOR)


@dataclass(slots=True)
class Runner:
    """One force: its walker and its current task. Times are the event loop's, in seconds."""

    walker: Walker
    due: float
    moved: float
    task: int | None = None
    status: str = ""
    since: float = 0.0
    plan: TaskPlan | None = None
    last_step: str = ""


@dataclass(slots=True)
class Fleet:
    """All simulated forces. `tick` moves them and returns the fixes and task steps that are due."""

    state: FeedState
    movement: Movement
    rng: np.random.Generator
    runners: dict[int, Runner] = field(default_factory=dict)

    def tick(self, now: float, at: datetime) -> tuple[list[Body], list[tuple[int, str, Body]]]:
        """Return fixes to send, and steps as (task, step, body). `now` in seconds, `at` the same as a time."""
        busy = self.state.active_tasks()
        self._sync_runners(now)
        fixes: list[Body] = []
        steps: list[tuple[int, str, Body]] = []
        for force, runner in self.runners.items():
            task = busy.get(force)
            self._follow_task(runner, task, now)
            if now >= runner.due:
                self._move(runner, task, now)
                fixes.append(self._fix(force, runner, at))
            if task is not None:
                steps.extend(self._step(runner, task, now))
        return fixes, steps

    def _sync_runners(self, now: float) -> None:
        """Add forces that came on duty and remove those that left it."""
        on_duty = {
            i: force
            for i, force in self.state.forces.items()
            if force["duty"] != "off" and i not in self.movement.manual_forces
        }
        for gone in self.runners.keys() - on_duty.keys():
            del self.runners[gone]
        for i in on_duty.keys() - self.runners.keys():
            force = on_duty[i]
            home = (force["home_lon"], force["home_lat"])
            walker = Walker(home=home, mode=force["mode"], at=self.state.fixes.get(i, home))
            # Spread over the interval; otherwise all would report in the same second for ever.
            self.runners[i] = Runner(walker, due=now + float(self.rng.uniform(0, IDLE_EVERY_S)), moved=now)

    def _follow_task(self, runner: Runner, task: Body | None, now: float) -> None:
        """Follow a new task or a new status of the current one."""
        number, status = (task["id"], task["status"]) if task else (None, "")
        if (number, status) == (runner.task, runner.status):
            return
        if number != runner.task:
            draw = np.random.default_rng([self.movement.seed, PLANS, number or 0])
            runner.plan = draw_plan(draw, speed=self.movement.speed) if task else None
            runner.walker.stop()
        runner.task, runner.status, runner.since = number, status, now
        incident = self.state.incidents.get(task["incident"]) if task else None
        if status == "departed" and incident is not None:
            runner.walker.send((incident["lon"], incident["lat"]), self.rng)
        runner.due = min(runner.due, now + BUSY_EVERY_S)

    def _move(self, runner: Runner, task: Body | None, now: float) -> None:
        seconds, runner.moved = now - runner.moved, now
        if task is None:
            runner.walker.idle(seconds, self.rng, kmh=self.movement.travel_kmh(runner.walker.mode))
        elif task["status"] == "departed":
            runner.walker.move(seconds, kmh=self.movement.travel_kmh(runner.walker.mode))
        else:
            runner.walker.stop()
        runner.due = now + (IDLE_EVERY_S if task is None else BUSY_EVERY_S)

    def _fix(self, force: int, runner: Runner, at: datetime) -> Body:
        east, north = self.rng.normal(0, GPS_M, 2)
        lon, lat = shifted(*runner.walker.at, east=float(east), north=float(north))
        return {
            "force": force,
            "at": at.isoformat(),
            "lon": round(lon, 7),
            "lat": round(lat, 7),
            "speed_mps": round(runner.walker.speed_mps, 2),
            "heading": round(runner.walker.heading, 1) % 360,
            "accuracy_m": round(3 + abs(float(east)) * 2, 1),
        }

    def _step(self, runner: Runner, task: Body, now: float) -> Iterator[tuple[int, str, Body]]:
        """Yield the step that is due, once for each status of a task: the feed shows its result."""
        if runner.plan is None or runner.last_step == f"{task['id']}:{task['status']}":
            return
        step = next_step(runner.plan, task["status"], since_s=now - runner.since, has_arrived=runner.walker.has_arrived)
        if step is not None:
            runner.last_step = f"{task['id']}:{task['status']}"
            yield task["id"], step, body_of(runner.plan, step)


async def patrol(server: ServerClient, fleet: Fleet) -> None:
    """Move the forces and send their fixes and answers, without end."""
    clock = asyncio.get_running_loop().time
    waiting: list[Body] = []
    sends_at = clock() + SEND_EVERY_S
    async with asyncio.TaskGroup() as answers:
        while True:
            fixes, steps = fleet.tick(clock(), datetime.now(UTC))
            waiting.extend(fixes)
            for task, step, body in steps:
                answers.create_task(_answer(server, task, step, body))
            if waiting and clock() >= sends_at:
                # Not retried when the server is down: by then there are newer fixes.
                await server.send_once("POST", "/api/positions", json={"fixes": waiting})
                waiting, sends_at = [], clock() + SEND_EVERY_S
            await asyncio.sleep(TICK_S)


async def _answer(server: ServerClient, task: int, step: str, body: dict[str, Any]) -> None:
    """Send a step of a task. It is refused when another client was faster; the feed shows that too."""
    await server.send("POST", f"/api/tasks/{task}/{step}", json=body)
