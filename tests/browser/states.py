"""States that a screen must be fit to be seen in, brought about in the browser alone.

What the server says is changed on its way to the page, so any running installation will do and nothing in it is
touched: an empty county, a thousand incidents, a title without end, a link that is cut, a task that is refused.
"""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import BrowserContext, Page, Route, WebSocketRoute
from playwright.async_api import TimeoutError as NotInTime

Body = dict[str, Any]
Change = Callable[[Body], None]
Arrange = Callable[[BrowserContext], Awaitable[None]]
Show = Callable[[Page], Awaitable[None]]

THOUSAND = 1000
LONG = (
    "市场东门外两家摊位因占道经营与排水沟走向发生争执多人围观并有推搡请求到场调解 "
    "Two stalls at the market's east gate quarrel over the drain and the pavement "
)
QUIET = ("hello", "beat")
TRIED_MS = 20_000


@dataclass(frozen=True, slots=True)
class State:
    """A screen to be looked at: where, as whom, what to arrange before it loads and what to do once it has."""

    path: str
    account: str | None
    arrange: tuple[Arrange, ...] = ()
    show: tuple[Show, ...] = ()


def answering(pattern: str, change: Change) -> Arrange:
    """Change the server's answers to `pattern`."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        if response.status != 200:
            await route.fulfill(response=response)
            return
        body = await response.json()
        change(body)
        await route.fulfill(response=response, json=body)

    async def arrange(context: BrowserContext) -> None:
        await context.route(pattern, answer)

    return arrange


def refusing(pattern: str, *, method: str, status: int, code: str) -> Arrange:
    async def answer(route: Route) -> None:
        if route.request.method != method:
            await route.fallback()
            return
        body = json.dumps({"status": status, "code": code, "params": {}})
        await route.fulfill(status=status, content_type="application/problem+json", body=body)

    async def arrange(context: BrowserContext) -> None:
        await context.route(pattern, answer)

    return arrange


async def away(context: BrowserContext) -> None:
    """Abort every request to the server."""
    await context.route("**/api/**", lambda route: route.abort())


async def still(context: BrowserContext) -> None:
    """The feed lives, and nothing happens."""

    def between(page: WebSocketRoute) -> None:
        server = page.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if json.loads(message)["t"] in QUIET:
                page.send(message)

        server.on_message(pass_on)

    await context.route_web_socket("**/api/live*", between)


async def without_lines(context: BrowserContext) -> None:
    await context.route("**/ogc/tiles/**", lambda route: route.fulfill(status=200, body=b""))


def _emptied(snapshot: Body) -> None:
    snapshot |= {"incidents": [], "tasks": [], "forces": []}
    snapshot["fixes"] = {column: [] for column in snapshot["fixes"]}
    snapshot["hotspots"] |= {"cells": [], "total": 0}


def _crowded(snapshot: Body) -> None:
    """A thousand that wait, the later the longer."""
    samples, now = snapshot["incidents"], datetime.now(UTC)
    snapshot["tasks"] = []
    snapshot["incidents"] = [_waiting(samples[i % len(samples)], i, now=now) for i in range(THOUSAND)]


def _waiting(sample: Body, i: int, *, now: datetime) -> Body:
    came = now - timedelta(minutes=i / 7)
    return sample | {
        "id": 10**9 + i,
        "status": "registered",
        "closed_at": None,
        "duplicate_of": None,
        "lon": sample["lon"] + (i % 37 - 18) / 900,
        "lat": sample["lat"] + (i % 31 - 15) / 1100,
        "registered_at": came.isoformat(),
        "first_due_at": (came + timedelta(hours=2)).isoformat(),
    }


def _wordy(snapshot: Body) -> None:
    for incident in snapshot["incidents"]:
        incident["title"] = LONG * 2
        incident["description"] = LONG * 8


def _on_errand(title: str, description: str) -> Change:
    """The phone's own force has just been sent to an incident near its post."""

    def change(snapshot: Body) -> None:
        force, now = snapshot["forces"][0], datetime.now(UTC)
        moments = {name: now.isoformat() for name in ("occurred_at", "registered_at")}
        due = {"first_due_at": (now + timedelta(hours=1)).isoformat(), "closed_at": None}
        where = {"lon": force["home_lon"] + 0.004, "lat": force["home_lat"] + 0.003, "cell": "", "grid": None}
        what = {"title": title, "description": description, "category": "dispute.neighbour", "risk": "low"}
        told = {"division_path": snapshot["scope"], "division": None, "source": "hotline", "external_no": None}
        whose = {"case_code": "WJ261122CEPPXCZ0J", "status": "assigned", "level": "village", "duplicate_of": None}
        snapshot["incidents"] = [{"id": 1, "version": 1, **moments, **due, **where, **what, **told, **whose}]
        snapshot["tasks"] = [_task(force["id"], now)]

    return change


def _task(force: int, now: datetime) -> Body:
    steps = dict.fromkeys(("accepted_at", "departed_at", "arrived_at", "ended_at", "warned_at"))
    answer = {"assigned_at": now.isoformat(), "answer_due_at": (now + timedelta(minutes=2)).isoformat()}
    price = {"cost_minutes": 4.2, "eta_minutes": 5.1, "reason": None, "note": "", "assigned_by": None}
    task = {"id": 1, "incident": 1, "force": force, "status": "assigned", "active": True, "version": 1}
    return task | steps | answer | price


def _placeless(body: Body) -> None:
    body["bbox"] = None
    body["levels"] = [level | {"zoom": None} for level in body["levels"]]


def _scopeless(me: Body) -> None:
    me["scope"]["bbox"] = None


def _nothing_lately(strip: Body) -> None:
    for series in ("reported", "closed"):
        strip[series] = [0 for _ in strip[series]]


def _unnamed(body: Body) -> None:
    body["items"] = []


SNAPSHOT = "**/api/snapshot*"
NO_DATA: tuple[Arrange, ...] = (
    still,
    without_lines,
    answering(SNAPSHOT, _emptied),
    answering("**/api/county", _placeless),
    answering("**/api/session", _scopeless),
    answering("**/api/replay/strip*", _nothing_lately),
    answering("**/api/divisions*", _unnamed),
    answering("**/api/cameras*", _unnamed),
)
CROWD: tuple[Arrange, ...] = (still, answering(SNAPSHOT, _crowded))
SENT: tuple[Arrange, ...] = (still, answering(SNAPSHOT, _on_errand("楼上漏水双方互不相让", "请先到楼上关总阀")))
SENT_WITH_WORDS: tuple[Arrange, ...] = (still, answering(SNAPSHOT, _on_errand(LONG * 2, LONG * 8)))
WORDY: tuple[Arrange, ...] = (still, answering(SNAPSHOT, _wordy))


async def queue(page: Page) -> None:
    await page.locator("[data-testid=queue-row]").first.wait_for()


async def opened(page: Page) -> None:
    """Open the first incident of the queue that still has candidates."""
    await queue(page)
    candidate = page.locator("[data-testid=candidate]").first
    for patience in (*[TRIED_MS] * 3, None):
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        with suppress(NotInTime):
            return await candidate.wait_for(timeout=patience)
    raise AssertionError("Nobody can be sent to any of the first incidents of the queue.")


async def sent(page: Page) -> None:
    await page.keyboard.press("d")
    await page.locator("[data-testid=incident] [role=alert]").wait_for()


async def live(page: Page) -> None:
    await page.locator("[data-testid=link-health][data-state=live]").wait_for()


async def cut(page: Page) -> None:
    await live(page)
    await page.wait_for_timeout(3000)
    await page.context.set_offline(True)


async def sign_in_refused(page: Page) -> None:
    await page.fill("[name=username]", "nobody")
    await page.fill("[name=password]", "nothing")
    await page.keyboard.press("Enter")
    await page.locator("form [role=alert]").filter(has_text="").wait_for()


def pressed(*keys: str) -> Show:
    async def show(page: Page) -> None:
        for key in keys:
            await page.keyboard.press(key)

    return show


REFUSING = refusing("**/api/incidents/*/tasks", method="POST", status=409, code="force.busy")

STATES: dict[str, State] = {
    "sign-in": State("/", None),
    "sign-in-refused": State("/", None, show=(sign_in_refused,)),
    "sign-in-away": State("/", None, (away,)),
    "hall": State("/", "operator", show=(live,)),
    "hall-incident": State("/", "operator", show=(opened,)),
    "hall-refused": State("/", "operator", (still, REFUSING), (opened, sent)),
    "hall-layers": State("/", "operator", show=(live, pressed("l"))),
    "hall-empty": State("/", "operator", NO_DATA, (live,)),
    "hall-crowd": State("/", "operator", CROWD, (queue,)),
    "hall-wordy": State("/", "operator", WORDY, (opened,)),
    "hall-cut": State("/", "operator", show=(cut,)),
    "hall-forbidden": State("/patrol", "wall"),
    "wall": State("/wall", "wall", show=(live,)),
    "wall-empty": State("/wall", "wall", NO_DATA, (live,)),
    "wall-crowd": State("/wall", "wall", CROWD, (live,)),
    "wall-cut": State("/wall", "wall", show=(cut,)),
    "patrol": State("/patrol", "patrol", show=(live,)),
    "patrol-sent": State("/patrol", "patrol", SENT, (live,)),
    "patrol-wordy": State("/patrol", "patrol", SENT_WITH_WORDS, (live,)),
    "patrol-empty": State("/patrol", "patrol", NO_DATA, (live,)),
    "patrol-cut": State("/patrol", "patrol", show=(cut,)),
}
"""By name, the screen first. Who has no right is shown what the patrol's page says to a wall's account."""
