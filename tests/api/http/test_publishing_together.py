"""Plans that meet, and publishing that is interrupted: lines are old or new for everything."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event, text

from console.deadlines.actions import sweep
from console.planning.deadlines import first_days
from geo.store import Reach, Store
from tests.api.http.test_plans import GRID_1, GRID_2, MICRO, PLANS, VILLAGE, at
from tests.api.http.test_publishing import (
    SPLIT,
    TODAY,
    TOMORROW,
    approved,
    codes_of,
    published,
    reported,
    sweep_due,
)
from tests.worlds import NOW, PACK, ROOT, ClientAs, Clock, World

SPLIT_2 = {"op": "split", "code": GRID_2, "line": [at(0.9, 1.0), at(2.1, 1.0)]}
MERGE = {"op": "merge", "codes": [GRID_1, GRID_2]}
RETIRED = text(
    "INSERT INTO users (username, display_name, role, scope_path, sources, force_id, disabled_at, created_at) SELECT"
    " 'old_' || code, code, 'patrol', division_path, '{}', id, now(), now() FROM forces WHERE code = :code"
)
ALL_TABLES = ("divisions", "incidents", "tasks", "deadlines", "forces", "cameras", "places", "cell_counts", "plans")


async def test_plans_that_do_not_touch_take_effect_together_each_with_its_own_codes(
    client_as: ClientAs, app: FastAPI
) -> None:
    first, second = await approved(client_as, SPLIT), await approved(client_as, SPLIT_2)
    await asyncio.gather(published(client_as, first, TODAY), published(client_as, second, TODAY))
    await sweep_due(app)
    supervisor = client_as("supervisor")
    codes = [*(await codes_of(supervisor, first)).values(), *(await codes_of(supervisor, second)).values()]
    assert sorted(codes) == [f"{VILLAGE}003", f"{VILLAGE}004"]
    listed = {one["code"] for one in (await supervisor.get("/api/divisions")).json()["items"]}
    assert {*codes, GRID_1, GRID_2} <= listed
    await supervisor.post(f"{PLANS}/{first}/unpublish")
    third = await approved(client_as, SPLIT)
    await published(client_as, third, TODAY)
    assert [*(await codes_of(supervisor, third)).values()] == [f"{VILLAGE}005"]


@pytest.mark.parametrize("day", [TODAY, TOMORROW])
async def test_a_plan_that_meets_another_is_refused_with_both_drawn(
    client_as: ClientAs, app: FastAPI, day: str
) -> None:
    first, second = await approved(client_as, SPLIT), await approved(client_as, MERGE)
    await published(client_as, first, day)
    await sweep_due(app)
    refused = await client_as("supervisor").post(f"{PLANS}/{second}/publish", json={"day": TOMORROW})
    told = refused.json()
    assert (refused.status_code, told["code"]) == (409, "plan.contested"), told
    assert told["params"]["codes"] == [GRID_1] and told["params"]["plan"] == first
    assert told["params"]["where"] and told["params"]["other"]
    assert (await client_as("supervisor").get(f"{PLANS}/{second}")).json()["state"] == "approved"


async def test_a_scheduled_plan_is_taken_back_and_what_may_not_be_published_is_refused(
    client_as: ClientAs, app: FastAPI, clock: Clock
) -> None:
    planner, supervisor = client_as("planner"), client_as("supervisor")
    plan = await approved(client_as, SPLIT)
    one = f"{PLANS}/{plan}"
    for body, code in (({"day": "2026-03-01"}, "plan.day_over"), ({}, "invalid"), ({"day": "x"}, "invalid")):
        assert (await planner.post(f"{one}/publish", json=body)).json()["code"] == code
    posts = [{"force": 999, "division": GRID_1}, {"force": 1, "division": "nowhere"}]
    told = (await planner.post(f"{one}/publish", json={"day": TODAY, "posts": posts})).json()
    assert told["code"] == "plan.unknown_post" and told["params"]["forces"] == [999]
    assert (await client_as("auditor").post(f"{one}/publish", json={"day": TODAY})).status_code == 403
    stale = await planner.post(f"{one}/publish", json={"day": TOMORROW}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    await published(client_as, plan, TOMORROW)
    assert (await planner.post(f"{one}/publish", json={"day": TOMORROW})).json()["code"] == "plan.state"
    told = (await planner.get(one)).json()
    assert (told["may"], told["codes"]) == (["unpublish", "withdraw"], {"new_1": f"{VILLAGE}003"})
    assert told["may_not"]["publish"] == {"code": "plan.state", "params": {"state": "scheduled", "step": "publish"}}
    assert (await supervisor.post(f"{one}/unpublish", json={"note": "改日再发"})).json()["first_day"] is None
    await published(client_as, plan, TOMORROW)
    assert (await planner.post(f"{one}/withdraw")).json()["state"] == "withdrawn"
    lines = (await planner.get("/api/divisions")).content
    clock.turn(days=2)
    await sweep_due(app)
    assert (await planner.get("/api/divisions")).content == lines
    kinds = [entry["kind"] for entry in (await planner.get(one)).json()["entries"]]
    assert kinds[3:] == ["publish", "unpublish", "publish", "withdraw"]


async def test_lines_imported_before_the_day_give_a_plan_up_and_its_record_says_why(
    client_as: ClientAs, app: FastAPI, clock: Clock, store: Store
) -> None:
    plan = await approved(client_as, SPLIT)
    await published(client_as, plan, TOMORROW)
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(text("UPDATE divisions SET name = '改名' WHERE code = :code"), {"code": GRID_2})
        await session.execute(text("UPDATE divisions SET valid_to = '2026-04-01' WHERE code = :code"), {"code": GRID_1})
    clock.turn(hours=14)
    await sweep_due(app)
    told = (await client_as("planner").get(f"{PLANS}/{plan}")).json()
    assert (told["state"], told["entries"][-1]["kind"], told["entries"][-1]["note"]) == (
        "approved",
        "fail",
        "plan.later_lines",
    )


async def test_a_grid_is_not_left_to_a_force_that_has_retired(
    client_as: ClientAs, app: FastAPI, store: Store, world: World
) -> None:
    plan = await approved(client_as, MERGE)
    async with store.transaction(Reach(scope=ROOT)) as session:
        for force in ("grid_1", "grid_2"):
            await session.execute(RETIRED, {"code": force})
    refused = await client_as("supervisor").post(f"{PLANS}/{plan}/publish", json={"day": TODAY})
    told = refused.json()
    assert (refused.status_code, told["code"], told["params"]["codes"]) == (422, "plan.nobody", [GRID_1])
    posts = [{"force": world.forces["mediator_west"], "division": GRID_1}]
    await published(client_as, plan, TODAY, posts=posts)
    await sweep_due(app)
    forces = (await client_as("operator").get("/api/forces")).json()["items"]
    (post,) = [one["division_path"] for one in forces if one["id"] == world.forces["mediator_west"]]
    assert post.endswith(f".{GRID_1}")
    await client_as("supervisor").post(f"{PLANS}/{plan}/unpublish")
    again = (await client_as("operator").get("/api/forces")).json()["items"]
    assert [one["division_path"] for one in again if one["code"] == "mediator_west"] == [world.west]


async def state_of(store: Store) -> dict[str, list[str]]:
    """All rows, as text, of what publishing may change; versions of entities left out."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        found = {}
        for table in ALL_TABLES:
            rows = await session.scalars(text(f"SELECT (to_jsonb(t) - 'version')::text FROM {table} t"))
            found[table] = sorted(rows)
        return found


async def test_publishing_that_fails_at_any_write_leaves_the_old_lines_and_the_next_pass_the_new(
    client_as: ClientAs, app: FastAPI, store: Store
) -> None:
    operator = client_as("operator")
    moving = await reported(operator, 0.5, 0.5)
    plan = await approved(client_as, {"op": "reassign", "codes": [MICRO], "to": GRID_2})
    await published(client_as, plan, TOMORROW)
    kinds, midnight = (first_days(app.state.services.drafts, PACK.zone),), NOW + timedelta(hours=14)
    before, failed, left = await state_of(store), 0, [0]

    def fail(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        left[0] -= any(word in statement for word in ("INSERT", "UPDATE ", "DELETE"))
        if left[0] == 0:
            left[0] = -1
            raise RuntimeError("failed")

    event.listen(store.engine.sync_engine, "before_cursor_execute", fail)
    while True:
        left[0] = failed + 1
        try:
            async with store.transaction(Reach(scope=ROOT)) as session:
                done = await sweep(session, kinds, now=midnight)
        except RuntimeError:
            failed += 1
            assert await state_of(store) == before, failed
        else:
            break
    event.remove(store.engine.sync_engine, "before_cursor_execute", fail)
    assert done == 1 and failed > 12
    assert (await operator.get(f"/api/incidents/{moving['id']}")).json()["grid"] == GRID_2
