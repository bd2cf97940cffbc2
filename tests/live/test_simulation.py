"""The simulator and the replay against a real server, as clients of its public API."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from api.intake.files.reference import vocabulary_of
from api.keeping.commands.simulate import traffic_of
from api.settings import Settings
from geo.datum import Datum
from geo.store import lies_within
from ingest.files.mapping import Options
from ingest.replay.recording import Times, fixes_of, reports_of
from ingest.replay.sending import Target, send_fixes, send_reports
from ingest.simulator.locations import IncidentLocations, Spot
from ingest.simulator.rounds import Phone, Walk, planned_routes
from ingest.simulator.running import Simulation, Tokens, day_of, run
from ingest.simulator.server_client import ServerClient
from tests.ingest.files.making import rows_of, written
from tests.worlds import LAT, LON, PACK, Clock, World

PATIENCE_S = 60
MOMENTS = [
    datetime(2026, 3, 2, 0, 5, tzinfo=PACK.zone),
    datetime(2026, 12, 31, 12, 0, tzinfo=PACK.zone),
    datetime(2028, 2, 29, 22, 45, tzinfo=PACK.zone),
]
OPTIONS = Options(datum=Datum.WGS84)


class ClockOnTheWall(Clock):
    """The server's time is the simulator's: it goes on."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def clock() -> Clock:
    return ClockOnTheWall()


def simulation(world: World, port: int, **changes: Any) -> Simulation:
    tokens = Tokens(world.tokens["source"], world.tokens["gateway"], world.tokens["operator"])
    usual: dict[str, Any] = {
        "speed": 1000.0,
        "seats": 3,
        "manual_forces": frozenset({world.forces["patrol_west"]}),
        "run": 1,
    }
    return Simulation(
        url=f"http://127.0.0.1:{port}",
        tokens=tokens,
        traffic=traffic_of(PACK),
        zone=PACK.zone,
        kmh={mode.mode: mode.kmh for mode in PACK.dispatch.travel},
        smallest_level="micro_grid",
        seed=7,
        **{**usual, **changes},
    )


def as_user(world: World, port: int, username: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {world.tokens[username]}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=30)


async def until(client: httpx.AsyncClient, seen: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first snapshot that shows it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            snapshot: dict[str, Any] = (await client.get("/api/snapshot")).json()
            if seen(snapshot):
                return snapshot
            await asyncio.sleep(0.3)


def test_two_runs_of_a_day_differ(world: World) -> None:
    spots = IncidentLocations([Spot(LON, LAT, spread_m=500, weight=1)], seed=7)
    days = [day_of(simulation(world, 0, run=run), spots, start=datetime(2026, 3, 2, tzinfo=UTC)) for run in (1, 2, 2)]
    reports = [
        [reporter.report(arrival, occurred_at=arrival.at)[0] for arrival in islice(arrivals, 50)]
        for reporter, arrivals in days
    ]
    places = [{(report["lon"], report["lat"]) for report in each} for each in reports]
    assert not places[0] & places[1]
    assert reports[1] == reports[2]


async def test_a_simulated_grid_worker_goes_round_a_planned_route_as_a_phone_does(world: World, port: int) -> None:
    async with as_user(world, port, "operator") as client:
        planner, gateway, phone = (
            ServerClient(client, world.tokens[one]) for one in ("planner", "gateway", "patrol_west")
        )
        routes = await planned_routes(planner, smallest_level="micro_grid")
        west = next(route for route in routes if lies_within(route["division_path"], world.west))
        rng = np.random.default_rng(7)
        walk = Walk(Phone(phone), gateway, force=world.forces["patrol_west"], speed=np.inf, rng=rng)
        await walk.round(west)
        assert walk.phone.kept == []
        [record] = (await client.get("/api/rounds")).json()["items"]
        assert (record["route"], record["unreported"]) == (west["id"], 0) and record["ended_at"]
        assert record["checked"] + record["left_out"] == len(west["points"])
        assert (await client.get("/api/visits")).json()["by_grid"][0]["grid"] == west["grid"]
        assert await planned_routes(planner, smallest_level="micro_grid") == routes


async def test_a_simulated_day_reports_patrols_and_answers_and_does_not_use_a_persons_force(
    world: World, port: int
) -> None:
    going = asyncio.create_task(run(simulation(world, port)))
    async with as_user(world, port, "operator") as client:
        snapshot = await until(client, lambda s: any(t["status"] == "departed" for t in s["tasks"]))
        assert (await client.get("/api/wall")).json()["leader"]["post"]
    going.cancel()
    with suppress(asyncio.CancelledError):
        await going
    left = world.forces["patrol_west"]
    assert left not in snapshot["fixes"]["force"]
    assert left not in {task["force"] for task in snapshot["tasks"]}
    assert len(snapshot["fixes"]["force"]) > 3
    waiting = [i for i in snapshot["incidents"] if i["status"] == "registered"]
    assert len(waiting) >= 5, "the queue is never emptied under the person's hands"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The product's own limit of a body: late in the evening a day's history is longer than other tests allow."""
    return Settings(data_dir=tmp_path, static_dir=tmp_path)


@pytest.mark.parametrize(
    "clock", [Clock(moment.astimezone(UTC)) for moment in MOMENTS], ids=[f"{moment:%F %H:%M}" for moment in MOMENTS]
)
async def test_the_history_is_registered_once_and_closed_even_if_sent_again(
    world: World, port: int, clock: Clock
) -> None:
    past = simulation(world, port, history_days=1, live=False, now=clock)
    numbers = []
    async with as_user(world, port, "operator") as client:
        for _ in range(2):
            await run(past)
            page = (await client.get("/api/incidents", params={"limit": 1000})).json()
            numbers.append(Counter(i["external_no"] for i in page["items"]))
    assert numbers[0] == numbers[1]
    assert max(numbers[0].values()) == 1
    assert {i["status"] for i in page["items"]} == {"closed"}


async def test_recorded_incidents_keep_their_times_or_happen_now(world: World, port: int, tmp_path: Path) -> None:
    content = (
        "source,external_no,category,title,lon,lat,occurred_at\n"
        "hotline,1,hazard.fire,smoke,120.605,31.105,2026-03-01T08:00:00Z\n"
        "hotline,2,hazard.fire,smoke,120.615,31.105,2026-03-01T08:00:01Z\n"
        "hotline,3,hazard.fire,far,125.0,31.105,2026-03-01T08:00:02Z\n"
    )
    vocabulary = vocabulary_of(PACK)
    table = rows_of(written(tmp_path, "a.csv", content))
    recorded = reports_of(table, OPTIONS, categories=vocabulary.categories, risks=vocabulary.risks)
    for times, expected in ((Times.KEEP, "created"), (Times.NOW, "existing")):
        outcomes = await send_reports(
            recorded.rows, server(port, world.tokens["source"]), speed=1e6, times=times, progress=_unseen
        )
        assert outcomes == {expected: 2, "lon outside": 1}
    async with as_user(world, port, "operator") as client:
        items = (await client.get("/api/incidents")).json()["items"]
    assert {i["occurred_at"][:19] for i in items} == {"2026-03-01T08:00:00", "2026-03-01T08:00:01"}


async def test_recorded_positions_move_a_force(world: World, port: int, tmp_path: Path) -> None:
    content = "device,at,lon,lat,speed_mps\n" + "".join(
        f"device-patrol_east,2026-03-01T08:00:0{i}Z,120.6{30 + i},31.12,4\n" for i in range(3)
    )
    table = rows_of(written(tmp_path, "a.csv", content + "nobody,2026-03-01T08:00:05Z,120.63,31.12,1\n"))
    fixes = fixes_of(table, OPTIONS)
    to = server(port, world.tokens["gateway"])
    outcomes = await send_fixes(fixes.rows, to, speed=2, times=Times.NOW, progress=_unseen)
    assert outcomes["ok"] >= 1
    assert outcomes.total() == 4
    assert outcomes["force.unknown"] == 1


def server(port: int, token: str) -> Target:
    return Target(url=f"http://127.0.0.1:{port}", token=token, patience_s=PATIENCE_S, on_trouble=lambda _: None)


def _unseen(_done: int) -> None:
    """Ignore progress."""
