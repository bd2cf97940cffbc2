"""The watch over tasks that nobody answers."""

import asyncio
from typing import Any

import httpx

from geo.store import Store
from tests.matters import report
from tests.worlds import ClientAs, Clock, World


async def warned(operator: httpx.AsyncClient, task: int) -> dict[str, Any]:
    """The task once its warning is there; the watch looks every second."""
    while True:
        items: list[dict[str, Any]] = (await operator.get("/api/tasks")).json()["items"]
        found = next(item for item in items if item["id"] == task)
        if found["warned_at"]:
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
    assert (await operator.get(offers)).json()["candidates"][0]["force"] == second
    assert (await operator.post(f"/api/tasks/{sent['id']}/recall")).status_code == 200
    again = await operator.post(f"/api/incidents/{incident}/tasks", json={"force": second})
    assert again.status_code == 201
