"""Run a simulation as a client of the HTTP interface and the live feed."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import structlog
from scipy.spatial import KDTree

from ingest.simulator.feed_state import Body, FeedState
from ingest.simulator.following import follow
from ingest.simulator.locations import METRES_PER_DEGREE, IncidentLocations, Spot
from ingest.simulator.patrolling import Fleet, Movement, patrol
from ingest.simulator.rates import Arrival, arrivals_from
from ingest.simulator.reports import Reporter
from ingest.simulator.rounds import Phone, Walk, patrol_rounds
from ingest.simulator.seats import Desk
from ingest.simulator.sending import records, send_history, send_live
from ingest.simulator.server_client import OnTrouble, ServerClient
from ingest.simulator.terms import TrafficTerms

TIMEOUT_S = 30.0
OWN_SHARE = 0.35
"""Standard deviation of incidents about an area's centre, as a share of the distance to the nearest other centre."""
LONE_SPREAD_M = 300.0
DAY_STARTS, DAY_ENDS = time(9, 0), time(18, 0)
"""Working hours, when most incidents are reported."""
DAY_LASTS = timedelta(hours=9)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tokens:
    """Bearer tokens by role: reports, positions and answers, and dispatching; and who plans routes and goes round."""

    source: str
    gateway: str
    operator: str | None = None
    planner: str | None = None
    patrol: str | None = None


@dataclass(frozen=True, slots=True)
class Simulation:
    """Parameters of a simulation. `manual_forces` are moved by people. Without an operator's token there are no seats.

    The history is reproducible by `seed`; live traffic by `seed` and `run`. A second run needs another `run`: the same
    day sent twice would make every incident a likely duplicate. `on_trouble` is called when the server stops answering
    and when it answers again.
    """

    url: str
    tokens: Tokens
    traffic: TrafficTerms
    zone: ZoneInfo
    kmh: Mapping[str, float]
    smallest_level: str
    speed: float
    seed: int
    run: int
    history_days: int = 0
    seats: int = 0
    manual_forces: frozenset[int] = frozenset()
    risks: Sequence[str] = ()
    live: bool = True
    on_trouble: OnTrouble = lambda _: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


async def run(plan: Simulation) -> None:
    """Send the history, then simulate without end if `live`.

    Raises RequestRefused, perhaps in a group with others, where a token lacks the role that it is used for.
    """
    limits = httpx.Limits(max_connections=20, max_keepalive_connections=20)
    async with httpx.AsyncClient(base_url=plan.url, timeout=TIMEOUT_S, limits=limits, trust_env=False) as client:
        source, gateway = (
            ServerClient(client, t, on_trouble=plan.on_trouble) for t in (plan.tokens.source, plan.tokens.gateway)
        )
        found = await gateway.read("/api/divisions", {"levels": plan.smallest_level})
        locations = IncidentLocations(spots_of(found["items"]), seed=plan.seed)
        await _send_history(plan, source, locations)
        if plan.live:
            await _run_live(plan, client, source, gateway, locations)


async def _send_history(plan: Simulation, source: ServerClient, locations: IncidentLocations) -> None:
    if plan.history_days:
        now = plan.now()
        past = Reporter(plan.traffic, locations, seed=plan.seed)
        bodies = records(past, plan.traffic, zone=plan.zone, days=plan.history_days, now=now, seed=plan.seed)
        sent = await send_history(source, bodies)
        log.info("simulator.history_sent", records=sent, seconds=(plan.now() - now).total_seconds())


async def _run_live(
    plan: Simulation,
    client: httpx.AsyncClient,
    source: ServerClient,
    gateway: ServerClient,
    locations: IncidentLocations,
) -> None:
    state = FeedState()
    start = simulated_start(plan.now(), plan.zone, speed=plan.speed)
    reporter, arrivals = day_of(plan, locations, start=start)
    walk = await _walk(plan, client, gateway)
    manual = plan.manual_forces | ({walk.force} if walk else set())
    movement = Movement(kmh=dict(plan.kmh), speed=plan.speed, seed=plan.seed, manual_forces=manual)
    fleet = Fleet(state, movement, np.random.default_rng(plan.seed))
    async with asyncio.TaskGroup() as parts:
        parts.create_task(follow(gateway, state, url=plan.url))
        parts.create_task(patrol(gateway, fleet))
        parts.create_task(send_live(source, reporter, arrivals, start=start, speed=plan.speed))
        if plan.tokens.operator and plan.seats:
            server = ServerClient(client, plan.tokens.operator, on_trouble=plan.on_trouble)
            desk = Desk(
                server,
                state,
                seats=plan.seats,
                seed=plan.seed,
                manual_forces=manual,
                risks=plan.risks,
            )
            parts.create_task(desk.work())
        if walk and plan.tokens.planner:
            planner = ServerClient(client, plan.tokens.planner, on_trouble=plan.on_trouble)
            parts.create_task(patrol_rounds(planner, walk, smallest_level=plan.smallest_level))


async def _walk(plan: Simulation, client: httpx.AsyncClient, gateway: ServerClient) -> Walk | None:
    """Return who goes on rounds, with the force of the patrol's token; None without one."""
    if not plan.tokens.patrol:
        return None
    server = ServerClient(client, plan.tokens.patrol, on_trouble=plan.on_trouble)
    force = (await server.read("/api/me"))["force"]
    rng = np.random.default_rng([plan.seed, plan.run])
    return Walk(Phone(server), gateway, force=force, speed=plan.speed, rng=rng)


def day_of(plan: Simulation, locations: IncidentLocations, *, start: datetime) -> tuple[Reporter, Iterator[Arrival]]:
    """Return the reporter and the arrivals of the live day from `start` on. Another `run` draws another day."""
    seed = plan.seed + plan.run
    reporter = Reporter(plan.traffic, locations, seed=seed, run=f"{plan.run:x}-")
    return reporter, busy_day(arrivals_from(plan.traffic, start, zone=plan.zone, seed=seed), zone=plan.zone)


def busy_day(arrivals: Iterable[Arrival], *, zone: ZoneInfo) -> Iterator[Arrival]:
    """Yield the arrivals of the working day, each next day's right after the last one's.

    At speed 60 a night would come after ten minutes, and leave the hall without incidents for longer than that.
    """
    skipped = timedelta()
    evening: datetime | None = None
    for arrival in arrivals:
        local = arrival.at.astimezone(zone)
        if not DAY_STARTS <= local.time() < DAY_ENDS:
            continue
        morning = local.replace(hour=DAY_STARTS.hour, minute=0, second=0, microsecond=0)
        if evening is not None and morning > evening:
            skipped += morning - evening
        evening = morning + DAY_LASTS
        yield replace(arrival, at=arrival.at - skipped)


def simulated_start(now: datetime, zone: ZoneInfo, *, speed: float) -> datetime:
    """Return the time at which the simulated day begins: now at real speed in working hours, else the latest
    `DAY_STARTS`.

    A day that began at night would show an empty county first.
    """
    local = now.astimezone(zone)
    if speed <= 1 and DAY_STARTS <= local.time() < DAY_ENDS:
        return now
    morning = local.replace(hour=DAY_STARTS.hour, minute=DAY_STARTS.minute, second=0, microsecond=0)
    return (morning if morning <= now else morning - timedelta(days=1)).astimezone(UTC)


def spots_of(divisions: list[Body]) -> list[Spot]:
    """Make a spot for each of the smallest divisions, weighted by its households (the median where unknown)."""
    points = np.array([(d["lon"], d["lat"]) for d in divisions])
    known = [d["households"] for d in divisions if d.get("households")]
    usual = float(np.median(known)) if known else 1.0
    spreads = _spreads(points)
    return [
        Spot(d["lon"], d["lat"], spread_m=spread, weight=float(d.get("households") or usual))
        for d, spread in zip(divisions, spreads, strict=True)
    ]


def _spreads(points: np.ndarray) -> list[float]:
    if len(points) < 2:
        return [LONE_SPREAD_M] * len(points)
    flat = points * METRES_PER_DEGREE * (float(np.cos(np.radians(points[0, 1]))), 1.0)
    nearest = KDTree(flat).query(flat, k=2)[0][:, 1]
    return [float(metres) * OWN_SHARE for metres in nearest]
