"""What is changing, over HTTP: a planted rise is told with its incidents, within reach, and answered once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select

from api.watch.early_warnings import judge_last_week
from console.early_warnings.tables import EarlyWarning, JudgedWeek
from console.incidents.tables import Incident
from geo.store import Reach, Store
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, ClientAs, World

CATEGORY = "dispute.labour"
SUNDAY = datetime(2026, 3, 1, 4, tzinfo=UTC)
DAYS = 120 * 7
ROOT_REACH = Reach(scope=ROOT)


def past(world: World) -> Iterator[dict[str, Any]]:
    """Incidents of two years and more, three a week in each town; in the last week four a day more in the west."""
    draws = np.random.default_rng(1)
    for path in (WEST, EAST):
        counts = draws.poisson(3 / 7, DAYS)
        counts[-7:] += 4 if path == WEST else 0
        for back, many in enumerate(counts[::-1].tolist()):
            at = SUNDAY - timedelta(days=back)
            for number in range(many):
                code = f"{path}-{back}-{number}"
                yield {
                    "case_code": code, "source": "12345", "external_no": code, "category": CATEGORY, "risk": "low",
                    "level": "town", "title": "Wages", "description": "", "status": "closed", "address": "Here",
                    "division_path": path, "occurred_at": at, "registered_at": at, "first_due_at": at,
                    "closed_at": at, "version": 1,
                }  # fmt: skip


async def judged(store: Store, world: World) -> None:
    async with store.transaction(ROOT_REACH) as session:
        await session.execute(insert(Incident), [*past(world)])
    for _ in range(2):
        await judge_last_week(store, PACK.times, root=ROOT_REACH, depth=PACK.root.town_depth, zone=PACK.zone, now=NOW)


async def test_a_planted_rise_is_told_with_its_incidents_to_those_who_reach_it(
    client_as: ClientAs, world: World, store: Store
) -> None:
    await judged(store, world)
    answer = (await client_as("supervisor").get("/api/early-warnings")).json()
    assert (answer["judged_until"], answer["left_out"]) == ("2026-03-01", [])
    assert answer["series"] == 3
    told = {one["division"]: one for one in answer["warnings"] if one["told"]}
    west = told[WEST.rpartition(".")[2]]
    assert (west["category"], west["weeks"], west["division_name"]) == (CATEGORY, 1, "West Town")
    assert west["count"] >= west["told_from"] > west["expected"]
    assert EAST.rpartition(".")[2] not in told
    for one in answer["warnings"]:
        behind = (await client_as("supervisor").get(one["cases"])).json()["items"]
        assert len(behind) == one["count"]
    (kind,) = answer["kinds"]
    assert kind["category"] == CATEGORY
    assert kind["now"] > kind["before"] > 0
    assert answer["periods"]["now"] == {"first": "2026-02-02", "last": "2026-03-01", "worked": 16}

    east = (await client_as("operator_east").get("/api/early-warnings")).json()
    assert (east["judged_until"], east["warnings"], east["clusters"]) == ("2026-03-01", [], [])
    assert sum(one["now"] for one in east["kinds"]) < kind["now"]
    for path in (west["cases"], f"/api/early-warnings/{west['id']}/answer"):
        method = "POST" if path.endswith("answer") else "GET"
        body = {"answer": "real", "note": "Seen"} if method == "POST" else None
        refused = await client_as("operator_east").request(method, path, json=body)
        assert refused.status_code in {403, 404}


async def test_a_warning_is_answered_once_by_its_owner(client_as: ClientAs, world: World, store: Store) -> None:
    await judged(store, world)
    supervisor = client_as("supervisor")
    warning = (await supervisor.get("/api/early-warnings")).json()["warnings"][0]
    path = f"/api/early-warnings/{warning['id']}/answer"
    body = {"answer": "real", "note": "Two sites have not paid; the labour station goes there."}
    assert (await client_as("operator").post(path, json=body)).status_code == 403
    empty = await supervisor.post(path, json=body | {"note": " "})
    assert (empty.status_code, empty.json()["params"]["errors"][0]["field"]) == (422, "note")
    answered = (await supervisor.post(path, json=body)).json()
    assert (answered["answer"], answered["answerer"], answered["version"]) == ("real", "supervisor", 2)
    again = await supervisor.post(path, json=body | {"answer": "chance"})
    assert (again.status_code, again.json()["code"]) == (409, "early_warning.answered")
    assert (await supervisor.get("/api/early-warnings")).json()["warnings"][0]["answer"] == "real"


async def test_a_week_is_judged_once_and_nothing_is_judged_before_there_is_a_record(store: Store, world: World) -> None:
    asked = {"root": ROOT_REACH, "depth": PACK.root.town_depth, "zone": PACK.zone, "now": NOW}
    assert await judge_last_week(store, PACK.times, **asked) is None
    await judged(store, world)
    assert await judge_last_week(store, PACK.times, **asked) is None
    async with store.transaction(ROOT_REACH) as session:
        assert await session.scalar(select(func.count()).select_from(JudgedWeek)) == 1
        kept = await session.scalar(select(func.count()).select_from(EarlyWarning))
        assert kept == await session.scalar(
            select(func.count()).select_from(
                select(EarlyWarning.week_end, EarlyWarning.category, EarlyWarning.division_path).distinct().subquery()
            )
        )
