"""Proposals over HTTP: searched apart, taken as one step, ended at once, told in order, and gone with the server."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from console.planning.proposals import asked
from tests.api.http.test_plans import GRID_1, GRID_2, MICRO, PLANS, VILLAGE, at, drawn, made
from tests.worlds import ROOT, ClientAs, World

HOUSEHOLDS = {"workload_minutes": 0, "households": 1}
EVEN = {"level": "grid", "division": ROOT, "weights": HOUSEHOLDS, "seconds": 5}


async def ended(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            found: dict[str, Any] = (await client.get(path)).json()
            if found["state"] not in ("waiting", "running"):
                return found
            await asyncio.sleep(0.05)


async def begun(client: httpx.AsyncClient, plan: int, **fields: Any) -> str:
    answer = await client.post(f"{PLANS}/{plan}/proposals", json=EVEN | fields)
    assert answer.status_code == 202, answer.text
    return f"{PLANS}/{plan}/proposals/{answer.json()['id']}"


async def test_a_proposal_is_taken_as_one_step_and_undone_in_one(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    lines = (await planner.get(f"{PLANS}/{plan}/lines")).content
    await drawn(planner, plan, op="reassign", codes=[MICRO], to=GRID_2)
    uneven = (await planner.get(f"{PLANS}/{plan}/lines")).content
    found = await ended(planner, await begun(planner, plan))
    assert (found["state"], found["version"], found["settled"], found["masked"]) == ("done", 2, True, True)
    assert (found["groups"], found["pieces"], found["piece_level"], found["within"]) == (8, 16, "micro_grid", "village")
    assert found["today"]["load_deviation"] == found["today"]["moved_pieces"] + 0.5 == 0.5
    best = found["alternatives"][0]
    assert (best["load_deviation"], best["moved_households"], best["moved_pieces"]) == (0, 100, 1)
    assert best["before"][GRID_1]["households"] == 100 and best["after"][GRID_1]["households"] == 200
    assert {*best["after"]} >= {GRID_1, GRID_2, VILLAGE, ROOT} and MICRO not in best["after"]
    assert found["bottlenecks"] == []
    taken = await planner.post(f"{PLANS}/{plan}/operations", json=best["operation"], headers={"If-Match": '"2"'})
    assert taken.json()["figures"][GRID_1] == best["after"][GRID_1], taken.text
    (*_, kept) = (await planner.get(f"{PLANS}/{plan}")).json()["operations"]
    assert kept["operation"] == best["operation"]
    await planner.post(f"{PLANS}/{plan}/undo")
    assert (await planner.get(f"{PLANS}/{plan}/lines")).content == uneven != lines


async def test_where_nothing_is_more_even_the_lines_of_today_are_the_best(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    await drawn(planner, plan, op="reassign", codes=[MICRO], to=GRID_2)
    await drawn(planner, plan, op="lock", codes=[GRID_2])
    found = await ended(planner, await begun(planner, plan))
    assert (found["state"], found["alternatives"]) == ("done", [])
    (locked,) = found["bottlenecks"]
    assert (locked["cause"], locked["code"], locked["deviation"]) == ("locked", GRID_2, 0.5)
    assert locked["share"] == 0.75 and locked["where"]["type"] == "Polygon"


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Searches that tell of progress once, and find nothing more. The event is set when one has."""
    has_told = asyncio.Event()

    async def search(job: bytes, told: Callable[[Mapping[str, Any]], None]) -> None:
        told({"share": 0.25, "worst": 0.4})
        has_told.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(asked, "search_apart", search)
    return has_told


async def test_proposals_wait_in_order_and_are_ended(client_as: ClientAs, world: World, endless: asyncio.Event) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    first, second, third = [await begun(planner, plan) for _ in range(3)]
    await asyncio.wait_for(endless.wait(), 30)
    told = (await planner.get(first)).json()
    assert (told["state"], told["ahead"], told["progress"], told["best_deviation"]) == ("running", None, 0.25, 0.4)
    assert [(await planner.get(one)).json()["ahead"] for one in (second, third)] == [1, 2]
    assert (await planner.delete(second)).json()["state"] == "cancelled"
    assert (await planner.get(third)).json()["ahead"] == 1
    more = [await planner.post(f"{PLANS}/{plan}/proposals", json=EVEN) for _ in range(8)]
    assert [answer.status_code for answer in more] == [202] * 7 + [429]
    assert (more[-1].json()["code"], more[-1].json()["params"]["waiting"]) == ("plan.proposals_waiting", 8)
    assert (await client_as("auditor").get(first)).json()["state"] == "running"
    assert (await client_as("auditor").delete(first)).status_code == 403
    assert (await planner.delete(first)).json()["state"] == "cancelled"


async def test_a_proposal_that_is_not_kept_is_said_to_be_gone(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan, other = (await made(planner))["id"], (await made(planner))["id"]
    path = await begun(planner, plan)
    for gone in (f"{PLANS}/{plan}/proposals/0123abcd-1", path.replace(f"/{plan}/", f"/{other}/")):
        for answer in (await planner.get(gone), await planner.delete(gone)):
            assert (answer.status_code, answer.json()["code"]) == (404, "plan.proposal_gone")
    await ended(planner, path)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"level": "town", "within": "town"}, "plan.wrong_level"),
    ({"level": "street"}, "plan.wrong_level"),
    ({"level": "grid", "within": "micro_grid"}, "plan.wrong_level"),
    ({"level": "county"}, "plan.wrong_level"),
    ({"division": "nowhere"}, "plan.unknown_code"),
    ({"division": VILLAGE, "weights": {"workload_minutes": 1}}, "plan.nothing_to_even"),
    ({"weights": {"households": -1}}, "invalid"),
    ({"weights": {"happiness": 1}}, "invalid"),
    ({"seconds": 3600}, "invalid"),
    ({"division": VILLAGE, "seeds": [at(0.5, 0.5)]}, "plan.seeds"),
    ({"division": VILLAGE, "seeds": [at(0.5, 0.5), at(50, 50)]}, "plan.seeds"),
    ({"division": VILLAGE, "seeds": [at(0.5, 0.5), [500, 0]]}, "invalid"),
]


async def test_a_proposal_that_cannot_be_is_refused(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    path = f"{PLANS}/{plan}/proposals"
    for fields, code in REFUSED:
        answer = await planner.post(path, json=EVEN | fields)
        assert (answer.status_code, answer.json()["code"]) == (422, code), fields
    assert (await planner.post(path, json=EVEN, headers={"If-Match": '"7"'})).status_code == 412
    for role in ("supervisor", "auditor", "operator"):
        assert (await client_as(role).post(path, json=EVEN)).status_code == 403
    await drawn(planner, plan, op="lock", codes=[GRID_2])
    await planner.post(f"{PLANS}/{plan}/submit")
    assert (await planner.post(path, json=EVEN)).json()["code"] == "plan.state"
