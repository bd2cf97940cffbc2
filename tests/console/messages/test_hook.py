"""The keeper's hook: signed, tried again after a failure and after a kill, and never a resident's data."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import update

from api.keeping.commands.message_checks import check_hook, check_push
from api.settings import Settings
from api.watch import task_hook
from api.watch.task_hook import TaskHook
from api.watch.task_messages import WatchedWay, send_due, watch_task_messages
from console.messages.sending import take_due
from console.tasks.tables import Task
from geo.store import Reach, Store
from tests.push_services import HANG, Received, Receiver, receiving
from tests.reporting import report
from tests.worlds import NOW, ROOT, Clock, World, user_named

REACH = Reach(scope=ROOT)
SECRET = b64encode(b"k" * 24).decode()


@pytest.fixture
async def gateway() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def assigned(store: Store, world: World, *, at: datetime = NOW) -> int:
    incident = await report(store, world, world.micro_grids()[0])
    async with store.transaction(REACH) as session:
        user = await user_named(session, "operator")
        task = Task(
            incident_id=incident, force_id=world.forces["patrol_west"], role="lead", status="assigned", active=True,
            assigned_by=user.id, assigned_at=at, answer_due_at=at + timedelta(minutes=3), cost_minutes=4.0,
            eta_minutes=4.0, note="", sent_by="", division_path=world.west, version=1,
        )  # fmt: skip
        session.add(task)
        await session.flush()
        return task.id


def verified(received: Received) -> dict[str, object]:
    """Check a message as the Standard Webhooks say, and return its body."""
    signed = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode() + received.body
    signature = b64encode(digest(b64decode(SECRET), signed, sha256)).decode()
    assert received.headers["webhook-signature"] == f"v1,{signature}"
    found: dict[str, object] = json.loads(received.body)
    return found


async def test_a_task_goes_to_the_hook_again_after_a_failure_and_after_a_kill_under_one_id(
    store: Store, world: World, gateway: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_hook, "TIMEOUT_SECONDS", 0.5)
    clock = Clock()
    hook = WatchedWay(TaskHook(f"{gateway.origin}/tasks", b64decode(SECRET), clock))
    task = await assigned(store, world)

    async def tried(seconds: int) -> int:
        clock.turn(seconds=seconds)
        return await send_due(store, hook, root=REACH, now=clock)

    gateway.answers = [(500, {}), (302, {"Location": f"{gateway.origin}/elsewhere"}), (HANG, {})]
    assert [await tried(after) for after in (0, 4, 1, 10)] == [1, 0, 1, 1]
    assert hook.is_failing
    clock.turn(seconds=20)
    async with store.transaction(REACH) as session:  # A server takes it and is killed.
        assert len(await take_due(session, hook=True, now=clock())) == 1
    assert [await tried(after) for after in (0, 30, 60)] == [0, 1, 0]
    assert not hook.is_failing and not hook.failures
    assert {each.path for each in gateway.received} == {"/tasks"}, "no redirect is followed"
    assert len({each.headers["webhook-id"] for each in gateway.received}) == 1
    said = [verified(each) for each in gateway.received]
    assert len(said) == 4 and all(one == said[0] for one in said)
    assert said[0] == {
        "type": "task.sent", "at": "2026-03-02T02:00:00+00:00", "task": task, "force": "patrol_west", "role": "lead",
        "risk": "low", "sent_at": "2026-03-02T02:00:00+00:00", "answer_due_at": "2026-03-02T02:03:00+00:00",
    }  # fmt: skip
    async with store.transaction(REACH) as session:
        ended = update(Task).values(status="recalled", active=False, ended_at=clock())
        await session.execute(ended)
    assert [await tried(0), verified(gateway.received[-1])["type"]] == [1, "task.recalled"]


async def test_a_task_that_nobody_takes_is_given_up_after_an_hour_and_one_from_before_is_not_told(
    store: Store, world: World, gateway: Receiver
) -> None:
    clock = Clock()
    hook = WatchedWay(TaskHook(gateway.origin, b64decode(SECRET), clock))
    await assigned(store, world, at=NOW - timedelta(hours=2))
    [loop] = watch_task_messages(store, [hook], root=REACH, now=clock)
    await loop.step()
    assert gateway.received == []
    async with store.transaction(REACH) as session:
        await session.execute(update(Task).values(active=False, status="finished"))
    await assigned(store, world)
    gateway.answers = [(503, {})]
    await loop.step()
    assert len(gateway.received) == 1
    clock.turn(seconds=3601)
    await loop.step()
    assert len(gateway.received) == 1


async def test_the_doctor_posts_a_test_and_names_the_host_alone(tmp_path: Path, gateway: Receiver) -> None:
    settings = Settings(
        data_dir=tmp_path, tasks_hook_secret=f"whsec_{SECRET}", tasks_hook_url=f"{gateway.origin}/send?key=hidden"
    )
    gateway.answers = [(204, {}), (403, {})]
    good, bad = [await asyncio.to_thread(check_hook, settings) for _ in range(2)]
    assert (good.good, bad.good, verified(gateway.received[0])["type"]) == (True, False, "task.test")
    assert "403" in bad.detail and "hidden" not in f"{good} {bad}"
    assert SECRET not in repr(settings)
    assert check_hook(Settings(data_dir=tmp_path)).good and check_push(Settings(data_dir=tmp_path)).good
    assert check_push(Settings(data_dir=tmp_path, push_contact="mailto:a@b.example")).good


@pytest.mark.parametrize(
    "wrong",
    [
        {"tasks_hook_url": "https://gateway.example.cn"},
        {"tasks_hook_secret": "whsec_c2hvcnQ="},
        {"tasks_hook_secret": "no base64 at all, but long enough to be one"},
        {"push_contact": "keeper"},
        {"push_hosts": ["https://push.example.cn"]},
        {"push_hosts": ["*"]},
    ],
)
def test_settings_that_would_send_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**wrong)


async def test_a_gateway_that_is_away_is_a_failure(store: Store, world: World) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    hook = WatchedWay(TaskHook(f"http://127.0.0.1:{port}", b64decode(SECRET), Clock()))
    await assigned(store, world)
    assert (await send_due(store, hook, root=REACH, now=Clock()), hook.failures) == (1, 1)
