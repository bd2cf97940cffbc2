"""Wrong passwords: whom they delay, whom they do not, and who is told."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import HTTPConnection

from api.http.sign_in import hashing
from api.http.sign_in.budgets import (
    AGAIN_OF_AN_ADDRESS,
    FREE_ATTEMPTS,
    IN_ALL,
    LONGEST_DELAY,
    OF_AN_ADDRESS,
    Caller,
    SignInBudgets,
    TooManySignIns,
    delay_after,
)
from api.http.sign_in.callers import KEY_FILE, MOST_NAMES, KnownDevices, address_of
from api.http.sign_in.hashing import MOST_OF_AN_ADDRESS, MOST_WAITING, PLACES_OF_DEVICES, PasswordChecks
from api.http.sign_in.passwords import DEVICE_COOKIE
from api.watch.sign_ins import SUSPICIOUS_FROM, WINDOW_SECONDS, FailedSignIns
from console.access.actions import set_password
from console.access.passwords import hash_password
from geo.store import NO_REACH, Store
from tests.live.viewing import live_of
from tests.worlds import NOW, PASSWORD, Clock

HERE, THERE = Caller("10.0.0.1"), Caller("10.0.0.2")
DESK = Caller("10.0.0.1", device="desk")


def wrong(budgets: SignInBudgets, name: str, caller: Caller, *, after: timedelta = timedelta()) -> None:
    budgets.begin(name, caller, now=NOW + after)
    budgets.failed(caller, now=NOW + after)


def test_five_wrong_passwords_delay_the_name_from_that_address_only() -> None:
    budgets = SignInBudgets()
    for _ in range(FREE_ATTEMPTS):
        wrong(budgets, "zhang", HERE)
    with pytest.raises(TooManySignIns) as caught:
        budgets.begin("zhang", HERE, now=NOW)
    assert caught.value.params == {"seconds": 30}
    for name, caller in (("li", HERE), ("zhang", THERE), ("zhang", DESK)):
        budgets.begin(name, caller, now=NOW)
    budgets.begin("zhang", HERE, now=NOW + timedelta(seconds=30))


def test_the_delay_doubles_up_to_a_quarter_of_an_hour_and_is_forgotten_after_a_success() -> None:
    assert [delay_after(count).total_seconds() for count in (5, 6, 7, 9, 10, 1000)] == [30, 60, 120, 480, 900, 900]
    budgets = SignInBudgets()
    for _ in range(FREE_ATTEMPTS):
        wrong(budgets, "zhang", HERE)
    later = timedelta(seconds=30)
    budgets.begin("zhang", HERE, now=NOW + later)
    budgets.succeeded("zhang", HERE)
    for _ in range(FREE_ATTEMPTS - 1):
        wrong(budgets, "zhang", HERE, after=later)
    budgets.begin("zhang", HERE, now=NOW + later)


def test_guessing_for_a_day_gets_few_attempts() -> None:
    budgets, made = SignInBudgets(), 0
    for minute in range(24 * 60):
        try:
            wrong(budgets, "zhang", HERE, after=timedelta(minutes=minute))
            made += 1
        except TooManySignIns:
            continue
    assert made <= FREE_ATTEMPTS + 10 + timedelta(days=1) / LONGEST_DELAY


def test_an_address_with_many_wrong_passwords_waits_for_any_name_and_others_do_not() -> None:
    budgets = SignInBudgets()
    for number in range(OF_AN_ADDRESS):
        wrong(budgets, f"name-{number}", HERE)
    with pytest.raises(TooManySignIns):
        budgets.begin("li", HERE, now=NOW)
    with pytest.raises(TooManySignIns):
        budgets.check_address(HERE.address, now=NOW)
    budgets.begin("li", THERE, now=NOW)
    budgets.begin("li", DESK, now=NOW)
    budgets.begin("li", HERE, now=NOW + AGAIN_OF_AN_ADDRESS)


def test_many_addresses_together_delay_strangers_and_no_address_that_is_known() -> None:
    budgets = SignInBudgets()
    budgets.begin("li", THERE, now=NOW)
    budgets.succeeded("li", THERE)
    for number in range(IN_ALL):
        wrong(budgets, "zhang", Caller(f"10.1.0.{number}"))
    with pytest.raises(TooManySignIns):
        budgets.begin("li", Caller("10.2.0.1"), now=NOW)
    budgets.begin("li", THERE, now=NOW)


def test_no_typed_name_is_kept() -> None:
    budgets = SignInBudgets()
    wrong(budgets, "Secret-word-1", HERE)
    assert "Secret-word-1" not in str(budgets)


def test_a_device_is_recognised_for_the_names_that_signed_in_there(tmp_path: Path) -> None:
    devices = KnownDevices(tmp_path)
    cookie = devices.remember(None, "zhang")
    device = devices.recognise(cookie, "zhang")
    assert device and devices.recognise(cookie, "li") is None
    cookie = devices.remember(cookie, "li")
    assert devices.recognise(cookie, "zhang") == devices.recognise(cookie, "li") == device
    for number in range(MOST_NAMES):
        cookie = devices.remember(cookie, f"name-{number}")
    assert devices.recognise(cookie, "zhang") is None
    assert KnownDevices(tmp_path).recognise(cookie, "name-3") == device, "after a restart"
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    other = tmp_path / "other"
    assert KnownDevices(other).recognise(cookie, "name-3") is None
    for forged in ("", ".", f"{device}.{'A' * 22}", cookie + "é", "x" * 9000, cookie[1:]):
        assert devices.recognise(forged, "name-3") is None


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_client_is_counted_by_its_network(host: str, address: str) -> None:
    assert address_of(HTTPConnection({"type": "http", "client": (host, 1)})) == address


@pytest.fixture
def places() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def test_the_queue_for_checks_is_short_and_no_address_fills_it(places: ExitStack) -> None:
    checks = PasswordChecks()
    for _ in range(MOST_OF_AN_ADDRESS):
        places.enter_context(checks.place(HERE))
    with pytest.raises(TooManySignIns):
        places.enter_context(checks.place(HERE))
    for number in range(MOST_WAITING - MOST_OF_AN_ADDRESS):
        places.enter_context(checks.place(Caller(f"10.1.0.{number}")))
    with pytest.raises(TooManySignIns):
        places.enter_context(checks.place(THERE))
    for _ in range(PLACES_OF_DEVICES):
        places.enter_context(checks.place(DESK))
    with pytest.raises(TooManySignIns):
        places.enter_context(checks.place(DESK))
    places.close()
    assert checks._waiting.total() == 0
    places.enter_context(checks.place(HERE))


def test_somebody_who_guesses_is_noticed_and_one_who_mistypes_is_not() -> None:
    now = [0.0]
    failed = FailedSignIns(lambda: now[0])
    for _ in range(SUSPICIOUS_FROM - 1):
        failed.record()
    assert failed.suspicious == 0
    failed.record()
    assert failed.suspicious == SUSPICIOUS_FROM
    now[0] += WINDOW_SECONDS + 1
    assert failed.suspicious == 0
    failed.record(delayed=True)
    assert failed.suspicious == 1


def signing_in(app: FastAPI, address: str) -> httpx.AsyncClient:
    """A client at another address."""
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://maplebridge.test")


RIGHT = {"username": "operator", "password": PASSWORD}


async def test_guessing_a_name_delays_the_guesser_and_the_hall_is_told(app: FastAPI, clock: Clock) -> None:
    async with (
        signing_in(app, "10.0.0.1") as desk,
        signing_in(app, "10.0.0.1") as guesser,
        signing_in(app, "10.0.0.2") as elsewhere,
    ):
        assert (await desk.post("/api/session", json=RIGHT)).status_code == 200
        found = [
            (await guesser.post("/api/session", json=RIGHT | {"password": f"Guess-{number}-x"})).status_code
            for number in range(FREE_ATTEMPTS + 2)
        ]
        assert found == [401] * FREE_ATTEMPTS + [429] * 2
        delayed = await guesser.post("/api/session", json=RIGHT)
        assert (delayed.status_code, delayed.json()["code"]) == (429, "session.too_many")
        assert delayed.json()["params"] == {"seconds": 30} and delayed.headers["retry-after"] == "30"
        assert (await desk.post("/api/session", json=RIGHT)).status_code == 200, "its device is known"
        assert (await elsewhere.post("/api/session", json=RIGHT)).status_code == 200, "another address"
        health = (await elsewhere.get("/api/health")).json()
        assert health["status"] == "ok"
        assert [(each["code"], each["name"]) for each in health["troubles"]] == [("sign_in.failing", None)]
        assert health["troubles"][0]["n"] == FREE_ATTEMPTS + 3
        clock.turn(seconds=30)
        assert (await guesser.post("/api/session", json=RIGHT)).status_code == 200


@pytest.fixture
def quick_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare passwords without a hash, where a test is about their number."""
    monkeypatch.setattr(hashing, "password_matches", lambda password, stored: bool(stored) and password == PASSWORD)


@pytest.mark.usefixtures("quick_checks")
async def test_a_flood_of_sign_ins_is_turned_away_before_it_is_read_and_others_sign_in(app: FastAPI) -> None:
    async with signing_in(app, "10.0.0.1") as flood, signing_in(app, "10.0.0.2") as other:

        async def wrong_ones(loop: int) -> list[int]:
            bodies = [{"username": f"nobody-{loop}-{number}", "password": "Wrong-pass-1"} for number in range(10)]
            return [(await flood.post("/api/session", json=body)).status_code for body in bodies]

        found = await asyncio.gather(*(wrong_ones(loop) for loop in range(20)))
        codes = [code for each in found for code in each]
        assert set(codes) == {401, 429} and codes.count(401) <= OF_AN_ADDRESS + MOST_OF_AN_ADDRESS
        assert (await flood.post("/api/session", content=b"{" * 3000)).status_code == 429, "unread"
        assert (await other.post("/api/session", json=RIGHT)).status_code == 200
        assert live_of(app).failed_sign_ins.suspicious > 100


@pytest.mark.usefixtures("quick_checks")
async def test_twenty_simultaneous_attempts_for_a_name_count_as_at_most_five(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(client.post("/api/session", json=RIGHT | {"password": f"Guess-{number}-x"}) for number in range(20))
    )
    assert [answer.status_code for answer in answers].count(401) <= FREE_ATTEMPTS


async def test_a_password_is_taken_exactly_as_typed(client: httpx.AsyncClient, store: Store, clock: Clock) -> None:
    typed = " 空格 Password-1\t "
    async with store.transaction(NO_REACH) as session:
        await set_password(session, "operator", password_hash=hash_password(typed), now=clock())
    for password, status in ((typed, 200), (typed.strip(), 401), (typed + " ", 401)):
        answer = await client.post("/api/session", json=RIGHT | {"password": password})
        assert answer.status_code == status
        basic = await client.get("/ogc/collections", auth=("operator", password))
        assert basic.status_code == status
    assert client.cookies[DEVICE_COOKIE]
