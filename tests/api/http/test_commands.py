"""Commands of phones over HTTP: each done once, in order, with both times, and nothing lost without a word."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from geo.store import Store
from tests.phones import Json, Phone
from tests.reporting import report
from tests.worlds import NOW, ClientAs, Clock, World


@pytest.fixture
async def task(client_as: ClientAs, world: World, store: Store) -> int:
    incident = await report(store, world, world.micro_grids()[0])
    body = {"force": world.forces["patrol_west"]}
    sent = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json=body)
    return int(sent.json()["id"])


@pytest.fixture
def phone(client_as: ClientAs, clock: Clock) -> Phone:
    return Phone(client_as("patrol_west"), clock)


async def state(client_as: ClientAs, task: int) -> Json:
    items = (await client_as("operator").get("/api/tasks")).json()["items"]
    return next(item for item in items if item["id"] == task)


async def timeline(client_as: ClientAs, task: int) -> list[Json]:
    incident = (await state(client_as, task))["incident"]
    items: list[Json] = (await client_as("operator").get(f"/api/incidents/{incident}/timeline")).json()["items"]
    return items


def statuses(items: list[Json]) -> list[str]:
    return [item["status"] for item in items]


async def test_a_task_done_without_a_network_is_done_in_order_with_both_times(
    client_as: ClientAs, phone: Phone, clock: Clock, task: int
) -> None:
    lines = []
    for step in ("accept", "depart", "arrive"):
        clock.turn(minutes=5)
        lines.append(phone.give(step, task, base_version=1, lon=120.605, lat=31.105, accuracy_m=12, age_s=3))
    clock.turn(minutes=5)
    lines.append(phone.give("finish", task, base_version=1, reason="settled", note="双方和解"))
    clock.turn(hours=3)
    items = await phone.send(*reversed(lines))
    assert statuses(items) == ["applied"] * 4
    assert [item["id"] for item in items] == [line["id"] for line in reversed(lines)]
    found = await state(client_as, task)
    assert (found["status"], found["reason"], found["note"]) == ("finished", "settled", "双方和解")
    minutes = [found[at] for at in ("accepted_at", "departed_at", "arrived_at", "ended_at")]
    assert minutes == [f"2026-03-02T02:{n:02}:00Z" for n in (5, 10, 15, 20)]
    entries = {entry["kind"]: entry for entry in await timeline(client_as, task)}
    arrived = entries["task.arrived"]
    assert (arrived["at"], arrived["data"]["done_at"]) == ("2026-03-02T05:20:00Z", "2026-03-02T02:15:00Z")
    assert arrived["data"]["place"] == {"lon": 120.605, "lat": 31.105, "accuracy_m": 12.0, "age_s": 3.0}


async def test_twenty_at_once_and_once_more_after_a_lost_answer_are_one_effect_with_one_answer(
    client_as: ClientAs, phone: Phone, clock: Clock, task: int
) -> None:
    line = phone.give("accept", task)
    items = await asyncio.gather(*(phone.send(line) for _ in range(20)))
    clock.turn(hours=1)
    items.append(await phone.send(line))
    assert all(item == items[0] for item in items)
    assert items[0][0]["status"] == "applied"
    kinds = [entry["kind"] for entry in await timeline(client_as, task)]
    assert kinds.count("task.accepted") == 1


async def test_one_id_with_another_body_is_refused_and_changes_nothing(
    client_as: ClientAs, phone: Phone, task: int
) -> None:
    line = phone.give("accept", task)
    await phone.send(line)
    [item] = await phone.send(line | {"command": "decline"})
    assert (item["id"], item["status"], item["code"]) == (line["id"], "refused", "command.mismatch")
    again = phone.give("note", task, note="别的") | {"device_seq": 1}
    assert (await phone.send(again))[0]["code"] == "command.mismatch"
    assert (await state(client_as, task))["status"] == "accepted"


async def test_a_bad_line_holds_up_only_what_comes_after_it_on_the_same_task(
    client_as: ClientAs, phone: Phone, world: World, store: Store, task: int
) -> None:
    lines = [phone.give("note", task, note=f"n{i}") for i in range(3)]
    lines.append(phone.give("arrive", task))
    lines.append(phone.give("accept", task))
    lines.append(phone.give("note", task, note="after"))
    lines.append({"id": str(uuid4()), "command": "accept"})
    lines.append(phone.give("dance", task))
    lines.append(phone.give("note", task))
    items = await phone.send(*lines)
    assert statuses(items) == ["applied"] * 3 + ["refused", "waiting", "applied", "refused", "refused", "refused"]
    assert [item["code"] for item in items[3:5]] == ["task.transition", "command.waits"]
    assert items[4]["params"] == {"behind": lines[3]["id"]}
    assert items[6]["id"] == lines[6]["id"]
    assert items[7]["params"] == {"errors": [{"field": "command", "code": "unknown"}]}
    assert items[8]["params"] == {"errors": [{"field": "note", "code": "missing"}]}
    listed = (await client_as("patrol_west").get("/api/commands")).json()["items"]
    assert {one["id"] for one in listed} == {lines[i]["id"] for i in (3, 4, 7, 8)}
    await client_as("patrol_west").post(f"/api/commands/{lines[3]['id']}/dismiss")
    assert statuses(await phone.send(lines[4])) == ["applied"]
    answer = await client_as("patrol_west").post(f"/api/commands/{lines[3]['id']}/dismiss")
    assert (answer.status_code, answer.json()["code"]) == (409, "command.settled")


async def test_a_finish_of_a_recalled_task_is_kept_with_both_times_and_the_task_stays_recalled(
    client_as: ClientAs, phone: Phone, clock: Clock, task: int
) -> None:
    await phone.send(*(phone.give(step, task) for step in ("accept", "depart", "arrive")))
    clock.turn(minutes=3)
    await client_as("operator").post(f"/api/tasks/{task}/recall", json={"reason": "settled"})
    clock.turn(minutes=2)
    photo = "01900000-0000-7000-8000-00000000000f"
    line = phone.give("finish", task, reason="settled", note="已劝离", base_version=4, attachments=[photo])
    clock.turn(minutes=55)
    [item] = await phone.send(line)
    assert (item["status"], item["code"]) == ("refused", "task.recalled")
    assert item["params"] == {"at": "2026-03-02T02:03:00Z"}
    assert (await state(client_as, task))["status"] == "recalled"
    [late] = [one for one in await timeline(client_as, task) if one["kind"] == "task.late"]
    assert late["at"] == "2026-03-02T03:00:00Z"
    assert late["data"]["done_at"] == "2026-03-02T02:05:00Z"
    assert [late["data"][name] for name in ("step", "note", "attachments")] == ["finish", "已劝离", [photo]]
    assert await phone.send(line) == [item]


async def test_of_two_outcomes_one_holds_and_the_other_is_kept_whole_until_somebody_decides(
    client_as: ClientAs, phone: Phone, clock: Clock, task: int
) -> None:
    await phone.send(*(phone.give(step, task) for step in ("accept", "depart", "arrive")))
    other = Phone(client_as("patrol_west"), clock, device=str(UUID(int=8)))
    a = phone.give("finish", task, reason="settled", note="A", base_version=4)
    b = other.give("finish", task, reason="handed_over", note="B", base_version=4)
    assert statuses(await phone.send(a)) == ["applied"]
    [item] = await other.send(b)
    assert (item["status"], item["code"]) == ("review", "command.conflict")
    found = await state(client_as, task)
    assert (found["reason"], found["note"]) == ("settled", "A")
    for who in ("operator", "patrol_west"):
        [one] = (await client_as(who).get("/api/commands")).json()["items"]
        assert (one["id"], one["reason"], one["note"], one["status"]) == (b["id"], "handed_over", "B", "review")
        holds = [one[f"task_{name}"] for name in ("status", "reason", "note", "version")]
        assert holds == ["finished", "settled", "A", found["version"]]
    refused = await client_as("patrol_west").post(f"/api/commands/{b['id']}/restore")
    assert refused.status_code == 403
    restored = await client_as("operator").post(f"/api/commands/{b['id']}/restore")
    assert (restored.status_code, restored.json()["settled"]) == (200, "restore")
    found = await state(client_as, task)
    assert (found["status"], found["reason"], found["note"]) == ("finished", "handed_over", "B")
    last = (await timeline(client_as, task))[-1]
    assert (last["kind"], last["data"]["was"], last["data"]["was_note"]) == ("task.outcome_replaced", "settled", "A")


async def test_a_step_that_the_hall_has_entered_by_radio_is_no_error(
    client_as: ClientAs, phone: Phone, task: int
) -> None:
    line = phone.give("accept", task, base_version=1)
    await client_as("operator").post(f"/api/tasks/{task}/accept", json={"relayed": True})
    items = await phone.send(line, phone.give("depart", task, base_version=1))
    assert statuses(items) == ["applied", "applied"]
    assert (await state(client_as, task))["status"] == "departed"
    assert "task.reported" in [entry["kind"] for entry in await timeline(client_as, task)]


async def test_a_decline_after_arrival_is_refused_by_its_name(client_as: ClientAs, phone: Phone, task: int) -> None:
    steps = [phone.give(step, task, base_version=1) for step in ("accept", "depart", "arrive", "decline")]
    items = await phone.send(*steps)
    assert (items[3]["status"], items[3]["code"]) == ("refused", "task.transition")
    assert items[3]["params"] == {"from": "arrived", "step": "decline"}


@pytest.mark.parametrize("ahead", [timedelta(days=1), timedelta(days=-1), datetime(1970, 1, 1, tzinfo=UTC) - NOW])
async def test_a_clock_a_day_or_decades_off_gives_right_times(
    client_as: ClientAs, phone: Phone, clock: Clock, task: int, ahead: timedelta
) -> None:
    phone.ahead = ahead
    clock.turn(minutes=1)
    lines = [phone.give("accept", task)]
    clock.turn(minutes=4)
    lines.append(phone.give("depart", task))
    clock.turn(minutes=10)
    items = await phone.send(*lines)
    assert [item["done_at"] for item in items] == ["2026-03-02T02:01:00Z", "2026-03-02T02:05:00Z"]
    entry = (await timeline(client_as, task))[-1]
    assert datetime.fromisoformat(entry["data"]["device_at"]) == NOW + timedelta(minutes=5) + ahead


async def test_a_clock_that_is_set_in_between_changes_no_order_and_reaches_no_future(
    client_as: ClientAs, phone: Phone, clock: Clock, task: int
) -> None:
    lines = []
    for minutes, ahead in ((1, timedelta()), (1, timedelta(days=1)), (1, timedelta(days=-1)), (1, timedelta())):
        clock.turn(minutes=minutes)
        phone.ahead = ahead
        lines.append(phone.give(("accept", "depart", "arrive", "finish")[len(lines)], task))
    items = await phone.send(*lines)
    assert statuses(items) == ["applied"] * 4
    times = [item["done_at"] for item in items]
    assert times == sorted(times)
    assert times[-1] <= "2026-03-02T02:04:00Z"
    assert items[2]["params"] == {"doubtful": True}


async def test_lost_entries_are_noticed_and_shown_on_the_forces_card(
    client_as: ClientAs, phone: Phone, clock: Clock, world: World, task: int
) -> None:
    async def card() -> Json:
        answer = await client_as("operator").get(f"/api/forces/{world.forces['patrol_west']}/card")
        found: Json = answer.json()["phone"]
        return found

    await phone.send(phone.give("accept", task), unsent=0)
    clock.turn(minutes=12)
    [kept, *lost] = [phone.give("note", task, note=f"n{i}") for i in range(5)]
    clock.turn(minutes=12)
    await phone.send(phone.give("note", task, note="later"), unsent=2)
    shown = await card()
    assert (shown["missing"], shown["missing_after"], shown["unsent"]) == (5, "2026-03-02T02:00:00Z", 2)
    await phone.send(kept)
    shown = await card()
    assert (shown["missing"], shown["missing_after"]) == (4, "2026-03-02T02:12:00Z")
    await phone.send(*lost)
    assert (await card())["missing"] == 0


async def test_a_store_that_began_anew_is_noticed_unless_the_old_one_is_heard_again(
    client_as: ClientAs, phone: Phone, clock: Clock, world: World, task: int
) -> None:
    path = f"/api/forces/{world.forces['patrol_west']}/card"
    await phone.send(phone.give("accept", task))
    clock.turn(minutes=20)
    fresh = Phone(client_as("patrol_west"), clock, device=str(UUID(int=9)))
    await fresh.send(fresh.give("note", task, note="新的"))
    shown = (await client_as("operator").get(path)).json()["phone"]
    assert (shown["began_at"], shown["before_at"]) == ("2026-03-02T02:20:00Z", "2026-03-02T02:00:00Z")
    await phone.send()
    await phone.send(phone.give("depart", task))
    await fresh.send(device=fresh.device, unsent=3)
    shown = (await client_as("operator").get(path)).json()["phone"]
    assert (shown["before_at"], shown["unsent"]) == (None, 3)


async def test_of_another_author_nothing_is_taken(
    client_as: ClientAs, phone: Phone, clock: Clock, world: World
) -> None:
    line = phone.give("check_in", lon=120.6, lat=31.1, author=world.users["patrol_west"])
    other = Phone(client_as("patrol_east"), clock)
    assert [(item["status"], item["code"]) for item in await other.send(line)] == [("held", "command.author")]
    assert statuses(await phone.send(line)) == ["applied"]
    assert statuses(await other.send(other.give("check_in", lon=120.6, lat=31.1))) == ["held"]


async def test_what_is_seen_on_the_way_is_reported_once_from_where_one_stands(
    client_as: ClientAs, phone: Phone, clock: Clock, world: World
) -> None:
    lon, lat = world.middle_of(world.micro_grids()[0])
    said = {"category": "hazard.road", "title": "路面塌陷", "lon": lon, "lat": lat, "accuracy_m": 8}
    line = phone.give("report", **said)
    outside = phone.give("report", **said | {"lon": 100.0})
    clock.turn(hours=2)
    first, beyond = await phone.send(line, outside)
    assert (first["status"], beyond["status"], beyond["code"]) == ("applied", "refused", "command.invalid")
    assert beyond["params"]["errors"][0] == {"field": "lon", "code": "outside"}
    assert await phone.send(line) == [first]
    found = (await client_as("operator").get(f"/api/incidents/{first['incident']}")).json()
    assert (found["case_code"], found["occurred_at"]) == (first["case_code"], "2026-03-02T02:00:00Z")


async def test_a_towns_hall_decides_on_its_own_only(client_as: ClientAs, phone: Phone, task: int) -> None:
    line = phone.give("arrive", task)
    await phone.send(line)
    assert (await client_as("operator_east").get("/api/commands")).json()["items"] == []
    answer = await client_as("operator_east").post(f"/api/commands/{line['id']}/dismiss")
    assert answer.status_code == 404
    assert (await client_as("operator_west").post(f"/api/commands/{line['id']}/dismiss")).status_code == 200


async def test_a_batch_has_at_most_a_thousand_lines_and_those_who_answer_no_tasks_do_nothing(
    client_as: ClientAs, phone: Phone, clock: Clock, task: int
) -> None:
    answer = await client_as("patrol_west").post("/api/commands", content=b"{}\n" * 1001)
    assert (answer.status_code, answer.json()["params"]) == (413, {"lines": 1000})
    planner = Phone(client_as("planner"), clock, device=str(UUID(int=10)))
    assert (await planner.send(planner.give("accept", task)))[0]["code"] == "not_found"
    assert (await planner.send(planner.give("report", category="hazard.road", title="x")))[0][
        "code"
    ] == "access.forbidden"


async def test_a_hundred_commands_of_a_long_day_cost_few_statements_each(
    client_as: ClientAs, phone: Phone, task: int, store: Store
) -> None:
    """The seventh is refused and the eighth depends on it; all others are done."""
    lines = [phone.give("note", task, note=f"{i}") for i in range(98)]
    lines[6:6] = [phone.give("arrive", task, base_version=1), phone.give("accept", task, base_version=1)]
    for i, line in enumerate(lines, start=1):
        line["device_seq"] = i
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(store.engine.sync_engine, "before_cursor_execute", count)
    items = await phone.send(*lines)
    assert statuses(items[6:8]) == ["refused", "waiting"]
    assert statuses(items).count("applied") == 98
    assert statements < 100 * 16
