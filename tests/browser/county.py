"""The small county behind a running server, as programs reach it: over HTTP, with bearer tokens."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg

from api.watch.push_service import KEY_FILE
from console.messages.sealing import PushKey
from tests.browser.server import Server
from tests.worlds import World

TIMEOUT = 60.0
numbers = itertools.count(1)

DAY_BEGUN, DAY_LEFT = timedelta(minutes=2), timedelta(minutes=1)


def until_one_day(now: datetime) -> timedelta:
    """How long it is, from a local time, until the last two minutes and the next one are of one day."""
    begun = now - datetime.combine(now, time(), now.tzinfo)
    left = timedelta(days=1) - begun
    if left < DAY_LEFT:
        return left + DAY_BEGUN
    return max(DAY_BEGUN - begun, timedelta())


class County:
    """A settled world, its server, and clients for its users."""

    def __init__(self, world: World, server: Server, superuser: psycopg.Connection) -> None:
        self.world = world
        self.server = server
        self.url = server.url
        self._superuser = superuser
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._open = AsyncExitStack()

    def client(self, username: str) -> httpx.AsyncClient:
        """A client for a user; a role's name is a user of the whole county."""
        if username not in self._clients:
            headers = {"Authorization": f"Bearer {self.world.tokens[username]}"}
            self._clients[username] = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=TIMEOUT)
            self._open.push_async_callback(self._clients[username].aclose)
        return self._clients[username]

    async def close(self) -> None:
        await self._open.aclose()

    async def call(self, username: str, method: str, path: str, **request: Any) -> Any:
        """The JSON that a user's request is answered with; fails on a refusal."""
        answer = await self.client(username).request(method, path, **request)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def now(self) -> datetime:
        """The time in the county's own zone."""
        described = await self.call("operator", "GET", "/api/county")
        return datetime.now(ZoneInfo(described["timezone"]))

    async def within_one_day(self) -> None:
        """Wait at the county's midnight, until the last two minutes and the next one are of one day."""
        await asyncio.sleep(until_one_day(await self.now()).total_seconds())

    async def report(
        self, title: str, *, east: float = 0.0, north: float = 0.0, category: str = "dispute.family", risk: str = "high"
    ) -> dict[str, Any]:
        """Report an incident over HTTP, beside the western patrol's home: `east` and `north` of it in degrees.

        Answers once the server has, with its 201.
        """
        lon, lat = self.world.middle_of(self.world.west)
        body = {
            "source": "hotline",
            "external_no": f"T{next(numbers)}",
            "category": category,
            "title": title,
            "description": f"{title}: told at length",
            "lon": lon + 0.001 + east,
            "lat": lat + 0.001 + north,
            "risk": risk,
        }
        reported: dict[str, Any] = await self.call("source", "POST", "/api/incidents", json=body)
        return reported

    async def on_duty(self, *codes: str) -> None:
        """Let the forces of these codes be on duty, and nobody else."""
        listed = await self.call("operator", "GET", "/api/forces?limit=1000")
        for force in listed["items"]:
            wanted = "on" if force["code"] in codes else "off"
            if force["duty"] != wanted:
                headers = {"If-Match": f'"{force["version"]}"'}
                path = f"/api/forces/{force['id']}"
                await self.call("operator", "PATCH", path, json={"duty": wanted}, headers=headers)

    async def clear(self) -> None:
        """Recall every force and close every incident, so that the next test begins with an empty queue."""
        tasks = await self.call("operator", "GET", "/api/tasks?limit=1000")
        for task in tasks["items"]:
            if task["active"]:
                await self.call("operator", "POST", f"/api/tasks/{task['id']}/recall")
        incidents = await self.call("operator", "GET", "/api/incidents?limit=1000")
        for incident in incidents["items"]:
            if incident["status"] != "closed":
                path = f"/api/incidents/{incident['id']}"
                if (await self.call("operator", "GET", f"{path}/case"))["stage"] == "feedback":
                    await self.call("operator", "POST", f"{path}/moves", json={"move": "rework", "reason": "cleared"})
                await self.call("operator", "POST", f"{path}/close", json={"note": "cleared"})

    async def stand(self, code: str, lon: float, lat: float, *, seconds_ago: float = 0) -> None:
        """Let a force report a position."""
        at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
        fix = {"force": self.world.forces[code], "at": at.isoformat(), "lon": lon, "lat": lat, "accuracy_m": 5}
        answer = await self.call("gateway", "POST", "/api/positions", json={"fixes": [fix]})
        assert answer["ok"] == 1, answer

    def give_telephone(self, force: int, number: str) -> None:
        self._superuser.execute("UPDATE forces SET telephone = %s WHERE id = %s", [number, force])

    def proof_of_last_notice(self) -> str:
        """The token that the last notice to a phone holds."""
        [(message,)] = self._superuser.execute(
            "SELECT max(id) FROM task_messages WHERE subscription_id IS NOT NULL"
        ).fetchall()
        return PushKey.read((self.server.log.parent / KEY_FILE).read_bytes()).token_of(message)

    def looks(self) -> list[str]:
        """What personal data was looked at, in order."""
        return [row[0] for row in self._superuser.execute("SELECT subject FROM looks ORDER BY id").fetchall()]

    def let_the_case_be_late(self, incident: int) -> None:
        """Let the running clocks of a case be past their due times by two hours."""
        late = (
            "UPDATE clocks SET due_at = now() - interval '2 hours', warn_at = now() - interval '3 hours' "
            "WHERE incident_id = %s AND stopped_at IS NULL"
        )
        self._superuser.execute(late, [incident])

    def keep_ranking(self, task: int, forces: Sequence[int], **minutes: Sequence[float]) -> None:
        """Keep a ranking with a task, as if its force had been chosen from it: forces, and minutes of each reason."""
        kept = {"forces": [*forces], "stale": [False] * len(forces), "minutes": minutes}
        self._superuser.execute("UPDATE tasks SET ranking = %s WHERE id = %s", [json.dumps(kept), task])

    def keep_week(self, week_end: date, *warnings: tuple[str, str, int, bool], cell: int) -> None:
        """Keep a judged week: warnings as category, division, count and whether told; a kind left out, and a cluster
        about a cell.
        """
        left_out = [{"category": "dispute.land", "reason": "past_too_short", "params": {"weeks": 20, "needed": 54}}]
        self._superuser.execute(
            "INSERT INTO judged_weeks VALUES (%s, now(), 40, 52, %s, %s)",
            [week_end, json.dumps(left_out), self.world.root],
        )
        for category, path, count, told in warnings:
            self._superuser.execute(
                "INSERT INTO early_warnings (week_end, category, division_path, weeks, count, expected, told_from, q, "
                "told, version) VALUES (%s, %s, %s, 1, %s, 1.2, 6, 0.0002, %s, 1)",
                [week_end, category, path, count, told],
            )
        self._superuser.execute(
            "INSERT INTO space_time_clusters (week_end, category, cells, radius_m, days, count, expected, p, "
            "division_path) VALUES (%s, NULL, %s, 900, 14, 12, 4.1, 0.004, %s)",
            [week_end, [cell], self.world.root],
        )

    def let_follow_ups_be_due(self) -> None:
        """Make the draws of ended cases, and the follow-ups of those that were drawn, due now."""
        self._superuser.execute(
            "UPDATE deadlines SET due_at = now() WHERE kind = 'follow_up.draw' AND fired_at IS NULL"
        )
        self._superuser.execute("UPDATE case_follow_ups SET due_at = now() WHERE due_at IS NOT NULL")

    def let_the_answer_be_late(self, incident: int) -> None:
        """Make the answer to the incident's active tasks due now: on the task, and in the deadlines that are swept."""
        due = (
            "UPDATE tasks SET answer_due_at = now() WHERE incident_id = %s AND active RETURNING id",
            "UPDATE deadlines SET due_at = now() WHERE kind = 'task.answer' AND subject_id = %s",
        )
        for (task,) in self._superuser.execute(due[0], [incident]).fetchall():
            self._superuser.execute(due[1], [task])
