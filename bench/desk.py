"""A day at the front desk: how long a visitor takes, and whether anything is lost when the server is killed.

Usage: python -m bench.desk [--visits 60] [--pace 300] [--place lushui]. Needs PostgreSQL with PostGIS, Chromium and the
built front end. A clerk takes visitors in and routes their cases by keys alone, `pace` milliseconds from key to key: a
quick hand at pinyin. The server is killed twice, once while a visit is registered and once while a case is routed.
"""

import argparse
import asyncio
from statistics import median

from playwright.async_api import async_playwright

from bench.stage import Stage, machine, staged
from tests.browser.chromium import launched
from tests.browser.desk_day import Day, kills_of, visits
from tests.browser.screens import Screens
from tests.browser.walking import Walk, served_place

REACH_SECONDS = 60
ROUTE = {"wujiang": "dispatch"}
LOCALE = "zh-CN"
PROVOKED = r"net::ERR_|WebSocket connection"


async def day(stage: Stage, *, place: str, number: int, pace: float) -> None:
    """Work a day in the small place of a pack, and print its figures."""
    said = visits(number)
    async with (
        served_place(stage.cluster, stage.database, stage.folder, place) as county,
        async_playwright() as playwright,
    ):
        browser = await launched(playwright)
        walk = Walk(place, county, Screens(browser, county, LOCALE, {}))
        desk = await walk.screens("/desk", user="clerk", tolerated=PROVOKED)
        route = ROUTE.get(place, "route")
        work = Day(desk, county.server, walk.village, route, pace=pace, kills=dict(kills_of(number)))
        await work.work(said)
        await work.route_what_waits()
        registered = [one["title"] for one in (await county.call("clerk", "GET", "/api/incidents?limit=1000"))["items"]]
        cases = (await county.call("clerk", "GET", "/api/cases?limit=1000"))["items"]
        faults = await walk.screens.close()
        await browser.close()
    took = sorted(work.took)
    lost = len({*said} - {*registered})
    twice = len(registered) - len({*registered})
    routed = sum(case["offered_to"] is not None for case in cases)
    say(f"desk, {number} visitors, {pace:.0f} ms from key to key, two kills; {machine()}")
    longest = took[-1]
    say(f"  a visitor: median {median(took):.1f} s, longest {longest:.1f} s: {longest / REACH_SECONDS:.2f} of reach")
    say(f"  lost {lost}, registered twice {twice}, routed {routed} of {number}, faults {len(faults)}")


def say(line: str) -> None:
    print(line)  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description="Work a day at the front desk by keys.")
    parser.add_argument("--visits", type=int, default=60)
    parser.add_argument("--pace", type=float, default=300, metavar="MS")
    parser.add_argument("--place", default="lushui")
    asked = parser.parse_args()
    with staged() as stage:
        asyncio.run(day(stage, place=asked.place, number=asked.visits, pace=asked.pace))


if __name__ == "__main__":
    main()
