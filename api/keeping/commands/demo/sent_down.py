"""People of the upper centre who have gone down 下沉 to centres below it, in evenings of the last days."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from ingest.simulator.server_client import ServerClient

DAYS_AGO = (6, 4, 3, 2)
BEGIN, HOURS = time(18), timedelta(hours=2, minutes=30)


async def send_people_down(
    operator: ServerClient, planner: ServerClient, *, levels: Sequence[str], now: datetime, zone: ZoneInfo
) -> int:
    """Put people of the highest centre on the roster of the centres just below it; return how many shifts there are.

    `levels`: of these centres, the lower one first. Whoever has a shift at that time already stays where they are.
    """
    lower, upper = [await _centres(operator, level) for level in levels]
    people = [person for centre in upper for person in await _people(operator, centre)]
    sent = 0
    for ago, centre, person in _stays(lower, people):
        begin = datetime.combine(_day(now, zone, ago), BEGIN, zone)
        body = {
            "who": {"kind": "person", "id": person},
            "unit": centre,
            "attendance": "rotating",
            "starts_at": begin.isoformat(),
            "ends_at": (begin + HOURS).isoformat(),
        }
        shift = uuid5(NAMESPACE_URL, f"roster:demo:down:{person}:{begin.isoformat()}")
        answer = await planner.send("PUT", f"/api/rosters/shifts/{shift}", json=body)
        sent += answer.status_code == HTTPStatus.CREATED
    return sent


async def _centres(operator: ServerClient, level: str) -> list[str]:
    """Return the codes of the centres of a level at which somebody works on cases."""
    found = await operator.read("/api/units", {"level": level, "limit": 1000})
    return [one["code"] for one in found["items"] if one["centre"] and one["accepts"]]


async def _people(operator: ServerClient, unit: str) -> list[int]:
    found: dict[str, Any] = await operator.read(f"/api/units/{unit}")
    return [*dict.fromkeys(post["person_id"] for post in found["posts"] or ())]


def _stays(centres: list[str], people: list[int]) -> Iterator[tuple[int, str, int]]:
    """Yield each day with two people and where they go, all in turn."""
    for i in range(2 * len(DAYS_AGO) if centres and people else 0):
        yield DAYS_AGO[i // 2], centres[i // 2 % len(centres)], people[i % len(people)]


def _day(now: datetime, zone: ZoneInfo, ago: int) -> date:
    return now.astimezone(zone).date() - timedelta(days=ago)
