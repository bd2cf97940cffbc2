"""The server sweeps the deadlines of all features while it runs."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI

from geo.store import Store
from tests.live.viewing import caught_up, live_of
from tests.reporting import report
from tests.worlds import ClientAs, Clock, World


async def warned(operator: httpx.AsyncClient, task: int) -> dict[str, Any]:
    """The task once its warning is there; the watch looks every second."""
    while True:
        items: list[dict[str, Any]] = (await operator.get("/api/tasks")).json()["items"]
        found = next(item for item in items if item["id"] == task)
        if found["warned_at"]:
            return found
        await asyncio.sleep(0.05)


async def changed(operator: httpx.AsyncClient, incident: int) -> dict[str, Any]:
    """The incident once it is another version than the first."""
    while True:
        found: dict[str, Any] = (await operator.get(f"/api/incidents/{incident}")).json()
        if found["version"] > 1:
            return found
        await asyncio.sleep(0.05)


async def test_an_unanswered_task_warns_its_operator_and_the_next_candidate_is_there(
    client_as: ClientAs, store: Store, world: World, clock: Clock
) -> None:
    incident = await report(store, world, world.micro_grids()[0])
    operator = client_as("operator")
    offers = f"/api/incidents/{incident}/candidates"
    first, second = [c["force"] for c in (await operator.get(offers)).json()["candidates"][:2]]
    sent = (await operator.post(f"/api/incidents/{incident}/tasks", json={"force": first})).json()
    clock.turn(seconds=120)
    task = await asyncio.wait_for(warned(operator, sent["id"]), timeout=20)
    assert (task["status"], task["warned_at"], task["version"]) == ("assigned", "2026-03-02T02:02:00Z", 2)
    assert (await operator.get(f"{offers}?role=lead")).json()["candidates"][0]["force"] == second
    assert (await operator.post(f"/api/tasks/{sent['id']}/recall")).status_code == 200
    again = await operator.post(f"/api/incidents/{incident}/tasks", json={"force": second})
    assert again.status_code == 201


async def test_an_incident_that_nobody_is_sent_to_is_overdue_on_every_screen(
    client_as: ClientAs, world: World, clock: Clock, app: FastAPI
) -> None:
    lon, lat = world.middle_of(world.micro_grids()[0])
    report = {"source": "hotline", "category": "dispute.family", "title": "邻里争吵", "lon": lon, "lat": lat}
    incident = (await client_as("source").post("/api/incidents", json=report)).json()
    clock.turn(hours=2)
    found = await asyncio.wait_for(changed(client_as("operator"), incident["id"]), timeout=20)
    timeline = (await client_as("operator").get(f"/api/incidents/{incident['id']}/timeline")).json()["items"]
    assert [entry["kind"] for entry in timeline] == ["registered", "case.opened", "first_response.overdue"]
    await caught_up(live_of(app))
    assert (found["status"], live_of(app).hub.head.pos) == ("registered", 3)
