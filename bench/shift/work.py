"""The work of a shift, one task after the other. Each begins and ends with nothing open."""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from bench.shift.hands import Hands

Look = Callable[[str], Awaitable[None]]
"""Offers a moment, by its name, to the film."""

MARKET = (120.638, 31.159)
APART = 0.004
"""Degrees between the places of calls, so that they are no duplicates of each other."""
ACROSS = 8


def places() -> Iterator[tuple[float, float]]:
    """Places of calls around the market, row by row."""
    for number in itertools.count():
        row, column = divmod(number, ACROSS)
        yield MARKET[0] + APART * column, MARKET[1] + APART * (row % ACROSS)


@dataclass
class Work:
    """An operator's tasks. `done` counts what was carried through."""

    hands: Hands
    phone: Hands
    team: str
    look: Look
    done: dict[str, int] = field(default_factory=dict)
    places: Iterator[tuple[float, float]] = field(default_factory=places)
    calls: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1

    @property
    def tasks(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """A round of work."""
        return (
            self.serve_the_next,
            self.take_a_call_and_write,
            self.merge_and_part,
            self.send_two,
            self.send_after_a_decline,
            self.recall,
            self.close_without_sending,
            self.filter_the_queue,
            self.find_by_the_palette,
            self.answer_an_alarm,
            self.look_back,
        )

    async def call(self, title: str, *, at: tuple[float, float] | None = None) -> int:
        """Take a call about a quarrel between neighbours; the new incident is open then."""
        hands, (lon, lat) = self.hands, at or next(self.places)
        await hands.press("n")
        await hands.seen(hands.find("new-incident"))
        await hands.write("邻里")
        await hands.press("Enter", "Tab")
        await hands.write(title)
        await hands.press("Tab")
        await hands.write("菜场东门")
        await hands.click_map(lon, lat)
        await hands.seen(hands.find("map-pin"))
        await self.look("new incident")
        await hands.page.locator("#description").fill("来电人称双方互不相让")
        await hands.press("Control+Enter")
        await hands.seen(hands.find("new-incident"), n=0)
        await hands.says(hands.page.locator("#incident-title"), title)
        await hands.seen(hands.find("candidate"))
        self.count("calls taken")
        return await hands.opened()

    def title(self) -> str:
        return f"楼道堆物引发口角 第{next(self.calls)}件"

    async def serve_the_next(self) -> None:
        """The first of the queue gets the first candidate, in three keys."""
        hands = self.hands
        await hands.press("j", "Enter")
        await hands.seen(hands.find("candidate"))
        await self.look("candidates")
        await hands.press("d")
        await hands.seen(hands.find("task"))
        self.count("sent one")
        await hands.back()

    async def take_a_call_and_write(self) -> None:
        """A call is taken, its title mended, a note written, and the first candidate sent."""
        hands, title = self.hands, self.title()
        await self.call(title)
        await hands.press("e")
        await hands.page.locator("#edit-title").fill(f"{title}（更正）")
        await self.look("edit")
        await hands.press("Control+Enter")
        await hands.seen(hands.find("edit-form"), n=0)
        await hands.says(hands.page.locator("#incident-title"), "更正")
        self.count("edited")
        await hands.press("b")
        await hands.write("来电人又打来一次")
        await hands.press("Control+Enter")
        await hands.seen(hands.find("note-form"), n=0)
        await hands.says(hands.find("timeline").locator("li"), "来电人又打来一次")
        self.count("noted")
        await hands.press("1", "d")
        await hands.seen(hands.find("task"))
        await self.look("record")
        self.count("sent one")
        await hands.back()

    async def merge_and_part(self) -> None:
        """Two calls about one thing are merged and taken apart again."""
        hands, place = self.hands, next(self.places)
        await self.call(self.title(), at=place)
        await hands.back()
        title = self.title()
        second = await self.call(title, at=place)
        doubted = hands.find("duplicate").first  # An older one than `first` if there is one about the same place.
        await hands.seen(doubted)
        into = int(str(await doubted.get_attribute("data-incident")))
        await doubted.get_by_test_id("merge").click()
        await hands.seen(hands.find("incident", incident=into))
        await hands.says(hands.find("merged"), title)
        await self.look("merged")
        self.count("merged")
        await hands.find("merged").get_by_role("button", name=title).click()
        await hands.seen(hands.find("incident", incident=second))
        await hands.find("unmerge").click()
        await hands.seen(hands.find("incident", incident=second, status="registered"))
        self.count("taken apart")
        await hands.back()

    async def send_two(self) -> None:
        """Two go in one press: the first leads, the other supports; the second by the role's key observes."""
        hands = self.hands
        await self.call(self.title())
        await hands.press("Shift+Digit2")
        await hands.seen(hands.find("marked").locator("li"), n=2)
        await hands.press("r")
        await self.look("two marked")
        await hands.press("d")
        await hands.seen(hands.find("task"), n=2)
        self.count("sent in twos")
        await hands.back()

    async def send_after_a_decline(self) -> None:
        """The phone's team declines; the alarm leads back, and the next one is sent."""
        hands, phone = self.hands, self.phone
        await phone.seen(phone.find("idle"))
        incident = await self.call(self.title())
        await hands.find("find-force").fill(self.team)
        await hands.seen(hands.find("candidate"), n=1)
        await hands.press("Enter")
        await hands.says(hands.find("candidate").and_(hands.page.locator("[aria-pressed=true]")), self.team)
        await hands.press("d")
        await hands.seen(hands.find("task"))
        await hands.back()
        await phone.find("step-decline").tap()
        await phone.find("decline-too_far").tap()
        await phone.seen(phone.find("idle"))
        alert = hands.find("alert", kind="declined")
        await hands.says(alert, "")
        await self.look("declined")
        await self.open_from(incident)
        await hands.seen(hands.find("candidate"))
        await hands.press("1", "d")
        await hands.seen(hands.find("task"))
        self.count("sent after a decline")
        await hands.back()

    async def open_from(self, incident: int) -> None:
        """Open an incident by its case code in the palette."""
        hands = self.hands
        code = (await hands.ask(f"/api/incidents/{incident}"))["case_code"]
        await hands.press("Control+k")
        await hands.find("palette").locator("[role=combobox]").fill(code)
        await hands.says(hands.find("palette-row"), code)
        await self.look("palette")
        await hands.press("Enter")
        await hands.seen(hands.find("incident", incident=incident))

    async def recall(self) -> None:
        """One who was sent is recalled with a reason, and the record says it."""
        hands = self.hands
        await self.call(self.title())
        await hands.press("d")
        await hands.seen(hands.find("task"))
        await hands.find("task").first.get_by_test_id("recall").click()
        form = hands.find("recall-form")
        await form.locator("input[value=not_needed]").check()
        await form.locator(".note").fill("双方已自行和好")
        await self.look("recall")
        await hands.find("recall-confirm").click()
        await hands.seen(hands.find("task"), n=0)
        await hands.says(hands.find("timeline").locator('[data-kind="task.recalled"]'), "双方已自行和好")
        self.count("recalled")
        await hands.back()

    async def close_without_sending(self) -> None:
        hands = self.hands
        await self.call(self.title())
        await hands.page.get_by_role("button", name="直接办结").click()
        await hands.find("incident").locator("form textarea").last.fill("电话中已说清")
        await self.look("closing")
        await hands.find("close-confirm").click()
        await hands.seen(hands.find("incident", status="closed"))
        self.count("closed")
        await hands.back()

    async def filter_the_queue(self) -> None:
        """The queue of one town, by age; then all of it again."""
        hands = self.hands
        await hands.press("f")
        area = hands.find("filter", field="area")
        await hands.seen(area)
        if await area.locator("option").count() > 1:
            await area.select_option(index=1)
        await hands.find("sort").select_option("newest")
        await hands.seen(hands.find("in-force"))
        await self.look("filters")
        await hands.page.evaluate("() => document.activeElement?.blur()")
        await hands.press("0")
        await hands.find("sort").select_option("urgency")
        await hands.seen(hands.find("in-force"), n=0)
        await hands.page.evaluate("() => document.activeElement?.blur()")
        await hands.press("f")
        await hands.seen(area, n=0)
        self.count("filtered")

    async def find_by_the_palette(self) -> None:
        """A served incident is found by its code, looked at and left."""
        hands = self.hands
        served = (await hands.ask("/api/incidents", status="under_way", limit=1))["items"]
        if not served:
            return
        await self.open_from(int(served[0]["id"]))
        self.count("found")
        await hands.back()

    async def answer_an_alarm(self) -> None:
        """The next alarm, if there is one: opened by a key, served, or acknowledged."""
        hands = self.hands
        if not await hands.find("alert").count():
            return
        await hands.press("a")
        await hands.seen(hands.find("incident"))
        await self.look("alarm")
        self.count("alarms opened")
        await hands.back()

    async def look_back(self) -> None:
        """The last hours are played, faster, stepped, and left."""
        hands = self.hands
        await hands.press("v")
        await hands.seen(hands.find("replay-banner"))
        await hands.press("+", "+")
        await hands.page.wait_for_timeout(4_000)
        await hands.press("v", ",", ",", ".")
        await self.look("replay")
        await hands.find("replay-controls").get_by_role("button", name="返回实时").click()
        await hands.seen(hands.find("replay-banner"), n=0)
        await hands.seen(hands.find("link-health", state="live"))
        self.count("replayed")
        await hands.back()
