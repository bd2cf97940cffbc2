"""The live socket, over real connections."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.live.conversation import Conversation
from api.live.feed_publisher import FeedPublisher
from api.live.force_positions import ForcePositions
from api.live.hub import Hub
from api.watch.troubles import Trouble
from console.access.tables import Session, User
from console.feed.actions import NEW_EPOCH, Change, append
from console.positions.queries import latest_positions
from console.positions.rules import Position
from console.situation.kinds import KINDS
from geo.store import NO_REACH, Reach, Store
from tests.console.feed.test_rules import INCIDENT
from tests.live.conftest import PATIENCE, Dial, SocketClient
from tests.live.viewing import caught_up, live_of
from tests.worlds import NOW, ClientAs, Clock, World

FILLER = "x" * 2_000


async def publish(store: Store, world: World, *changes: Change) -> None:
    async with store.transaction(Reach(scope=world.root)) as session:
        await append(session, changes, now=NOW)


def incident(number: int, path: str, *, force: int | None = None, version: int = 1, title: str = FILLER) -> Change:
    body = INCIDENT | {"id": number, "source": "test", "version": version, "title": title}
    return Change("incident", number, version, path, body, frozenset() if force is None else frozenset({force}))


async def test_a_change_reaches_an_open_socket_with_contiguous_positions(
    dial: Dial, store: Store, world: World
) -> None:
    client = await dial("operator")
    hello = await client.frame("hello")
    await publish(store, world, incident(1, world.west), incident(2, world.east))
    frame = await client.frame("events")
    assert frame["from"] == hello["pos"]
    assert frame["to"] == hello["pos"] + 2
    assert [(item["pos"], item["id"]) for item in frame["items"]] == [(1, 1), (2, 2)]


async def test_a_town_receives_nothing_of_another_town(dial: Dial, store: Store, world: World) -> None:
    clients = {name: await dial(name) for name in ("operator_west", "operator_east", "patrol_east")}
    for client in clients.values():
        await client.frame("hello")
    await publish(store, world, incident(1, world.west))
    await publish(store, world, incident(2, world.east, force=world.forces["patrol_west"]))
    await publish(store, world, incident(3, world.east, force=world.forces["patrol_east"]))
    assert [item["id"] for item in (await clients["operator_west"].frame("events"))["items"]] == [1]
    assert await received_ids(clients["operator_east"], 2) == [2, 3]
    assert await received_ids(clients["patrol_east"], 1) == [3]


async def test_a_scope_narrows_and_never_widens(dial: Dial, store: Store, world: World) -> None:
    client = await dial("operator", "scope=320509101")
    await client.frame("hello")
    await publish(store, world, incident(1, world.west), incident(2, world.east))
    assert await received_ids(client, 1) == [2]
    for scope in ("320509", "320509100", "999"):
        with pytest.raises(InvalidStatus) as refusal:
            await dial("operator_east", f"scope={scope}")
        assert refusal.value.response.status_code == 404


async def test_a_client_resumes_at_its_position(
    dial: Dial, store: Store, world: World, app: FastAPI, client_as: ClientAs
) -> None:
    snapshot = (await client_as("operator").get("/api/snapshot")).json()
    since = f"since={snapshot['epoch']}:{snapshot['pos']}"
    await publish(store, world, *(incident(number, world.west) for number in range(700)))
    await caught_up(live_of(app))
    client = await dial("operator", since)
    assert (await client.frame())["pos"] == snapshot["pos"]
    assert await received_ids(client, 700) == [*range(700)]


async def test_a_client_resumes_from_the_store_beyond_memory(
    dial: Dial, store: Store, world: World, app: FastAPI, client_as: ClientAs
) -> None:
    """As after a restart of the server: the ring is empty."""
    snapshot = (await client_as("operator_west").get("/api/snapshot")).json()
    await publish(store, world, *(incident(n, world.west if n % 2 else world.east) for n in range(900)))
    live = live_of(app)
    await caught_up(live)
    live.hub.restart(live.hub.head)
    client = await dial("operator_west", f"since={snapshot['epoch']}:{snapshot['pos']}")
    assert await received_ids(client, 450) == [*range(1, 900, 2)]


async def test_a_restarted_server_has_the_last_events_in_memory(store: Store, world: World, app: FastAPI) -> None:
    """Screens that reconnect after a restart are served from memory."""
    await publish(store, world, *(incident(number, world.west) for number in range(300)))
    live = live_of(app)
    head = await caught_up(live)
    fresh = Hub(ForcePositions(), kinds=KINDS)
    await FeedPublisher(
        live.background, fresh, root=live.root, sources=live.sources, moments=live.moments, now=live.now
    ).advance()
    assert (fresh.head.pos, fresh.kept_from) == (head, head - 299)


@pytest.mark.parametrize(("since", "reason"), [("gone:5", "epoch"), ("{epoch}:99", "ahead")])
async def test_an_unusable_position_is_answered_with_resync(
    since: str, reason: str, dial: Dial, client_as: ClientAs
) -> None:
    epoch = (await client_as("operator").get("/api/snapshot")).json()["epoch"]
    client = await dial("operator", f"since={since.format(epoch=epoch)}")
    assert await client.frame() == {"t": "resync", "reason": reason}
    assert await client.close_code() == 4009


async def test_a_position_before_the_kept_feed_is_answered_with_resync(
    dial: Dial, store: Store, world: World, app: FastAPI, client_as: ClientAs
) -> None:
    epoch = (await client_as("operator").get("/api/snapshot")).json()["epoch"]
    await publish(store, world, incident(1, world.west))
    live = live_of(app)
    await caught_up(live)
    live.hub.restart(live.hub.head)
    async with store.transaction(live.root) as session:
        await session.execute(text("SELECT drop_partitions('feed_log', :day)"), {"day": (NOW + timedelta(2)).date()})
    client = await dial("operator", f"since={epoch}:0")
    assert await client.frame() == {"t": "resync", "reason": "too_old"}


async def test_a_new_epoch_makes_open_sockets_resync(dial: Dial, store: Store, world: World) -> None:
    client = await dial("operator")
    await client.frame("hello")
    async with store.transaction(Reach(scope=world.root)) as session:
        await session.execute(text(NEW_EPOCH))
    assert (await client.frame("resync"))["reason"] == "epoch"
    assert await client.close_code() == 4009


async def test_a_malformed_position_is_refused(dial: Dial) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        await dial("operator", "since=nonsense")
    assert refusal.value.response.status_code == 422


async def test_a_foreign_page_is_refused_at_the_handshake(dial: Dial) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        await dial("operator", origin="https://elsewhere.example")
    assert refusal.value.response.status_code == 403
    assert b"origin.foreign" in (refusal.value.response.body or b"")


async def test_a_stranger_is_refused_at_the_handshake(dial: Dial) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        await dial("operator", additional_headers={"Authorization": "Bearer nobody"})
    assert refusal.value.response.status_code == 401


@pytest.mark.parametrize("username", ["source", "clerk", "admin"])
async def test_roles_that_may_not_read_forces_and_incidents_are_refused(username: str, dial: Dial) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        await dial(username)
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("username", ["operator", "clerk"])
async def test_a_client_that_leaves_before_admission_logs_no_error(
    username: str, dial: Dial, app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    admission = live_of(app).admission
    with capture_logs() as entries:
        async with AsyncExitStack() as crowd:
            while not admission.locked():
                await crowd.enter_async_context(admission)
            dialling = asyncio.create_task(dial(username))
            await until(lambda: served() == 1)
            dialling.cancel()
            await asyncio.gather(dialling, return_exceptions=True)
        await until(lambda: served() == 0)
    assert [entry for entry in entries if entry["log_level"] == "error"] == []
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def served() -> int:
    """Count the server's sockets, waiting for admission or admitted."""
    return sum("DirectProtocol.run_asgi" in repr(task.get_coro()) for task in asyncio.all_tasks())


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not what():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_signing_out_closes_the_sockets_within_five_seconds(dial: Dial, store: Store, world: World) -> None:
    client = await dial("operator")
    await client.frame("hello")
    async with store.transaction(NO_REACH) as session:
        await session.execute(update(Session).where(Session.user_id == world.users["operator"]).values(revoked_at=NOW))
    async with asyncio.timeout(5):
        assert await client.close_code() == 4001


@pytest.mark.parametrize(("change", "code"), [({"scope_path": "320509.320509100"}, 4003), ({"disabled_at": NOW}, 4001)])
async def test_changed_rights_close_the_sockets_within_five_seconds(
    change: dict[str, object], code: int, dial: Dial, store: Store, world: World
) -> None:
    client = await dial("operator")
    await client.frame("hello")
    async with store.transaction(NO_REACH) as session:
        await session.execute(update(User).where(User.username == "operator").values(**change))
    async with asyncio.timeout(5):
        assert await client.close_code() == code


async def test_an_invalid_message_closes_the_connection(dial: Dial) -> None:
    client = await dial("operator")
    await client.frame("hello")
    await client.connection.send('{"t": "nonsense"}')
    assert await client.close_code() == 4400


async def test_a_binary_message_closes_the_connection(dial: Dial) -> None:
    client = await dial("operator")
    await client.frame("hello")
    await client.connection.send(b'{"t":"watch","res":9,"window":"24h"}')
    assert await client.close_code() == 4400


async def test_an_internal_error_is_not_blamed_on_the_client(
    dial: Dial, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("planted")

    client = await dial("operator")
    await client.frame("hello")
    monkeypatch.setattr(Conversation, "receive", fail)
    await client.connection.send('{"t":"watch","res":9,"window":"24h"}')
    assert await client.close_code() != 4400
    assert any("planted" in str(record.exc_info) for record in caplog.records)


async def test_a_message_over_64_kb_closes_the_connection(dial: Dial) -> None:
    client = await dial("operator")
    await client.frame("hello")
    await client.connection.send("x" * 65_537)
    assert await client.close_code() == 1009


async def test_a_watched_view_comes_as_hexes_first_in_full(dial: Dial) -> None:
    client = await dial("operator")
    await client.frame("hello")
    await client.connection.send('{"t":"watch","res":9,"window":"24h","category":null}')
    frame = await client.frame("hexes")
    assert frame["full"] is True
    assert (frame["res"], frame["window"]) == (9, "24h")


async def test_fixes_are_sent_only_to_audiences_of_the_force(
    dial: Dial, client_as: ClientAs, world: World, clock: Clock
) -> None:
    clients = {name: await dial(name) for name in ("operator", "operator_east", "wall", "patrol_west")}
    for client in clients.values():
        await client.frame("hello")
    await fix(client_as("gateway"), world, "patrol_west")
    clock.turn(minutes=1)
    for name in ("operator", "wall", "patrol_west"):
        assert (await clients[name].frame("fixes"))["force"] == [world.forces["patrol_west"]]
    await fix(client_as("gateway"), world, "patrol_east")
    assert (await clients["operator_east"].frame("fixes"))["force"] == [world.forces["patrol_east"]]


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Holds up the reading of the last positions, at a server's start, until it is set."""
    may_read = asyncio.Event()

    async def held(session: AsyncSession) -> list[Position]:
        await may_read.wait()
        return await latest_positions(session)

    monkeypatch.setattr("api.live.live.latest_positions", held)
    return may_read


async def test_a_position_from_before_the_server_had_read_the_last_ones_is_sent(
    reading: asyncio.Event, dial: Dial, client_as: ClientAs, world: World
) -> None:
    client = await dial("operator")
    await client.frame("hello")
    await fix(client_as("gateway"), world, "patrol_west")
    reading.set()
    assert (await client.frame("fixes"))["force"] == [world.forces["patrol_west"]]


async def test_a_client_that_does_not_read_is_disconnected_and_the_others_continue(
    dial: Dial, store: Store, world: World, app: FastAPI
) -> None:
    live = live_of(app)
    stuck = await dial("operator_west", max_queue=1)
    healthy = await dial("operator")
    await healthy.frame("hello")
    stuck.connection.transport.pause_reading()
    sent, received = 0, 0
    async with asyncio.timeout(60):
        while sum(1 for _ in live.hub.members) == 2:
            await publish(store, world, *(incident(sent + n, world.west) for n in range(200)))
            sent += 200
            received += len(await received_ids(healthy, 200))
    assert received == sent
    stuck.connection.transport.resume_reading()
    assert await stuck.close_code() in (4008, 1006)
    resumed = await dial("operator_west", f"since={live.hub.head.epoch}:0")
    assert await received_ids(resumed, sent) == [*range(sent)]


@pytest.mark.parametrize("in_memory", [True, False])
async def test_a_client_that_missed_few_long_events_catches_up_beside_new_ones(
    dial: Dial, store: Store, world: World, app: FastAPI, in_memory: bool
) -> None:
    """Two hundred long descriptions are more than a mailbox holds: they come in several frames, each after the last."""
    live = live_of(app)
    since = f"since={live.hub.head.epoch}:{live.hub.head.pos}"
    await publish(store, world, *(incident(n, world.west, title="事" * 3_000) for n in range(150)))
    await caught_up(live)
    if not in_memory:
        live.hub.restart(live.hub.head)
    live.hub.publish_troubles((Trouble("disk.low"),))
    client = await dial("operator_west", since)
    assert await received_ids(client, 150) == [*range(150)]
    await publish(store, world, incident(150, world.west))
    assert await received_ids(client, 1) == [150]


async def test_the_feed_continues_when_the_listening_connection_is_lost(dial: Dial, store: Store, world: World) -> None:
    """The notification only wakes: without it a poll finds the change within a second."""
    client = await dial("operator")
    await client.frame("hello")
    async with store.transaction(NO_REACH) as session:
        killed = await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            )
        )
        assert len(killed.all()) == 1
    await publish(store, world, incident(1, world.west))
    async with asyncio.timeout(1):
        assert await received_ids(client, 1) == [1]


async def received_ids(client: SocketClient, count: int) -> list[int]:
    """Return the ids of the next `count` events. Each frame must continue the one before."""
    ids: list[int] = []
    upto: int | None = None
    async with asyncio.timeout(PATIENCE):
        while len(ids) < count:
            frame = await client.frame("events")
            assert upto in (None, frame["from"])
            upto = frame["to"]
            ids += [item["id"] for item in frame["items"]]
    return ids


async def fix(client: httpx.AsyncClient, world: World, force: str) -> None:
    at = {"force": world.forces[force], "at": NOW.isoformat(), "lon": 120.61, "lat": 31.12}
    answer = await client.post("/api/positions", json={"fixes": [at]})
    assert answer.json()["ok"] == 1


async def test_a_socket_too_many_of_an_account_is_closed_and_others_are_not(app: FastAPI, dial: Dial) -> None:
    live_of(app).account_sockets.most = 2
    screens = [await dial("operator") for _ in range(2)]
    for screen in screens:
        await screen.frame("hello")
    further = await dial("operator")
    assert (await further.close_code(), further.connection.close_reason) == (1013, "sockets")
    await (await dial("operator_west")).frame("hello")
    await screens[0].connection.close()
    async with asyncio.timeout(PATIENCE):
        while not await is_served(dial):
            pass


async def is_served(dial: Dial) -> bool:
    try:
        await (await dial("operator")).frame("hello")
    except ConnectionClosed:
        return False
    return True
