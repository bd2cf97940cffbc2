"""A case on its way through a small place: moves over HTTP by the right person, and what its screens are to do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import connect, urls_of
from api.place.reading import load_pack
from geo.store import Store
from tests.browser.county import County
from tests.browser.screens import Screen, Screens
from tests.browser.server import Server
from tests.conftest import copied
from tests.small_places import NAMES, PATROL, settle_place
from tests.worlds import LAT, LON, PASSWORD, SIDE

Json = dict[str, Any]
ROUTED = {"within_scope": True, "party_known": True}
SATISFIED = {"way": "phone", "reached": True, "result": "satisfied"}


@asynccontextmanager
async def served_place(cluster: Cluster, template: str, folder: Path, place: str) -> AsyncIterator[County]:
    """The small place of a pack, served as long as the block."""
    with copied(cluster, template) as name, connect(cluster.socket, name) as superuser:
        urls = urls_of(cluster.socket, name)
        store = Store(urls.app, pool_size=1)
        world = await settle_place(store, load_pack(place), now=datetime.now(UTC))
        await store.close()
        server = Server(urls, folder, place=place)
        await server.start()
        county = County(world, server, superuser)
        yield county
        await county.close()
        await server.stop()


@dataclass(slots=True)
class Walk:
    """One small place with its screens."""

    place: str
    county: County
    screens: Screens

    @property
    def village(self) -> str:
        """The name of the first village, in which everything happens."""
        return NAMES[self.place][1][0][1]

    async def register(self, user: str, title: str, *, category: str, risk: str, source: str = "window") -> int:
        """Register an incident in the first village over HTTP, and return its id."""
        where = {"lon": LON + 2 * SIDE, "lat": LAT + SIDE, "source": source}
        body = where | {"category": category, "title": title, "risk": risk}
        made = await self.county.call(user, "POST", "/api/incidents", json=body)
        return int(made["id"])

    async def case(self, user: str, incident: int) -> Json:
        found: Json = await self.county.call(user, "GET", f"/api/incidents/{incident}/case")
        return found

    async def move(self, user: str, incident: int, move: str, **form: Any) -> Json:
        """Make a move as a user, and return the case."""
        tag = {"If-Match": f'"{(await self.case(user, incident))["version"]}"'}
        path = f"/api/incidents/{incident}/moves"
        body = {"move": move, **form}
        moved: Json = await self.county.call(user, "POST", path, json=body, headers=tag)
        return moved

    async def send_patrol(self, user: str, incident: int) -> int:
        """Send the patrol to an incident, and return its task."""
        body = {"force": self.county.world.forces[PATROL], "role": "support"}
        return int((await self.county.call(user, "POST", f"/api/incidents/{incident}/tasks", json=body))["id"])

    async def desk(self) -> Screen:
        desk = await self.screens("/desk", user="clerk")
        await expect(desk.find("desk")).to_be_visible()
        return desk

    async def cases(self, user: str, incident: int, screen: Screen | None = None) -> Screen:
        """The screen of those who work on cases, with one of them open; `screen` is taken over from the last user."""
        path = f"/cases?case={incident}"
        if screen is None:
            screen = await self.screens(path, user=user)
        else:
            await screen.page.goto("about:blank")  # Nobody asks with the session that ends.
            body = {"username": user, "password": PASSWORD}
            answer = await screen.page.context.request.post(f"{self.county.url}/api/session", data=body)
            assert answer.ok, await answer.text()
            await screen.page.goto(f"{self.county.url}{path}")
        await expect(screen.find("case", case=incident)).to_be_visible()
        return screen


async def take_in(desk: Screen, title: str, where: str) -> int:
    """Take a visit in by keys alone: Enter goes on and takes the suggested category; return the incident."""
    await expect(desk.page.locator("#visit-title")).to_be_focused()
    await desk.page.keyboard.type(title)
    await expect(desk.find("kinds")).to_be_visible()
    await desk.press("Enter")
    await expect(desk.page.locator("#visit-category")).to_be_focused()
    await desk.press("Enter")
    await expect(desk.page.locator("#visit-place")).to_be_focused()
    await desk.page.keyboard.type(where)
    await expect(desk.page.locator("#visit-place-list [role=option]").first).to_be_visible()
    await desk.press("Enter", "Control+Enter")
    await expect(desk.find("desk-case")).to_be_visible()
    return int(await desk.find("desk-case").get_attribute("data-incident") or 0)
