"""Notices: hours, answers to an urging, and the way out to other systems."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.watch.notice_senders import FileSender, WebhookSender, secret_of
from api.watch.outbox import send_next
from console.access.rules import Actor
from console.clocks.walking import OfficeHours
from console.deadlines.actions import sweep
from console.incidents.tables import Incident, TimelineEntry
from console.notices.actions import answer_notice, give_notice, read_notice, unanswered, urge, urging
from console.notices.queries import NoticeFilter, list_notices, unanswered_urge
from console.notices.rules import (
    URGE,
    Address,
    Addresses,
    Delivery,
    NewNotice,
    NoAnswerWanted,
    NoticeAnswered,
    UrgeUnanswered,
    wait_of,
)
from console.notices.sending import Message, SendingFailed, lease
from console.notices.tables import Notice, NoticeSending
from geo.errors import NotFound
from geo.store import Reach, Store
from tests.console.clocks.clockwork import OFFICE, TIMES, local, told
from tests.console.clocks.test_actions import incidents
from tests.worlds import ROOT, WEST

REACH = Reach(scope=ROOT)
DELIVERY = Delivery(OfficeHours(TIMES, OFFICE), ("file",))
SUPERVISOR = Actor(1, "supervisor", "supervisor", ROOT)
PATROL = Actor(2, "patrol", "patrol", WEST, force_id=7)
TOWN = Addresses(units=frozenset({"centre.west"}))
NOW = local("2026-09-30 16:00")


def notice(key: str = "a", **more: object) -> NewNotice:
    words: dict[str, object] = {"kind": "clock.due", "division_path": WEST, "to": Address(unit="centre.west")}
    return NewNotice(key=key, **(words | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "urgent", "shown"),
    [
        ("2026-09-30 16:00", False, "2026-09-30 16:00"),
        ("2026-09-30 12:30", False, "2026-09-30 13:00"),
        ("2026-09-30 17:00", False, "2026-10-08 09:00"),
        ("2026-10-03 02:00", False, "2026-10-08 09:00"),
        ("2026-10-03 02:00", True, "2026-10-03 02:00"),
    ],
)
def test_a_notice_waits_for_hours_unless_it_is_urgent(at: str, urgent: bool, shown: str) -> None:
    assert told(DELIVERY.shown_at(local(at), urgent=urgent)) == shown


def test_a_failed_sending_waits_longer_each_time_and_an_hour_at_most() -> None:
    assert [wait_of(n).total_seconds() for n in (1, 2, 3, 9, 30)] == [10, 20, 40, 2560, 3600]


async def test_a_notice_is_written_once_and_reaches_whom_it_is_for(session: AsyncSession) -> None:
    circular = notice("c", to=Address(), kind="circular")
    assert (
        len(await give_notice(session, DELIVERY, [notice("a"), notice("b", to=Address(post=4)), circular], now=NOW))
        == 3
    )
    assert await give_notice(session, DELIVERY, [notice("a")], now=NOW) == {}

    async def seen(own: Addresses, *, at: datetime = NOW, **wanted: bool) -> list[str]:
        page, _ = await list_notices(session, SUPERVISOR, own, NoticeFilter(**wanted), now=at, limit=10)
        return [one.key for one in page]

    assert await seen(TOWN) == ["a"]
    assert await seen(Addresses(posts=frozenset({4}))) == ["b"]
    assert await seen(Addresses(oversees=True)) == ["c"]
    assert await seen(Addresses()) == []
    assert await seen(Addresses(), mine=False) == ["c", "b", "a"]
    page, _ = await list_notices(session, PATROL, Addresses(force=7), NoticeFilter(mine=False), now=NOW, limit=10)
    assert page == []
    late = local("2026-10-03 10:00")
    await give_notice(session, DELIVERY, [notice("d")], now=late)
    assert await seen(TOWN, at=late) == ["a"]
    assert await seen(TOWN, at=local("2026-10-08 09:00")) == ["d", "a"]


async def test_an_urging_is_answered_once_and_an_unanswered_one_is_told_to_whoever_urged(session: AsyncSession) -> None:
    [incident_id] = await incidents(session)
    incident = await session.get_one(Incident, incident_id)
    ids = []
    for i in range(2):
        at = NOW + timedelta(minutes=i)
        new = urging(incident, Address(unit=f"centre.{'east' if i else 'west'}"), DELIVERY, by=1,
                     sender=Address(unit="centre.county"), note="Please go on", now=at)  # fmt: skip
        ids.append(await urge(session, DELIVERY, new, now=at))
    first, second = (one or 0 for one in ids)
    again = urging(incident, Address(unit="centre.east"), DELIVERY, by=2, sender=Address(), note="Now", now=at)
    with pytest.raises(UrgeUnanswered) as refused:
        await urge(session, DELIVERY, again, now=at)
    assert (refused.value.params["notice"], refused.value.params["unit"]) == (second, "centre.east")
    past = local("2026-10-08 16:02")
    assert await unanswered_urge(session, incident_id, unit="centre.east", now=past) is None
    with pytest.raises(NotFound):
        await answer_notice(session, SUPERVISOR, Addresses(), first, answer="On it", now=NOW)
    answered = await answer_notice(session, SUPERVISOR, TOWN, first, answer="On it", now=NOW)
    assert (answered.answer, answered.read_at) == ("On it", NOW)
    with pytest.raises(NoticeAnswered):
        await answer_notice(session, SUPERVISOR, TOWN, first, answer="Again", now=NOW)
    assert told(answered.answer_due_at) == "2026-10-08 16:00"
    kinds = [unanswered(DELIVERY)]
    assert await sweep(session, kinds, now=local("2026-10-08 16:00")) == 0
    assert await sweep(session, kinds, now=local("2026-10-08 16:01")) == 1
    [told_back] = await session.scalars(select(Notice).where(Notice.kind != URGE))
    assert (told_back.kind, told_back.to_unit, told_back.body["notice"]) == ("urge.unanswered", "centre.county", second)
    entries = [*await session.scalars(select(TimelineEntry.kind).order_by(TimelineEntry.id))]
    assert entries == ["notice.answered"]


async def test_a_notice_that_asks_for_no_answer_is_only_read(session: AsyncSession) -> None:
    made = await give_notice(session, DELIVERY, [notice("a")], now=NOW)
    read = await read_notice(session, SUPERVISOR, TOWN, made["a"], now=NOW)
    later = await read_notice(session, SUPERVISOR, TOWN, made["a"], now=NOW + timedelta(hours=1))
    assert read.read_at == later.read_at == NOW
    with pytest.raises(NoAnswerWanted):
        await answer_notice(session, SUPERVISOR, TOWN, made["a"], answer="Yes", now=NOW)


class Platform:
    """Another system, which fails while `down`, and keeps what it was sent."""

    name = "file"

    def __init__(self) -> None:
        self.down = False
        self.sent: list[str] = []

    async def send(self, message: Message) -> None:
        if self.down:
            raise SendingFailed(fault="503")
        self.sent.append(message.key)


async def test_notices_of_a_case_go_out_in_order_and_at_least_once(store: Store) -> None:
    platform, clock = Platform(), [NOW]

    def now() -> datetime:
        return clock[0]

    async def tried() -> int:
        return await send_next(store, platform, root=REACH, now=now)

    async with store.transaction(REACH) as session:
        [one, other] = await incidents(session, 2)
        made = [notice(key, incident_id=of) for key, of in (("1a", one), ("1b", one), ("2a", other))]
        await give_notice(session, DELIVERY, made, now=NOW)
    platform.down = True
    assert (await tried(), platform.sent) == (2, [])
    platform.down = False
    assert await tried() == 0
    clock[0] += timedelta(seconds=10)
    assert (await tried(), platform.sent) == (2, ["1a", "2a"])
    async with store.transaction(REACH) as session:  # A server takes the next one and is killed.
        assert [message.key for message in await lease(session, "file", now=now())] == ["1b"]
    assert await tried() == 0
    clock[0] += timedelta(minutes=2)
    assert (await tried(), platform.sent) == (1, ["1a", "2a", "1b"])
    assert await tried() == 0


async def test_a_notice_that_is_never_taken_is_given_up_after_three_days(store: Store) -> None:
    platform = Platform()
    platform.down = True
    async with store.transaction(REACH) as session:
        [one] = await incidents(session)
        await give_notice(session, DELIVERY, [notice(key, incident_id=one) for key in "ab"], now=NOW)
    later = NOW + timedelta(days=3, minutes=1)
    await send_next(store, platform, root=REACH, now=lambda: later)
    platform.down = False
    await send_next(store, platform, root=REACH, now=lambda: later)
    async with store.transaction(REACH) as session:
        kept = (await session.scalars(select(NoticeSending).order_by(NoticeSending.notice_id))).all()
        assert [(row.failed_at, row.fault, row.sent_at) for row in kept] == [(later, "503", None), (None, None, later)]


MESSAGE = Message(5, "clock:1:due:0:", {"id": 5, "kind": "clock.due", "case_code": "WJ1"})


async def test_the_file_has_one_line_for_each_notice(tmp_path: Path) -> None:
    sender = FileSender(tmp_path / "notices.ndjson")
    await sender.send(MESSAGE)
    await sender.send(MESSAGE)
    lines = [json.loads(line) for line in sender.path.read_text().splitlines()]
    assert lines == [{"key": MESSAGE.key, **MESSAGE.body}] * 2
    with pytest.raises(SendingFailed):
        await FileSender(tmp_path / "none" / "notices").send(MESSAGE)


def webhook(answer: Callable[[httpx.Request], httpx.Response]) -> WebhookSender:
    secret = secret_of("whsec_" + base64.b64encode(b"a secret").decode())
    return WebhookSender("http://platform.example/notices", secret, lambda: NOW, httpx.MockTransport(answer))


async def test_the_webhook_signs_what_it_posts_and_keeps_the_key() -> None:
    asked: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(202)

    for _ in range(2):
        await webhook(take).send(MESSAGE)
    request = asked[0]
    at, key = request.headers["webhook-timestamp"], request.headers["webhook-id"]
    signed = hmac.new(b"a secret", f"{key}.{at}.".encode() + request.content, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"
    assert asked[1].headers["idempotency-key"] == key and json.loads(request.content) == MESSAGE.body


@pytest.mark.parametrize("status", [301, 400, 500])
async def test_another_answer_than_taken_is_a_failure(status: int) -> None:
    with pytest.raises(SendingFailed) as failed:
        await webhook(lambda _: httpx.Response(status)).send(MESSAGE)
    assert failed.value.params["fault"] == str(status)
