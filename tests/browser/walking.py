"""A small place of a pack, served, and cases on their way through it: each step at the screen of whoever takes it."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, expect

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import connect, urls_of
from api.place.reading import load_pack
from geo.store import Store
from tests.browser.county import County
from tests.browser.screens import PHONE, Screen, Screens
from tests.browser.server import Server
from tests.conftest import copied
from tests.small_places import NAMES, settle_place

Json = dict[str, Any]
Filled = Mapping[str, str | Sequence[str]]
LANGUAGE = {"zh-CN": "zh", "en-GB": "en"}

SCREENS = {"clerk": "/desk", "operator": "/", "mediator": "/patrol", "interviewer": "/lists", "supervisor": "/board"}
"""The screen on which somebody works who does not work at the list of cases."""
LIST = "/cases"
CROSSED = "status of 412"
"""What a browser logs where two have moved a case at once: the second is told, and confirms again."""
RISKS = ("", "low", "medium", "high")
FIELD = ("accept", "depart", "arrive")
UNIT_CODE = re.compile(r"^$|^C\d{6}")
"""What a list shows of a unit before its name, or in its stead."""


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


@dataclass(frozen=True, slots=True)
class Step:
    """A move by its name in the place, who makes it, what is filled in, and the stage that the case then has."""

    who: str
    move: str
    stage: str
    filled: Filled = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OnSite:
    """The hall sends whom it is proposed first, and they finish on their phone; then the case has a stage."""

    stage: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The case is drawn for a follow-up or not; drawn, it is asked about by the interviewer's step."""

    step: Step


@dataclass(frozen=True, slots=True)
class OnBoard:
    """The board has the case in a row, and in a column of it: among the late ones, once its limits are over."""

    by: str
    row: str
    late: bool = False


Act = Step | OnSite | OnBoard | Drawn


@dataclass(slots=True)
class Walk:
    """One small place with its screens, each opened once and kept."""

    place: str
    county: County
    screens: Screens
    flow: Json = field(default_factory=dict)
    opened: dict[str, Screen] = field(default_factory=dict)
    title: str = ""
    incident: int = 0
    stage: str = ""

    @property
    def village(self) -> str:
        """The name of the first village, in which everything happens."""
        return NAMES[self.place][1][0][1]

    def named(self, entry: Json) -> str:
        return str(entry["names"][LANGUAGE[self.screens.locale]])

    def move_named(self, name: str) -> Json:
        return next(move for move in self.flow["moves"] if self.named(move) == name)

    async def screen(self, who: str) -> Screen:
        """The screen of a user."""
        if who not in self.opened:
            path = SCREENS.get(who, LIST)
            shape: Json = {"size": PHONE, "phone": True} if path == "/patrol" else {}
            self.opened[who] = await self.screens(path, user=who, tolerated=CROSSED, **shape)
            if path == "/":
                await self.opened[who].ready()
        return self.opened[who]

    async def take_in(self, title: str, *, risk: str) -> None:
        """Take a visit in at the desk by keys alone: Enter goes on and takes the suggested category."""
        desk = await self.screen("clerk")
        await expect(desk.find("desk")).to_be_visible()
        if await desk.find("desk-case").count():
            await desk.press("n")
        await expect(desk.page.locator("#visit-title")).to_be_focused()
        await desk.page.keyboard.type(title)
        await expect(desk.find("kinds")).to_be_visible()
        await desk.press("Enter", "Enter")
        await expect(desk.page.locator("#visit-place")).to_be_focused()
        await desk.page.keyboard.type(self.village)
        await expect(desk.page.locator("#visit-place-list [role=option]").first).to_be_visible()
        await desk.press("Enter", "Enter")
        await expect(desk.page.locator("#visit-description")).to_be_focused()
        await desk.press("Shift+Tab", *["ArrowRight"] * RISKS.index(risk), "Control+Enter")
        await expect(desk.find("desk-case")).to_be_visible()
        self.title = title
        self.incident = int(await desk.find("desk-case").get_attribute("data-incident") or 0)

    async def open_case(self, who: str) -> Screen:
        """The screen of a user with the case open on it, as it is now."""
        screen = await self.screen(who)
        case = screen.find("case", case=self.incident)
        if who == "clerk":
            await screen.press("n")
            await screen.find("recent", incident=self.incident).click()
        elif SCREENS.get(who) == "/":
            if not await case.count():
                await screen.press("Escape", "Escape", "/")
                await screen.page.keyboard.type(self.title)
                await expect(screen.find("palette-row", kind="incident")).to_have_count(1)
                await screen.press("Enter")
        else:
            if await case.count():
                await screen.find("case-back").click()
            await screen.find("cases-list", list="all").click()
            row = screen.find("case-row", case=self.incident)
            await expect(row.locator(".right")).not_to_have_text(UNIT_CODE)
            await row.click()
        await expect(case).to_be_visible()
        return screen

    async def make(self, step: Step) -> None:
        """Make a move at the screen of whoever makes it, by its form."""
        move = self.move_named(step.move)
        screen = await self.open_case(step.who)
        await begin(screen, move["code"])
        await self.write(screen, move, step.filled)
        await confirm(screen)
        await self.stands(screen, step.stage)

    async def write(self, screen: Screen, move: Json, filled: Filled) -> None:
        form = screen.find("move-form", move=move["code"])
        for one in move["form"]:
            if one["confirm"]:
                await form.locator(f"[name={one['code']}]").check()
            elif one["code"] in filled:
                await fill(form, one, filled[one["code"]])

    async def ask(self, step: Step) -> None:
        """Ask the reporter at the list of follow-ups; the desk sees what became of the case."""
        move = self.move_named(step.move)
        lists = await self.screen("interviewer")
        row = lists.find("follow-up-row", case=self.incident)
        await row.click()
        await expect(lists.find("move-form", move=move["code"])).to_be_visible()
        await self.write(lists, move, step.filled)
        await lists.press("Control+Enter")
        await expect(row).to_have_count(0)
        await self.stands(await self.open_case("clerk"), step.stage)

    async def stands(self, screen: Screen, stage: str) -> None:
        """Wait until a screen shows that the case is at a stage, in the words of the place."""
        await expect(current(screen.find("case", case=self.incident))).to_contain_text(stage)
        self.stage = stage

    async def send(self, act: OnSite) -> None:
        """The hall sends the first whom it is proposed, by keys; they do what is to be done on their phone."""
        hall = await self.open_case("operator")
        await expect(hall.find("candidate").first).to_be_visible()
        await hall.press("d")
        await expect(hall.find("task", status="assigned")).to_be_visible()
        phone = await self.screen("mediator")
        await expect(phone.find("patrol-case")).to_contain_text(self.stage)
        for step in FIELD:
            await phone.find(f"step-{step}").click()
        await phone.find("outcomes").locator("input").first.check()
        await phone.find("step-finish").click()
        await expect(phone.find("idle")).to_be_visible()
        await self.stands(hall, act.stage)

    async def let_it_be_drawn(self) -> bool:
        """Wait until it is drawn by number whether the reporter is asked, and whether they are, and let that be due."""
        while True:
            self.county.let_follow_ups_be_due()
            due = (await self.county.call("interviewer", "GET", "/api/follow-ups?list=due&limit=100"))["items"]
            if any(one["id"] == self.incident for one in due):
                return True
            case = await self.county.call("clerk", "GET", f"/api/incidents/{self.incident}/case")
            if any(move["kind"] == "archive" for move in case["moves"]):
                return False

    async def ask_if_drawn(self, drawn: Drawn) -> None:
        if await self.let_it_be_drawn():
            await self.ask(drawn.step)

    async def find_on_board(self, where: OnBoard) -> None:
        """Find the case on the board, from the figure that counts it."""
        if where.late:
            self.county.let_the_case_be_late(self.incident)
        board = await self.screen("supervisor")
        if not await board.find("board").count():
            await board.page.goto(f"{self.county.url}/board")
        await board.find("board-by", by=where.by).click()
        row = board.find("board-row").filter(has=board.page.get_by_role("rowheader", name=where.row, exact=True))
        column = "late" if where.late else "open"
        figure = row.locator(f"[data-column={column}]:not(.none)")
        await expect(figure).to_have_count(1)
        await figure.click()
        standing = {"standing": "late"} if where.late else {}
        await expect(board.find("board-case", case=self.incident, **standing)).to_be_visible()

    async def take(self, act: Act) -> None:
        """Take one step, and see at the screen of whoever took it where the case then is."""
        match act:
            case Step(who="interviewer"):
                assert await self.let_it_be_drawn()
                await self.ask(act)
            case Step():
                await self.make(act)
            case OnSite():
                await self.send(act)
            case OnBoard():
                await self.find_on_board(act)
            case Drawn():
                await self.ask_if_drawn(act)

    async def let_go(self, acts: Sequence[Act]) -> None:
        """Close the lists of those who take none of these steps: an open page takes its part of a processor."""
        needed = SCREENS.keys() | {act.who for act in acts if isinstance(act, Step)}
        for who in self.opened.keys() - needed:
            await self.opened.pop(who).page.context.close()

    async def walk(self, title: str, acts: Sequence[Act], *, risk: str) -> Screen:
        """Take a case from the door through all steps; return its page, which a supervisor opens."""
        if not self.flow:
            self.flow = await self.county.call("supervisor", "GET", "/api/flow")
        await self.take_in(title, risk=risk)
        for taken, act in enumerate(acts, start=1):
            await self.take(act)
            await self.let_go(acts[taken:])
        board = await self.screen("supervisor")
        await board.page.goto(f"{self.county.url}/case/{self.incident}")
        await expect(board.find("case-page", case=self.incident)).to_be_visible()
        return board


def current(within: Locator) -> Locator:
    """The stage that a case is in."""
    return within.locator("[data-testid=case-stages] [aria-current=step]")


async def recorded(page: Screen) -> list[str]:
    """The moves in the record of a case, by their names, from the first on."""
    heads = await page.find("timeline").locator("[data-kind='case.moved'] > time + span").all_inner_texts()
    return heads[::-1]


async def begin(screen: Screen, move: str) -> None:
    """Open the form of a move, which stands among the first or under the others."""
    button = screen.find("move", move=move)
    await expect(button).to_have_count(1)
    if not await button.is_visible():
        await screen.find("case-moves").locator("summary").click()
    await button.click()
    await expect(screen.find("move-form", move=move)).to_be_visible()


async def confirm(screen: Screen) -> None:
    """Confirm the open form by keys, and wait until the server has made the move.

    Where somebody else has moved the case just now, the form says so and waits to be confirmed once more.
    """
    gone = screen.find("case").filter(has_not=screen.find("move-form"))
    again = screen.find("move-refused", code="version.stale")
    await screen.press("Control+Enter")
    await expect(gone.or_(again)).to_be_visible()
    if await again.count():
        await screen.press("Control+Enter")
    await expect(screen.find("move-form")).to_have_count(0)
    await expect(screen.find("move-made")).to_be_visible()


async def fill(form: Locator, asked: Json, value: str | Sequence[str]) -> None:
    """Fill in one field of a move's form, as its type wants: units and posts by keys."""
    if asked["type"] in ("unit", "units", "post"):
        for words in [value] if isinstance(value, str) else value:
            await choose(form, asked["code"], words)
    elif asked["type"] in ("choice", "yes_no"):
        folded = form.locator(f"select[id$='-{asked['code']}']")
        if await folded.count():
            await folded.select_option(str(value))
        else:
            await form.locator(f"[data-field={asked['code']}] input[value='{value}']").check()
    else:
        await form.locator(f"[id$='-{asked['code']}']").fill(str(value))


async def choose(form: Locator, code: str, words: str) -> None:
    """Choose an option by keys: type, arrow down to the one that is named so, Enter."""
    box = form.locator(f"input[id$='-{code}']")
    await box.focus()
    await box.press_sequentially(words)
    options = form.locator(f"[id$='-{code}-list'] [role=option]")
    await expect(options.first).to_be_visible()
    shown = await options.locator("span").all_inner_texts()
    for _ in range(shown.index(words) if words in shown else 0):
        await box.press("ArrowDown")
    await box.press("Enter")
