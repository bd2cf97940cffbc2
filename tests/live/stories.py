"""Actions of people and programs in a county, step by step: every action, and its route."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
from sqlalchemy import select

from console.access.tables import Session, User
from console.deadlines.actions import sweep
from console.forces.actions import register_many as register_forces
from console.forces.rules import ForceRecord
from console.messages.sealing import PushKey
from console.messages.tables import PushSubscription, TaskMessage
from console.planning.deadlines import first_days
from console.planning.drafts import Drafts
from console.positions.actions import update_fix_divisions
from geo.store import Reach, Store
from tests.media_files import attached, photo
from tests.worlds import PACK, ROOT, ClientAs, Clock, World

PATIENCE = 10.0


@dataclass(slots=True)
class Stage:
    """State of a story: the clients, the clock, and the entities made so far."""

    client_as: ClientAs
    world: World
    clock: Clock
    store: Store
    incident: dict[str, Any] = field(default_factory=dict)
    task: dict[str, Any] = field(default_factory=dict)
    plan: int = 0
    others: list[dict[str, Any]] = field(default_factory=list)
    push: PushKey | None = None

    async def call(self, username: str, method: str, path: str, **options: Any) -> Any:
        """Make a call that must succeed; each advances the clock a little."""
        self.clock.turn(minutes=1)
        answer: httpx.Response = await self.client_as(username).request(method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


Step = Callable[[Stage], Awaitable[None]]
Route = tuple[str, str]

ROUTES: dict[Step, Route] = {}
"""The route of each step."""

TASK_STEP = "/api/tasks/{task_id}/{step}"


def by(method: str, path: str) -> Callable[[Step], Step]:
    def mark(step: Step) -> Step:
        ROUTES[step] = (method, path)
        return step

    return mark


def report(stage: Stage, *, path: int = 0, **more: Any) -> dict[str, Any]:
    """A report from the middle of a micro-grid: the first half of them lie in the west."""
    lon, lat = stage.world.middle_of(stage.world.micro_grids()[path])
    return {
        "source": "hotline",
        "category": "dispute.family",
        "title": "邻里争吵 canary",
        "description": "canary of a person",
        "lon": lon,
        "lat": lat,
    } | more


@by("POST", "/api/incidents")
async def register(stage: Stage) -> None:
    stage.incident = await stage.call("source", "POST", "/api/incidents", json=report(stage, external_no="canary-1"))


@by("POST", "/api/incidents")
async def register_in_the_east(stage: Stage) -> None:
    stage.incident = await stage.call("source", "POST", "/api/incidents", json=report(stage, path=15))


@by("POST", "/api/incidents")
async def register_a_likely_duplicate(stage: Stage) -> None:
    again = await stage.call("source", "POST", "/api/incidents", json=report(stage, external_no="canary-2"))
    assert again["duplicate_of"] is None, "what lies nearby is not told to a source"
    seen = (await stage.client_as("operator").get(f"/api/incidents/{again['id']}")).json()
    assert seen["duplicate_of"] == stage.incident["id"]
    stage.others.append(again)


@by("POST", "/api/incidents")
async def report_the_same_again(stage: Stage) -> None:
    again = await stage.call("source", "POST", "/api/incidents", json=report(stage, external_no="canary-1"))
    assert again["id"] == stage.incident["id"]


@by("POST", "/api/incidents/batch")
async def register_many(stage: Stage) -> None:
    now = stage.clock()
    closed = {"occurred_at": "2026-01-01T00:00:00Z", "closed_at": "2026-01-02T00:00:00Z"}
    just_closed = {"occurred_at": now.isoformat(), "closed_at": now.isoformat()}
    reports = [report(stage, path=path) for path in range(8)]
    reports += [report(stage, path=9, **closed), report(stage, path=10, **just_closed)]
    lines = b"\n".join(orjson.dumps(item) for item in reports)
    headers = {"Content-Type": "application/x-ndjson"}
    await stage.call("source", "POST", "/api/incidents/batch", content=lines, headers=headers)


@by("POST", "/api/incidents/batch")
async def report_the_number_with_other_content(stage: Stage) -> None:
    line = orjson.dumps(report(stage, external_no="canary-1") | {"title": "another canary", "risk": "high"})
    found = await stage.call("source", "POST", "/api/incidents/batch", content=line)
    assert found["differing"] == 1


@by("POST", "/api/incidents")
async def register_in_words(stage: Stage) -> None:
    nowhere = {"lon": None, "lat": None, "address": "canary of an address"}
    stage.incident = await stage.call("source", "POST", "/api/incidents", json=report(stage) | nowhere)


@by("POST", "/api/incidents/{incident_id}/moves")
async def accept_the_case(stage: Stage) -> None:
    await _move_case(stage, move="accept")


@by("POST", "/api/incidents/{incident_id}/moves")
async def split_the_case(stage: Stage) -> None:
    await _move_case(stage, move="split", title="canary of another")


async def _move_case(stage: Stage, **move: str) -> None:
    await stage.call("operator", "POST", f"/api/incidents/{stage.incident['id']}/moves", json=move)


@by("PATCH", "/api/incidents/{incident_id}")
async def place(stage: Stage) -> None:
    await _move(stage, 15)


@by("PATCH", "/api/incidents/{incident_id}")
async def move_to_the_east(stage: Stage) -> None:
    """Its place was wrong: it lies in the next town."""
    await _move(stage, 13)


@by("POST", "/api/incidents/{incident_id}/corrections")
async def move_back_to_the_west(stage: Stage) -> None:
    lon, lat = stage.world.middle_of(stage.world.micro_grids()[2])
    place = {"lon": lon, "lat": lat, "reason": "canary"}
    await stage.call("operator", "POST", f"/api/incidents/{stage.incident['id']}/corrections", json=place)


@by("POST", "/api/incidents/{incident_id}/corrections")
async def correct(stage: Stage) -> None:
    words = {"title": "corrected canary", "category": "dispute.family", "reason": "canary"}
    await stage.call("operator", "POST", f"/api/incidents/{stage.incident['id']}/corrections", json=words)


@by("PATCH", "/api/incidents/{incident_id}")
async def edit(stage: Stage) -> None:
    path = f"/api/incidents/{stage.incident['id']}"
    version = (await stage.call("operator", "GET", path))["version"]
    changed = {"title": "changed canary", "category": "dispute.neighbour", "risk": "high"}
    await stage.call("operator", "PATCH", path, json=changed, headers={"If-Match": f'"{version}"'})


@by("POST", "/api/incidents/{incident_id}/notes")
async def note(stage: Stage) -> None:
    words = {"note": "canary of a note"}
    await stage.call("operator", "POST", f"/api/incidents/{stage.incident['id']}/notes", json=words)


@by("POST", "/api/incidents/{incident_id}/dismiss-duplicate")
async def dismiss_the_duplicate(stage: Stage) -> None:
    await _of_the_pair(stage, "dismiss-duplicate", "of")


@by("POST", "/api/incidents/{incident_id}/restore-duplicate")
async def restore_the_duplicate(stage: Stage) -> None:
    await _of_the_pair(stage, "restore-duplicate", "of")


@by("POST", "/api/incidents/{incident_id}/merge")
async def merge_the_duplicate(stage: Stage) -> None:
    await _of_the_pair(stage, "merge", "into")


@by("POST", "/api/incidents/{incident_id}/unmerge")
async def unmerge_the_duplicate(stage: Stage) -> None:
    await stage.call("operator", "POST", f"/api/incidents/{stage.others[-1]['id']}/unmerge")


async def _of_the_pair(stage: Stage, step: str, key: str) -> None:
    """Take a step with the likely duplicate of the incident."""
    path = f"/api/incidents/{stage.others[-1]['id']}/{step}"
    await stage.call("operator", "POST", path, json={key: stage.incident["id"]})


@by("POST", "/api/incidents/{incident_id}/close")
async def close(stage: Stage) -> None:
    path = f"/api/incidents/{stage.incident['id']}/close"
    await stage.call("operator", "POST", path, json={"note": "canary"})


@by("POST", "/api/incidents/{incident_id}/tasks")
async def assign(stage: Stage) -> None:
    stage.task = await _assign(stage, "patrol_west")


@by("POST", "/api/incidents/{incident_id}/tasks")
async def assign_another(stage: Stage) -> None:
    stage.task = await _assign(stage, "grid_1")


@by("POST", "/api/incidents/{incident_id}/tasks")
async def assign_in_support(stage: Stage) -> None:
    """Another beside the one that leads, from another town."""
    stage.others.append(await _assign(stage, "patrol_east"))


@by("POST", "/api/incidents/{incident_id}/tasks")
async def assign_an_observer(stage: Stage) -> None:
    stage.others.append(await _assign(stage, "grid_1", "observer"))


@by("POST", TASK_STEP)
async def the_support_declines(stage: Stage) -> None:
    await stage.call("patrol_east", "POST", f"/api/tasks/{stage.others[-1]['id']}/decline", json={"reason": "far"})


@by("POST", TASK_STEP)
async def the_support_accepts(stage: Stage) -> None:
    await stage.call("patrol_east", "POST", f"/api/tasks/{stage.others[-1]['id']}/accept")


@by("POST", TASK_STEP)
async def recall_another(stage: Stage) -> None:
    await stage.call("operator", "POST", f"/api/tasks/{stage.others.pop()['id']}/recall", json={"reason": "wrong"})


@by("POST", TASK_STEP)
async def accept(stage: Stage) -> None:
    await _step(stage, "patrol_west", "accept")


@by("POST", TASK_STEP)
async def decline_as_not_permitted(stage: Stage) -> None:
    items = [{"title": "canary", "verdict": "forbidden"}]
    await stage.call("planner", "PUT", f"/api/divisions/{stage.world.root}/services", json={"items": items})
    await _step(stage, "patrol_west", "decline", json={"reason": "not_permitted", "note": "canary"})


@by("POST", TASK_STEP)
async def decline(stage: Stage) -> None:
    await _step(stage, "patrol_west", "decline", json={"reason": "far"})


@by("POST", "/api/tasks/{task_id}/support")
async def ask_for_support(stage: Stage) -> None:
    await _step(stage, "patrol_west", "support", json={"note": "canary"})


@by("POST", TASK_STEP)
async def give_back(stage: Stage) -> None:
    await _step(stage, "patrol_west", "give_back", json={"reason": "unwell", "note": "canary"})


@by("POST", TASK_STEP)
async def depart(stage: Stage) -> None:
    await _step(stage, "patrol_west", "depart")


@by("POST", TASK_STEP)
async def arrive(stage: Stage) -> None:
    await _step(stage, "patrol_west", "arrive")


@by("POST", TASK_STEP)
async def finish(stage: Stage) -> None:
    await _step(stage, "patrol_west", "finish", json={"note": "canary"})


@by("POST", TASK_STEP)
async def recall(stage: Stage) -> None:
    await _step(stage, "operator", "recall", json={"reason": "wrong"})


@by("PATCH", "/api/forces/{force_id}")
async def go_off_duty(stage: Stage) -> None:
    await _duty(stage, "off")


@by("PATCH", "/api/forces/{force_id}")
async def come_on_duty(stage: Stage) -> None:
    await _duty(stage, "on")


async def leave_it_unanswered(stage: Stage) -> None:
    """Make no call: the server detects it."""
    stage.clock.turn(minutes=10)


async def leave_it_waiting(stage: Stage) -> None:
    """Send no force: the server detects it."""
    stage.clock.turn(hours=3)


async def post_a_mediator_to_a_village(stage: Stage) -> None:
    """By a file, to within her own town."""
    await _post(stage, stage.world.micro_grids(stage.world.west)[0].rsplit(".", 2)[0])


async def post_the_mediator_to_the_east(stage: Stage) -> None:
    await _post(stage, stage.world.east)


async def a_day_passes(stage: Stage) -> None:
    stage.clock.turn(hours=25)


async def _assign(stage: Stage, force: str, role: str | None = None) -> dict[str, Any]:
    path = f"/api/incidents/{stage.incident['id']}/tasks"
    body = {"force": stage.world.forces[force], "role": role}
    found: dict[str, Any] = await stage.call("operator", "POST", path, json=body)
    return found


async def _move(stage: Stage, path: int) -> None:
    lon, lat = stage.world.middle_of(stage.world.micro_grids()[path])
    await stage.call("operator", "PATCH", f"/api/incidents/{stage.incident['id']}", json={"lon": lon, "lat": lat})


async def _step(stage: Stage, username: str, step: str, **options: Any) -> None:
    await stage.call(username, "POST", f"/api/tasks/{stage.task['id']}/{step}", **options)


async def _duty(stage: Stage, duty: str) -> None:
    path = f"/api/forces/{stage.world.forces['mediator_west']}"
    version = (await stage.call("operator", "GET", path))["version"]
    await stage.call("operator", "PATCH", path, json={"duty": duty}, headers={"If-Match": f'"{version}"'})


async def _post(stage: Stage, path: str) -> None:
    lon, lat = stage.world.middle_of(path)
    record = ForceRecord("mediator_west", "Force mediator_west", "mediator", "ebike", lon, lat, division_path=path)
    async with stage.store.transaction(Reach(scope=stage.world.root)) as session:
        await register_forces(session, [record], on_division_change=update_fix_divisions, now=stage.clock())


async def call_for_help(stage: Stage) -> None:
    """An SOS with a place, from a phone. The clock has gone on since the last one."""
    device = {"id": "device-patrol_west", "alarm": "sos", "lat": 31.12, "lon": 120.61}
    await stage.call("gateway", "GET", "/api/positions/osmand", params=device)


@by("POST", "/api/alarms/{alarm_id}/acknowledge")
async def acknowledge_the_call(stage: Stage) -> None:
    (alarm,) = (await stage.call("operator", "GET", "/api/alarms", params={"open": "true"}))["items"]
    await stage.call("operator", "POST", f"/api/alarms/{alarm['id']}/acknowledge")


async def _ask_to_view(stage: Stage) -> dict[str, Any]:
    """A camera of the west, which a town may not view for a dispute without an approval."""
    near = await stage.call("operator_west", "GET", f"/api/incidents/{stage.incident['id']}/cameras")
    wanted = {"incident": stage.incident["id"], "reason": "canary", "minutes": 10}
    path = f"/api/cameras/{near['items'][0]['id']}/viewings"
    return await stage.call("operator_west", "POST", path, json=wanted)


@by("POST", "/api/cameras/{camera_id}/viewings")
async def ask_to_view_a_camera(stage: Stage) -> None:
    stage.others = [await _ask_to_view(stage), await _ask_to_view(stage)]


@by("POST", "/api/viewings/{viewing_id}/approve")
async def approve_the_view(stage: Stage) -> None:
    await stage.call("supervisor", "POST", f"/api/viewings/{stage.others[0]['id']}/approve")


@by("POST", "/api/viewings/{viewing_id}/decline")
async def decline_the_other_view(stage: Stage) -> None:
    await stage.call("supervisor", "POST", f"/api/viewings/{stage.others[1]['id']}/decline")


@by("POST", "/api/viewings/{viewing_id}/open")
async def open_the_view(stage: Stage) -> None:
    await stage.call("operator_west", "POST", f"/api/viewings/{stage.others[0]['id']}/open")


@by("PUT", "/api/presence")
async def see_the_task(stage: Stage) -> None:
    body = {"state": "front", "task": stage.task["id"]}
    await stage.call("patrol_west", "PUT", "/api/presence", json=body)


@by("PUT", "/api/presence")
async def hide_the_page(stage: Stage) -> None:
    await stage.call("patrol_west", "PUT", "/api/presence", json={"state": "background"})


@by("POST", "/api/push/proofs")
async def show_a_notice(stage: Stage) -> None:
    """The task was pushed to a phone, whose worker says that it showed it. No loop sends to it: it is no patrol's."""
    assert stage.push is not None
    now = stage.clock()
    async with stage.store.transaction(Reach(scope=ROOT)) as session:
        holder = await session.scalar(select(Session.id).join(User).where(User.username == "operator"))
        subscription = PushSubscription(
            session_id=holder, endpoint="https://push.invalid/a", p256dh=b"", auth=b"", language="zh", made_at=now
        )
        session.add(subscription)
        await session.flush()
        message = TaskMessage(
            about="sent", task_id=stage.task["id"], subscription_id=subscription.id, made_at=now, next_at=now,
            attempts=1, sent_at=now,
        )  # fmt: skip
        session.add(message)
        await session.flush()
        token = stage.push.token_of(message.id)
    await stage.call("patrol_west", "POST", "/api/push/proofs", json={"token": token})


async def _send_from_phones(stage: Stage, device: UUID, *lines: dict[str, Any]) -> None:
    """Send lines as the phone's store `device`, numbered from 1; the last one is kept in `others`."""
    sent = []
    for seq, line in enumerate(lines, start=1):
        head = {"id": str(uuid4()), "device": str(device), "device_seq": seq, "device_at": stage.clock().isoformat()}
        sent.append(head | {"task": stage.task["id"]} | line)
    query = {"sent_at": stage.clock().isoformat()}
    content = b"\n".join(orjson.dumps(line) for line in sent)
    await stage.call("patrol_west", "POST", "/api/commands", content=content, params=query)
    stage.others.append(sent[-1])


@by("POST", "/api/commands")
async def send_a_days_commands(stage: Stage) -> None:
    finish = {"command": "finish", "reason": "settled", "note": "canary", "base_version": 4}
    steps = ({"command": step} for step in ("accept", "depart", "arrive"))
    await _send_from_phones(stage, UUID(int=7), *steps, finish)


@by("POST", "/api/commands")
async def finish_otherwise_on_another_phone(stage: Stage) -> None:
    finish = {"command": "finish", "reason": "handed_over", "note": "canary", "base_version": 4}
    await _send_from_phones(stage, UUID(int=8), finish)


@by("POST", "/api/commands/{command_id}/{verdict}")
async def let_the_other_outcome_hold(stage: Stage) -> None:
    await stage.call("operator", "POST", f"/api/commands/{stage.others[-1]['id']}/restore")


@by("POST", "/api/attachments")
async def attach_a_photo(stage: Stage) -> None:
    stage.clock.turn(minutes=1)
    said = {"id": str(uuid4()), "task": stage.task["id"]}
    answer = await attached(stage.client_as("patrol_west"), photo(), **said)
    assert answer.status_code == 201, answer.text


@by("POST", "/api/closures")
async def close_a_road(stage: Stage) -> None:
    """For an hour, by the county, across both towns."""
    west, east = (stage.world.middle_of(one) for one in (stage.world.west, stage.world.east))
    wanted = {"drawn": "line", "points": [west, east], "modes": ["car"], "reason": "canary"}
    ends_at = (stage.clock() + timedelta(hours=1)).isoformat()
    stage.others = [await stage.call("operator", "POST", "/api/closures", json=wanted | {"ends_at": ends_at})]


@by("POST", "/api/closures")
async def close_a_road_of_the_town(stage: Stage) -> None:
    lon, lat = stage.world.middle_of(stage.world.micro_grids()[0])
    wanted = {"drawn": "polygon", "points": [[lon, lat], [lon + 0.001, lat], [lon, lat + 0.001]], "reason": "canary"}
    stage.others.append(await stage.call("operator_west", "POST", "/api/closures", json=wanted | {"modes": ["walk"]}))


@by("POST", "/api/closures")
async def close_a_road_later(stage: Stage) -> None:
    """In half an hour, for a quarter of one."""
    lon, lat = stage.world.middle_of(stage.world.west)
    times = (stage.clock() + timedelta(minutes=minutes) for minutes in (30, 45))
    said = dict(zip(("starts_at", "ends_at"), (time.isoformat() for time in times), strict=True))
    wanted = {"drawn": "line", "points": [[lon, lat], [lon + 0.001, lat]], "modes": ["car"], "reason": "canary"}
    stage.others.append(await stage.call("operator", "POST", "/api/closures", json=wanted | said))


async def let_the_time_of_the_later_begin(stage: Stage) -> None:
    """Make no call: the server detects it."""
    stage.clock.turn(minutes=31)


@by("POST", "/api/closures/{closure_id}/lift")
async def lift_the_towns(stage: Stage) -> None:
    await stage.call("operator", "POST", f"/api/closures/{stage.others[1]['id']}/lift")


async def let_the_time_of_the_other_end(stage: Stage) -> None:
    """Make no call: the server detects it."""
    stage.clock.turn(hours=1)


async def publish_a_plan_that_gives_a_village_to_the_east(stage: Stage) -> None:
    """Lines that are in force from today on, as soon as the sweeper has passed."""
    west = stage.world.west
    village = stage.world.micro_grids(west)[0].split(".")[2]
    plan = await stage.call("planner", "POST", "/api/plans", json={"title": "调整", "division": stage.world.root})
    stage.plan = plan["id"]
    body = {"op": "reassign", "codes": [village], "to": stage.world.east.split(".")[1]}
    for who, step, sent in (
        ("planner", "operations", body),
        ("planner", "submit", {}),
        ("supervisor", "review", {"verdict": "approve"}),
        ("planner", "publish", {"day": stage.clock().date().isoformat()}),
    ):
        await stage.call(who, "POST", f"/api/plans/{stage.plan}/{step}", json=sent)


async def its_day_comes(stage: Stage) -> None:
    kinds = (first_days(Drafts([level.level for level in PACK.root.levels]), PACK.zone),)
    async with stage.store.transaction(Reach(scope=stage.world.root)) as session:
        await sweep(session, kinds, now=stage.clock())
    async with asyncio.timeout(PATIENCE):  # The server's own sweep may be at it, and have it.
        while True:
            plan = await stage.call("planner", "GET", f"/api/plans/{stage.plan}")
            if plan["state"] == "published":
                return
            await asyncio.sleep(0.05)


@by("POST", "/api/plans/{plan_id}/unpublish")
async def put_the_lines_back(stage: Stage) -> None:
    await stage.call("planner", "POST", f"/api/plans/{stage.plan}/unpublish")


STORIES: dict[str, list[Step]] = {
    "an incident is served": [register, assign, accept, depart, arrive, finish, a_day_passes],
    "one declines, the next is recalled": [register, assign, decline, assign_another, recall, close],
    "a list does not permit what a patrol is sent for": [register, assign, decline_as_not_permitted],
    "a patrol asks for support and gives its task back": [register, assign, accept, ask_for_support, depart, give_back],
    "no force answers": [register, assign, leave_it_unanswered, accept],
    "no force is sent in time": [register, leave_it_waiting, assign],
    "someone is sent beyond the border": [register_in_the_east, assign, accept, edit, recall],
    "an incident is reported twice and edited": [
        register,
        report_the_same_again,
        register_a_likely_duplicate,
        report_the_number_with_other_content,
        edit,
        close,
        correct,
    ],
    "a duplicate is dismissed, merged, and parted again": [
        register,
        register_a_likely_duplicate,
        dismiss_the_duplicate,
        restore_the_duplicate,
        assign,
        accept,
        merge_the_duplicate,
        note,
        unmerge_the_duplicate,
    ],
    "an incident in words is placed in the east": [register_in_words, place, assign, accept],
    "an incident's place is corrected into the next town and back": [
        register,
        assign,
        decline,
        assign_another,
        assign_in_support,
        move_to_the_east,
        the_support_accepts,
        recall,
        recall_another,
        close,
        move_back_to_the_west,
    ],
    "an incident is edited while someone is on the way": [register, assign, accept, edit, depart, arrive, finish],
    "several are sent, each in its role": [
        register,
        assign,
        accept,
        assign_in_support,
        the_support_declines,
        assign_in_support,
        the_support_accepts,
        edit,
        depart,
        assign_an_observer,
        recall_another,
        arrive,
        finish,
        recall_another,
    ],
    "the support stays when the lead is recalled": [
        register_in_the_east,
        assign,
        accept,
        assign_in_support,
        the_support_accepts,
        recall,
        assign,
        decline,
        recall_another,
        close,
    ],
    "lines change under an incident that is under way, and are put back": [
        register,
        assign,
        accept,
        publish_a_plan_that_gives_a_village_to_the_east,
        its_day_comes,
        depart,
        put_the_lines_back,
        arrive,
    ],
    "a case is accepted and split": [register, accept_the_case, split_the_case, assign, accept],
    "many come at once": [register_many],
    "a camera is viewed for a case": [
        register,
        ask_to_view_a_camera,
        approve_the_view,
        decline_the_other_view,
        open_the_view,
    ],
    "roads are closed, lifted, close and open by themselves": [
        close_a_road,
        close_a_road_of_the_town,
        close_a_road_later,
        lift_the_towns,
        let_the_time_of_the_later_begin,
        let_the_time_of_the_other_end,
        a_day_passes,
    ],
    "a phone sends what it did without a network": [
        register,
        assign,
        send_a_days_commands,
        attach_a_photo,
        finish_otherwise_on_another_phone,
        let_the_other_outcome_hold,
    ],
    "a phone shows its task and is put away": [
        register,
        assign,
        hide_the_page,
        show_a_notice,
        see_the_task,
        hide_the_page,
        see_the_task,
    ],
    "a patrol calls for help": [call_for_help, call_for_help, acknowledge_the_call, call_for_help, a_day_passes],
    "a mediator goes home and comes back": [go_off_duty, come_on_duty],
    "a mediator is posted elsewhere and comes back": [
        post_a_mediator_to_a_village,
        post_the_mediator_to_the_east,
        go_off_duty,
        post_a_mediator_to_a_village,
        come_on_duty,
    ],
}
