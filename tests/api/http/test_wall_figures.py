"""Figures of a wall: reports against earlier days, how soon forces arrive, and who leads the duty."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from console.situation.figures import spans_to_compare
from geo.store import Store
from tests.live.stories import Stage, accept, arrive, assign, depart, register
from tests.worlds import NOW, PACK, ClientAs, Clock, World


async def figures(client_as: ClientAs, username: str = "wall") -> dict[str, Any]:
    answer = await client_as(username).get("/api/wall")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_same_part_of_the_day_is_compared_by_the_countys_clock() -> None:
    now = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)  # Half past one at night there, on the third.
    found = [
        (f"{span.start.astimezone(PACK.zone):%m-%d %H:%M}", span.end - span.start)
        for span in spans_to_compare(now, zone=PACK.zone)
    ]
    assert found == [(f"{day} 00:00", timedelta(minutes=90)) for day in ("03-03", "03-02", "02-24")]


async def test_reports_are_compared_with_earlier_days_and_unknown_days_are_not_zero(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    assert (await figures(client_as))["reported"] == {"today": None, "yesterday": None, "last_week": None}
    lon, lat = world.middle_of(world.micro_grids()[0])
    body = {"source": "hotline", "category": "dispute.family", "title": "canary", "lon": lon, "lat": lat}
    ages = [timedelta(days=1), timedelta(days=1, hours=1), timedelta(hours=23), timedelta(hours=1)]
    past = [
        body | {"occurred_at": (NOW - age).isoformat(), "closed_at": (NOW - age + timedelta(minutes=9)).isoformat()}
        for age in ages
    ]
    clock.turn(minutes=1)
    lines = b"\n".join(map(orjson.dumps, past))
    assert (await client_as("source").post("/api/incidents/batch", content=lines)).json()["created"] == len(past)
    await client_as("source").post("/api/incidents", json=body)
    assert (await figures(client_as))["reported"] == {"today": 2, "yesterday": 2, "last_week": None}


async def test_arrivals_are_measured_at_each_incident_once(
    client_as: ClientAs, world: World, clock: Clock, store: Store, app: FastAPI
) -> None:
    assert (await figures(client_as))["arrivals"] == {"n": 0, "median_minutes": None, "p90_minutes": None}
    stage = Stage(client_as, world, clock, store)
    for step in (register, assign, accept, depart, arrive):
        await step(stage)
    assert (await figures(client_as))["arrivals"] == {"n": 1, "median_minutes": 4.0, "p90_minutes": 4.0}
    clock.turn(hours=25)
    assert (await figures(client_as))["arrivals"]["n"] == 0


async def test_the_hall_names_who_leads_the_duty_and_every_turn_is_kept(client_as: ClientAs, clock: Clock) -> None:
    async def put(username: str, **body: str) -> int:
        clock.turn(minutes=1)
        return (await client_as(username).put("/api/duty-leader", json=body)).status_code

    assert (await figures(client_as))["leader"] is None
    assert await put("operator", name=" 陈建 ", post="副主任") == 200
    leader = (await figures(client_as))["leader"]
    assert (leader["name"], leader["post"]) == ("陈建", "副主任")
    assert await put("operator", name="陈建", post="副主任") == 200
    assert await put("supervisor", name="", post="x") == 200
    assert (await figures(client_as))["leader"] is None
    turns = (await client_as("supervisor").get("/api/duty-leader")).json()["items"]
    assert [turn["name"] for turn in turns] == ["", "陈建"]
    assert [await put(name, name="x") for name in ("wall", "clerk", "auditor", "patrol_west")] == [403] * 4
    assert await put("operator", name="x" * 41) == 422


async def test_a_town_has_its_own_leader(client_as: ClientAs) -> None:
    await client_as("operator_west").put("/api/duty-leader", json={"name": "沈"})
    assert (await figures(client_as))["leader"] is None
    assert (await figures(client_as, "operator_west"))["leader"]["name"] == "沈"


@pytest.mark.parametrize(("username", "status"), [("wall", 200), ("planner", 200), ("clerk", 403), ("source", 403)])
async def test_who_may_watch_a_wall_reads_its_figures(client_as: ClientAs, username: str, status: int) -> None:
    assert (await client_as(username).get("/api/wall")).status_code == status
