"""Web Push from the assignment to a push service that opens what it is sent, and back by what the phone has shown."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api import app as composed
from api.settings import Settings
from api.watch import push_service
from api.watch.push_service import KEY_FILE, PushService, push_key_of
from api.watch.task_messages import WatchedWay, send_due
from console.access.actions import disable_user, end_session
from console.access.tables import Session
from console.messages.sending import take_due
from console.messages.tables import PushSubscription, TaskMessage
from geo.store import NO_REACH, Reach, Store
from tests.push_services import HANG, Phone, Receiver, certificate_in, receiving
from tests.reporting import report
from tests.worlds import ROOT, ClientAs, Clock, World

REACH = Reach(scope=ROOT)


@pytest.fixture
async def pushes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """A push service that the server trusts."""
    context, trusted = certificate_in(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    # The tests say when messages go out.
    monkeypatch.setattr(composed, "watch_task_messages", lambda *_, **__: [])
    async with receiving(context) as receiver:
        yield receiver


@pytest.fixture
def settings(tmp_path: Path, pushes: Receiver) -> Settings:
    more = {"push_contact": "mailto:keeper@county.example", "push_hosts": (pushes.host,)}
    return Settings(data_dir=tmp_path, static_dir=tmp_path, max_body_bytes=200_000, **more)


@pytest.fixture
def way(app: FastAPI) -> WatchedWay:
    [found] = app.state.services.live.ways
    assert isinstance(found, WatchedWay)
    return found


@pytest.fixture
def phone(pushes: Receiver) -> Phone:
    return Phone(f"{pushes.origin}/send/patrol-1")


async def sent_out(store: Store, way: WatchedWay, clock: Clock) -> int:
    return await send_due(store, way, root=REACH, now=clock)


async def keep(client: httpx.AsyncClient, phone: Phone, language: str = "zh") -> dict[str, Any]:
    answer = await client.put("/api/push", json=phone.subscription(language))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def assigned(client_as: ClientAs, store: Store, world: World) -> int:
    incident = await report(store, world, world.micro_grids()[0])
    body = {"force": world.forces["patrol_west"]}
    answer = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def test_a_task_reaches_its_forces_phone_sealed_and_once_and_the_phone_proves_it(
    client_as: ClientAs, client: httpx.AsyncClient, store: Store, world: World, way: WatchedWay, clock: Clock,
    pushes: Receiver, phone: Phone,
) -> None:  # fmt: skip
    patrol, other = client_as("patrol_west"), Phone(f"{pushes.origin}/send/patrol-2")
    before = (await patrol.get("/api/push")).json()
    kept = await keep(patrol, phone, "en")
    await keep(client_as("patrol_east"), other)
    assert (before["subscribed"], kept["subscribed"], kept["proven_at"]) == (False, True, None)
    await client_as("patrol_west").put("/api/presence", json={"state": "background"})
    task = await assigned(client_as, store, world)
    assert [await sent_out(store, way, clock) for _ in range(3)] == [1, 0, 0]
    [received] = pushes.received
    assert received.path == urlsplit(phone.endpoint).path
    claims = received.claims()
    expires = int((clock() + timedelta(hours=12)).timestamp())
    assert claims == {"aud": pushes.origin, "exp": expires, "sub": "mailto:keeper@county.example", "key": before["key"]}
    head = {name: received.headers[name] for name in ("content-encoding", "topic", "urgency", "ttl")}
    assert head == {"content-encoding": "aes128gcm", "topic": f"task-{task}", "urgency": "high", "ttl": head["ttl"]}
    assert 60 <= int(head["ttl"]) <= 3600
    said = phone.opened(received.body)
    token = said.pop("token")
    assert said == {"about": "sent", "task": task, "language": "en"}
    # The push service has it; the phone may not.
    assert (await patrol.get("/api/push")).json()["proven_at"] is None
    assert [(await client.post("/api/push/proofs", json={"token": token})).status_code for _ in range(2)] == [204, 204]
    assert (await client.post("/api/push/proofs", json={"token": f"{token}x"})).status_code == 404
    assert (await patrol.get("/api/push")).json()["proven_at"] == "2026-03-02T02:00:00Z"
    [presence] = (await client_as("operator").get("/api/snapshot")).json()["presences"]
    assert (presence["notified_task"], presence["notified_at"]) == (task, "2026-03-02T02:00:00Z")
    assert (presence["task"], presence["seen_at"], presence["version"]) == (None, None, 2), "shown is not seen"


async def test_a_test_notice_proves_a_device_and_nothing_tells_its_address(
    client_as: ClientAs, client: httpx.AsyncClient, store: Store, way: WatchedWay, clock: Clock, pushes: Receiver,
    phone: Phone,
) -> None:  # fmt: skip
    patrol = client_as("patrol_west")
    assert (await patrol.post("/api/push/test")).json()["code"] == "push.no_subscription"
    await keep(patrol, phone)
    pushes.answers = [(503, {"Retry-After": "7"})]
    asked = await patrol.post("/api/push/test")
    assert (asked.status_code, asked.json()["test"]["taken_at"]) == (202, None)
    assert await sent_out(store, way, clock) == 1
    failing = (await patrol.get("/api/push")).json()
    assert (failing["fault"], failing["test"]["fault"], failing["failing_since"]) == (
        "503",
        "503",
        "2026-03-02T02:00:00Z",
    )
    clock.turn(seconds=6)
    assert await sent_out(store, way, clock) == 0, "as long as it was asked to wait"
    clock.turn(seconds=1)
    assert await sent_out(store, way, clock) == 1
    taken = await patrol.get("/api/push")
    assert (taken.json()["test"]["shown_at"], taken.json()["failing_since"]) == (None, None)
    assert taken.json()["test"]["taken_at"] == "2026-03-02T02:00:07Z"
    for secret in (phone.endpoint, *phone.subscription()["keys"].values()):
        assert secret not in taken.text
    first, again = (phone.opened(each.body) for each in pushes.received)
    assert first == again and (first["about"], first["language"]) == ("test", "zh")
    await client.post("/api/push/proofs", json={"token": first["token"]})
    shown = (await patrol.get("/api/push")).json()
    assert shown["test"]["shown_at"] == shown["proven_at"] == "2026-03-02T02:00:07Z"
    await patrol.post("/api/push/test")
    clock.turn(seconds=61)
    assert await sent_out(store, way, clock) == 0, "nobody waits for a test so long"


async def test_a_subscription_is_its_signed_in_persons_and_the_devices_alone(
    client_as: ClientAs, store: Store, world: World, way: WatchedWay, clock: Clock, pushes: Receiver, phone: Phone
) -> None:
    west, east = client_as("patrol_west"), client_as("patrol_east")
    await keep(west, phone)
    await west.post("/api/push/test")
    await keep(east, phone)
    assert not (await west.get("/api/push")).json()["subscribed"], "another one signed in on the device"
    await assigned(client_as, store, world)
    assert await sent_out(store, way, clock) == 0
    anew = Phone(f"{pushes.origin}/send/anew")
    await keep(west, phone)
    await keep(west, anew)
    assert [await sent_out(store, way, clock), pushes.received[0].path] == [1, "/send/anew"]
    assert (await west.delete("/api/push")).status_code == 204
    assert not (await west.get("/api/push")).json()["subscribed"]
    for role in ("operator", "wall", "source"):
        refused = await client_as(role).put("/api/push", json=Phone(f"{pushes.origin}/send/{role}").subscription())
        assert (refused.status_code, (await client_as(role).get("/api/push")).status_code) == (403, 403)


@pytest.mark.parametrize("ended", ["signed out", "disabled"])
async def test_signing_out_ends_it_and_so_does_disabling_the_account(
    ended: str, client_as: ClientAs, store: Store, world: World, way: WatchedWay, clock: Clock, phone: Phone
) -> None:
    await keep(client_as("patrol_west"), phone)
    task = await assigned(client_as, store, world)
    async with store.transaction(REACH) as session:  # It waits already.
        assert [message.task and message.task.id for message in await take_due(session, hook=False, now=clock())] == [
            task
        ]
    async with store.transaction(NO_REACH) as session:
        if ended == "disabled":
            await disable_user(session, "patrol_west", now=clock())
        else:
            await end_session(session, world.tokens["patrol_west"], now=clock())
    clock.turn(seconds=31)
    assert await sent_out(store, way, clock) == 0


async def test_what_a_push_service_answers_ends_a_subscription_or_waits_and_none_holds_up_another(
    client_as: ClientAs, store: Store, world: World, way: WatchedWay, clock: Clock, pushes: Receiver, phone: Phone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(push_service, "TIMEOUT_SECONDS", 0.5)
    patrol = client_as("patrol_west")
    task = await assigned(client_as, store, world)

    async def tried(status: int, **headers: str) -> tuple[Any, ...]:
        pushes.answers = [(status, headers)]
        await keep(patrol, Phone(f"{pushes.origin}/send/{status}"))
        assert await sent_out(store, way, clock) == 1
        async with store.transaction(NO_REACH) as session:
            kept = (await session.scalars(select(TaskMessage))).all()
            return tuple((each.task_id == task, each.fault, bool(each.failed_at), bool(each.sent_at)) for each in kept)

    assert await tried(404) == await tried(410) == ()
    assert not (await patrol.get("/api/push")).json()["subscribed"]
    assert not way.failures, "a phone that is gone is nobody's fault"
    assert await tried(201) == ((True, None, False, True),)
    assert await tried(403) == ((True, "403", True, False),)
    assert await tried(302, Location=f"{pushes.origin}/elsewhere") == ((True, "302", True, False),)
    assert await tried(HANG) == ((True, "TimeoutError", False, False),)
    assert [each.path for each in pushes.received if "send" not in each.path] == [], "no redirect is followed"
    troubles = (await client_as("admin").get("/api/health")).json()["troubles"]
    assert way.is_failing and "push.failing" in {one["code"] for one in troubles}
    hall = (await client_as("operator").get("/api/snapshot")).json()
    assert task in {one["id"] for one in hall["tasks"]}, "the task itself waited for nothing"
    assert hall["presences"] == []


async def test_a_recalled_task_is_taken_back_where_it_was_told_and_an_answered_one_is_told_to_nobody(
    client_as: ClientAs, store: Store, world: World, way: WatchedWay, clock: Clock, pushes: Receiver, phone: Phone
) -> None:
    await keep(client_as("patrol_west"), phone)
    operator = client_as("operator")
    unsent = await assigned(client_as, store, world)
    recall = {"reason": "mistake"}
    assert (await operator.post(f"/api/tasks/{unsent}/recall", json=recall)).status_code == 200
    assert await sent_out(store, way, clock) == 0
    told = await assigned(client_as, store, world)
    await sent_out(store, way, clock)
    await operator.post(f"/api/tasks/{told}/recall", json=recall)
    assert [await sent_out(store, way, clock) for _ in range(2)] == [1, 0]
    assert [(phone.opened(each.body)["about"], each.headers["topic"]) for each in pushes.received] == [
        ("sent", f"task-{told}"),
        ("recalled", f"task-{told}"),
    ]
    answered = await assigned(client_as, store, world)
    pushes.answers = [(503, {})]
    assert await sent_out(store, way, clock) == 1
    await client_as("patrol_west").post(f"/api/tasks/{answered}/accept")
    clock.turn(seconds=10)
    assert await sent_out(store, way, clock) == 0, "answered while it waited"


async def test_two_servers_and_a_killed_one_send_once_in_the_end(
    client_as: ClientAs, store: Store, world: World, way: WatchedWay, clock: Clock, pushes: Receiver, phone: Phone
) -> None:
    await keep(client_as("patrol_west"), phone)
    await assigned(client_as, store, world)
    both = await asyncio.gather(sent_out(store, way, clock), sent_out(store, way, clock))
    assert (sum(both), len(pushes.received)) == (1, 1)
    await client_as("patrol_west").post("/api/push/test")
    async with store.transaction(REACH) as session:  # A server takes it and is killed.
        assert len(await take_due(session, hook=False, now=clock())) == 1
        async with asyncio.timeout(10):  # Another one waits for no server.
            assert await sent_out(store, way, clock) == 0
    assert await sent_out(store, way, clock) == 0
    clock.turn(seconds=30)
    assert (await sent_out(store, way, clock), len(pushes.received)) == (1, 2)


async def test_only_allowed_services_and_sound_keys_are_kept(
    client_as: ClientAs, store: Store, clock: Clock, way: WatchedWay, phone: Phone
) -> None:
    patrol = client_as("patrol_west")
    refused = await patrol.put("/api/push", json=phone.subscription() | {"endpoint": "https://evil.example/a"})
    assert (refused.status_code, refused.json()["code"]) == (422, "push.service")
    assert refused.json()["params"] == {"host": "evil.example"}
    for keys in ({"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "B" * 87}, {"p256dh": 5}, {"auth": "é"}):
        wrong = phone.subscription()
        wrong["keys"] |= keys
        assert (await patrol.put("/api/push", json=wrong)).status_code == 422
    # A name that leads into the server's own network, and that the keeper did not name.
    service = way.way
    assert isinstance(service, PushService)
    strict = PushService(service.key, service.contact, clock, trust=service.trust)
    await keep(patrol, phone)
    await patrol.post("/api/push/test")
    assert await sent_out(store, WatchedWay(strict), clock) == 1
    async with store.transaction(NO_REACH) as session:
        assert (await session.scalars(select(PushSubscription.fault))).all() == ["service"]
    with pytest.raises(push_service.PushServiceRefused):
        await strict._address_of("localhost", 443, is_own=False)


async def test_a_session_that_is_forgotten_takes_its_subscription_along(
    client_as: ClientAs, store: Store, phone: Phone
) -> None:
    await keep(client_as("patrol_west"), phone)
    async with store.transaction(NO_REACH) as session:
        subscribed = select(PushSubscription.session_id)
        [found] = (await session.scalars(select(Session).where(Session.id.in_(subscribed)))).all()
        await session.delete(found)
        await session.flush()
        assert (await session.scalars(subscribed)).all() == []


def test_the_key_is_made_once_and_kept_from_other_accounts(tmp_path: Path) -> None:
    first, again = push_key_of(tmp_path), push_key_of(tmp_path)
    assert first is not None and again is not None and first.public == again.public
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [KEY_FILE]
    (tmp_path / KEY_FILE).write_text("no key")
    assert push_key_of(tmp_path) is None
