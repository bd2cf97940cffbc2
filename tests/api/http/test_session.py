"""Sign-in and sign-out: who is let in, for how long, and what responses reveal."""

from statistics import median
from time import process_time

import httpx
from fastapi import FastAPI

from api.http.sign_in.sessions import COOKIE
from console.access.actions import disable_user, set_password
from console.access.passwords import hash_password
from geo.store import NO_REACH, Store
from tests.worlds import PASSWORD, ROOT, WEST, ClientAs, Clock, World

CREDENTIALS = {"username": "operator", "password": PASSWORD}
WRONG = {"username": "operator", "password": "Maple-bridge-2"}


async def test_the_session_cookie_is_http_only_and_same_site(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/session", json=CREDENTIALS)
    assert answer.status_code == 200, answer.text
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    assert len(client.cookies[COOKIE]) >= 43  # 256 bits in base64
    me = (await client.get("/api/me")).json()
    assert me == answer.json()
    assert (me["username"], me["role"], me["scope"]["path"], me["force"]) == ("operator", "operator", ROOT, None)
    assert "tasks.dispatch" in me["permissions"] and me["locale"] == "zh-CN"
    assert me["scope"]["bbox"] == [120.6, 31.1, 120.64, 31.14]


async def test_a_page_can_read_the_current_user_and_gets_204_without_one(client: httpx.AsyncClient) -> None:
    anonymous = await client.get("/api/session")
    assert (anonymous.status_code, anonymous.content) == (204, b"")
    assert (await client.get("/api/session", headers={"Cookie": f"{COOKIE}=stale"})).status_code == 204
    signed_in = (await client.post("/api/session", json=CREDENTIALS)).json()
    assert (await client.get("/api/session")).json() == signed_in


async def test_usernames_are_case_insensitive(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/session", json=CREDENTIALS | {"username": " Operator "})
    assert answer.status_code == 200


async def test_the_locale_follows_the_browsers_languages(client_as: ClientAs) -> None:
    for wish, locale in {"en-GB,zh;q=0.5": "en", "fr, zh-TW;q=0.9": "zh-CN", "fr": "zh-CN", "": "zh-CN"}.items():
        me = await client_as("patrol_west").get("/api/me", headers={"Accept-Language": wish})
        assert (me.json()["locale"], me.json()["scope"]["path"]) == (locale, WEST)


async def test_signing_out_invalidates_the_cookie(client: httpx.AsyncClient) -> None:
    await client.post("/api/session", json=CREDENTIALS)
    secret = client.cookies[COOKIE]
    assert (await client.delete("/api/session")).status_code == 204
    assert COOKIE not in client.cookies
    answer = await client.get("/api/me", headers={"Cookie": f"{COOKIE}={secret}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "session.missing")
    assert (await client.delete("/api/session")).status_code == 204


async def test_signing_in_again_ends_the_previous_session(client: httpx.AsyncClient) -> None:
    await client.post("/api/session", json=CREDENTIALS)
    before = client.cookies[COOKIE]
    await client.post("/api/session", json=CREDENTIALS)
    assert client.cookies[COOKIE] != before
    client.cookies.clear()
    assert (await client.get("/api/me", headers={"Cookie": f"{COOKIE}={before}"})).status_code == 401


async def test_an_unknown_cookie_or_token_is_refused(client: httpx.AsyncClient) -> None:
    for headers in (
        {},
        {"Cookie": f"{COOKIE}=stale"},
        {"Authorization": "Bearer unknown"},
        {"Authorization": "Bearer"},
    ):
        answer = await client.get("/api/me", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "session.missing")


async def test_responses_do_not_reveal_whether_a_user_exists(
    client: httpx.AsyncClient, store: Store, clock: Clock
) -> None:
    names = ("nobody", "auditor", "clerk")
    async with store.transaction(NO_REACH) as session:
        for name in names[1:]:  # A hash of the usual cost, as the one for nobody is.
            await set_password(session, name, password_hash=hash_password(PASSWORD), now=clock())
        await disable_user(session, "auditor", now=clock())
    bodies, times = [], []
    for name in names:
        spent, told = [], []
        for _ in range(6):
            began = process_time()  # The hash takes nearly all of it, and no other process has a part in it.
            answer = await client.post("/api/session", json={"username": name, "password": "Wrong-pass-1"})
            spent.append(process_time() - began)
            told.append((answer.status_code, answer.json() | {"request_id": ""}, answer.headers.get("retry-after")))
        bodies.append(told)
        times.append(median(spent[:5]))
        clock.turn(minutes=2)
    assert all(told == bodies[0] for told in bodies)
    assert [told[0] for told in bodies[0]] == [401] * 5 + [429]
    assert max(times) < 3 * min(times), times


async def test_a_session_ends_when_idle_and_after_its_hours(client: httpx.AsyncClient, clock: Clock) -> None:
    await client.post("/api/session", json=CREDENTIALS)
    for _ in range(14):
        clock.turn(minutes=50)
        assert (await client.get("/api/me")).status_code == 200
    clock.turn(minutes=20)
    assert (await client.get("/api/me")).status_code == 401
    await client.post("/api/session", json=CREDENTIALS)
    clock.turn(minutes=60)
    assert (await client.get("/api/me")).status_code == 401


async def test_a_wall_stays_signed_in(client: httpx.AsyncClient, clock: Clock) -> None:
    await client.post("/api/session", json=CREDENTIALS | {"username": "wall"})
    clock.turn(days=30)
    assert (await client.get("/api/me")).status_code == 200


async def test_a_new_password_or_disabling_signs_out_at_once(
    client: httpx.AsyncClient, store: Store, clock: Clock
) -> None:
    await client.post("/api/session", json=CREDENTIALS)
    async with store.transaction(NO_REACH) as session:
        hashed = hash_password("Another-one-1")
        await set_password(session, "operator", password_hash=hashed, now=clock())
    assert (await client.get("/api/me")).status_code == 401
    assert (await client.post("/api/session", json=CREDENTIALS)).status_code == 401
    signed_in = await client.post("/api/session", json=CREDENTIALS | {"password": "Another-one-1"})
    assert signed_in.status_code == 200
    async with store.transaction(NO_REACH) as session:
        await disable_user(session, "operator", now=clock())
    assert (await client.get("/api/me")).status_code == 401


async def test_a_foreign_origin_is_refused_with_and_without_a_cookie(client: httpx.AsyncClient, world: World) -> None:
    for origin in (
        "https://evil.example",
        "http://maplebridge.test.evil.example",
        "null",
        "http://maplebridge.test:81",
        "http://[::1",
    ):
        headers = {"Origin": origin}
        answer = await client.post("/api/session", json=CREDENTIALS, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin.foreign"), origin
    await client.post("/api/session", json=CREDENTIALS, headers={"Origin": "http://maplebridge.test"})
    for method, path in (("POST", "/api/incidents"), ("POST", "/api/incidents/batch"), ("DELETE", "/api/session")):
        answer = await client.request(method, path, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403, path
    assert (await client.get("/api/me")).status_code == 200


async def test_a_password_is_never_returned(app: FastAPI, client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/session", json={"username": "operator", "password": ["Secret-word-1"]})
    assert answer.status_code == 422 and "Secret" not in answer.text
