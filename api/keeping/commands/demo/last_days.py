"""The last days of a demo: cases that are still open, near their limits and over them.

They are lived through the HTTP interface at their own times, by a server in this process whose clock is turned from
moment to moment: people are sent down, reports come in, forces are sent and finish, some cases are accepted. Notices
follow as the real server starts and sweeps.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx
import numpy as np

from api.app import create_app
from api.keeping.commands.demo.county import Prepared
from api.keeping.commands.demo.sent_down import send_people_down
from api.keeping.commands.simulate import SEED, traffic_of
from api.place.pack import Pack
from api.settings import Settings
from api.watch.clock import SteadyClock
from console.cases.casework import Casework
from console.clocks.rules import Running, schedule_of
from console.flow.case_rules import clocks_of
from console.flow.case_state import CaseState, Holder
from geo.store import Store
from ingest.simulator.locations import IncidentLocations
from ingest.simulator.rates import arrivals_from
from ingest.simulator.reports import Body, Reporter
from ingest.simulator.running import spots_of
from ingest.simulator.server_client import ServerClient

DAYS = 9
STANDINGS = (("late", False), ("near", False), ("late", True), ("in_time", True)) * 4
"""How the cases are to stand to their limits when the demo begins, and whether an operator who may accepts them."""
LIFE = timedelta(minutes=40)
EVERY = timedelta(minutes=20)
"""Step in which a time is looked for at which a case had to come in."""
SOURCES = "last-days"


@dataclass(slots=True)
class Turned:
    """A clock that stands at the moment it was turned to."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment

    def elapsed(self) -> float:
        return 0.0


async def live_last_days(settings: Settings, pack: Pack, ready: Prepared, *, now: datetime) -> int:
    """Live the open cases of the last days in a county without incidents, and return how many there are.

    Some are left out: of a standing that no time gives, or drawn beyond the boundary.
    """
    if (work := pack.casework) is None:
        return 0
    turned = Turned(now - timedelta(days=DAYS + 1))
    clock = SteadyClock(turned, elapsed=turned.elapsed)
    store = Store(ready.urls.app, pool_size=4)
    app = create_app(settings, pack=pack, store=store, now=clock)
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=f"http://127.0.0.1:{settings.port}", trust_env=False
        ) as client:
            seats = _Seats(*(ServerClient(client, ready.tokens[one]) for one in ("source", "operator", "gateway")))
            if (await seats.operator.read("/api/incidents", {"limit": 1}))["items"]:
                return 0
            leave = frozenset(ready.loaded.forces.values())
            planner, levels = ServerClient(client, ready.tokens["planner"]), work.terms.level_codes
            if len(levels) > 1:
                await send_people_down(seats.operator, planner, levels=levels[-2:], now=now, zone=pack.zone)
            planned = await _planned(seats, pack, work, now=now)
            lives = [_Life(seats, body, at, leave, accepts) for body, at, accepts in planned]
            steps = [(one.at + after, step) for one in lives for after, step in one.steps()]
            for at, step in sorted(steps, key=lambda pair: pair[0]):
                turned.moment = at
                await step()
    finally:
        await store.close()
    return sum(one.incident > 0 for one in lives)


async def _planned(seats: "_Seats", pack: Pack, work: Casework, *, now: datetime) -> list[tuple[Body, datetime, bool]]:
    """Draw reports whose cases go on after a force has finished, each with the time at which it has to come in, and
    whether the case is accepted.
    """
    traffic = traffic_of(pack)
    level = pack.root.levels[-1].level
    found = await seats.gateway.read("/api/divisions", {"levels": level})
    reporter = Reporter(traffic, IncidentLocations(spots_of(found["items"]), seed=SEED), seed=SEED, run=f"{SOURCES}-")
    arrivals = arrivals_from(traffic, now - timedelta(days=365), zone=pack.zone, seed=SEED)
    bodies = (reporter.report(arrival, occurred_at=now)[0] for arrival in arrivals)
    going_on = (body for body in bodies if not _ends_in_field(pack, work, body))
    rng = np.random.default_rng([SEED, len(STANDINGS)])
    planned = []
    for standing, accepts in STANDINGS:
        body = next(going_on)
        stood = {at: standing_at(pack, work, body, at, accepted=accepts, now=now) for at in _moments(now)}
        times = [at for at, found in stood.items() if found == standing]
        if times:
            at = times[int(rng.integers(len(times)))]
            planned.append((body | {"occurred_at": at.isoformat()}, at, accepts))
    return planned


def _moments(now: datetime) -> Iterator[datetime]:
    """Yield the moments of the last days at which a case may have come in and been to the field, the latest first."""
    at = now - LIFE
    while at > now - timedelta(days=DAYS):
        yield at
        at -= EVERY


def _begun(pack: Pack, work: Casework, body: Body) -> CaseState:
    terms, grade = work.terms, pack.incidents.grade(body["category"], body["risk"])
    flow, nobody = terms.flow_for(body["category"]), Holder("")
    lane = terms.lane_for(body["category"], grade.code)
    stage = terms.flow_by_code[flow].stages[0]
    return CaseState(flow, body["category"], grade.code, stage, lane, grade.level, nobody, nobody)


def _ends_in_field(pack: Pack, work: Casework, body: Body) -> bool:
    state = _begun(pack, work, body)
    return work.terms.closed_by_finish(state.category, state.lane) is not None


def standing_at(pack: Pack, work: Casework, body: Body, at: datetime, *, accepted: bool, now: datetime) -> str:
    """Return how a case that came in at a time stands now. Once accepted, it has the limits from its door only."""
    terms = pack.clocks
    found = "in_time"
    for code, _ in clocks_of(work.terms, _begun(pack, work, body)).values():
        term = terms.limit_by_code[code]
        if accepted and term.starts != "door":
            continue
        schedule = schedule_of(Running(term, at, terms.hours_of(term)), pack.times, now=at)
        if schedule.due_at < now:
            return "late"
        if schedule.warn_at is not None and schedule.warn_at <= now:
            found = "near"
    return found


@dataclass(frozen=True, slots=True)
class _Seats:
    """Those who live the days, each with a token of its own."""

    source: ServerClient
    operator: ServerClient
    gateway: ServerClient


Step = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class _Life:
    """One case: it is reported, a force is sent, handles it and says so; `accepts`: an operator who may accepts it."""

    seats: _Seats
    body: Body
    at: datetime
    leave: frozenset[int]
    accepts: bool
    incident: int = 0
    task: int = 0

    def steps(self) -> list[tuple[timedelta, Step]]:
        """List the steps with how long after the report each is taken."""
        field_steps = (("accept", 4), ("depart", 6), ("arrive", 15), ("finish", 35))
        return [
            (timedelta(), self._report),
            (timedelta(minutes=3), self._send),
            *((timedelta(minutes=after), self._take(step)) for step, after in field_steps),
            (timedelta(minutes=38), self._accept),
        ]

    async def _report(self) -> None:
        answer = await self.seats.source.send("POST", "/api/incidents", json=self.body)
        if answer.status_code == HTTPStatus.CREATED:
            self.incident = answer.json()["id"]

    async def _send(self) -> None:
        if not self.incident:
            return
        operator = self.seats.operator
        found = await operator.send("GET", f"/api/incidents/{self.incident}/candidates", params={"limit": 5})
        for one in found.json().get("candidates", []):
            body = {"force": one["force"]}
            if one["force"] not in self.leave and not self.task:
                sent = await operator.send("POST", f"/api/incidents/{self.incident}/tasks", json=body)
                self.task = sent.json()["id"] if sent.status_code == HTTPStatus.CREATED else 0

    async def _accept(self) -> None:
        """Accept the case, where an operator of the whole place may and nothing has to be filled in."""
        if not self.incident or not self.accepts:
            return
        seen = await self.seats.operator.send("GET", f"/api/incidents/{self.incident}/case")
        for one in seen.json().get("moves", []):
            if one["kind"] == "accept" and not any(f["required"] for f in one["form"]):
                path = f"/api/incidents/{self.incident}/moves"
                headers = {"If-Match": seen.headers["ETag"]}
                await self.seats.operator.send("POST", path, json={"move": one["move"]}, headers=headers)
                return

    def _take(self, step: str) -> Step:
        async def take() -> None:
            if self.task:
                said: dict[str, Any] = {"reason": "handled"} if step == "finish" else {}
                await self.seats.gateway.send("POST", f"/api/tasks/{self.task}/{step}", json=said)

        return take
