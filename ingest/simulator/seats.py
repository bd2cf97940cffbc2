"""Simulated operators: they send forces to a share of the incidents, by the same requests as the hall's screen.

They leave alone what the simulator has not reported itself, and what another operator has open.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import numpy as np

from ingest.county.people import names
from ingest.simulator.desk import Waiting, incidents_to_serve, roles_for
from ingest.simulator.feed_state import FeedState
from ingest.simulator.reports import is_simulated
from ingest.simulator.server_client import ServerClient

EVERY_S = 2.0
CANDIDATES = 5
RECALL_AFTER = timedelta(seconds=20)
LEADERS_POST = "值班副主任"
UNAVAILABLE = frozenset({"force.busy", "force.off_duty", "force.on_leave"})
"""Error codes after which the next candidate is tried."""


class Desk:
    """All simulated operators together. `_sent` has the tasks they assigned: they recall no others."""

    def __init__(
        self,
        server: ServerClient,
        state: FeedState,
        *,
        seats: int,
        seed: int = 0,
        manual_forces: frozenset[int] = frozenset(),
        risks: Sequence[str] = (),
    ) -> None:
        """`risks`: the pack's, the gravest last."""
        self._server, self._state, self._seats, self._seed = server, state, seats, seed
        self._manual_forces = manual_forces
        self._ranks = {risk: place for place, risk in enumerate(risks)}
        self._sent: set[int] = set()

    async def work(self) -> None:
        """Name who leads the duty, then serve the queue and recall unanswered tasks, without end."""
        await self._name_leader()
        while True:
            now = datetime.now(UTC)
            for incident in incidents_to_serve(self.queue(), now=now, seats=self._seats):
                await self._serve(incident)
            for task in self._unanswered(now):
                await self._server.send("POST", f"/api/tasks/{task}/recall", json={"reason": "unanswered"})
                self._sent.discard(task)
            await asyncio.sleep(EVERY_S)

    async def _name_leader(self) -> None:
        """Say who leads the duty, where nobody has said so."""
        wall = await self._server.send("GET", "/api/wall")
        if wall.is_error or wall.json()["leader"]:
            return
        body = {"name": next(names(np.random.default_rng(self._seed))), "post": LEADERS_POST}
        await self._server.send("PUT", "/api/duty-leader", json=body)

    def queue(self) -> list[Waiting]:
        """List the simulator's own incidents that wait."""
        return [
            Waiting(i["id"], datetime.fromisoformat(i["registered_at"]), self._ranks.get(i["risk"], 0))
            for i in self._state.unassigned()
            if is_simulated(i)
        ]

    async def _serve(self, incident: int) -> None:
        """Send the best free candidates, one for each role."""
        answer = await self._server.send("GET", f"/api/incidents/{incident}/candidates", params={"limit": CANDIDATES})
        if answer.is_error or answer.json().get("opened_by"):
            return
        forces = iter([c["force"] for c in answer.json()["candidates"] if c["force"] not in self._manual_forces])
        for role in roles_for(incident, seed=self._seed):
            if not await self._send_first(incident, role, forces):
                return

    async def _send_first(self, incident: int, role: str, forces: Iterator[int]) -> bool:
        """Send the first available force. Return False when none is, or another operator has the incident by now."""
        for force in forces:
            body = {"force": force, "role": role}
            sent = await self._server.send("POST", f"/api/incidents/{incident}/tasks", json=body)
            if sent.status_code == HTTPStatus.CREATED:
                self._sent.add(sent.json()["id"])
                return True
            if sent.is_error and sent.json().get("code") not in UNAVAILABLE:
                return False
        return False

    def _unanswered(self, now: datetime) -> list[int]:
        """Return own tasks that a force has left unanswered for `RECALL_AFTER` past their deadline."""
        silent = [task for i in self._sent if (task := self._state.tasks.get(i)) and task["status"] == "assigned"]
        return [task["id"] for task in silent if now - datetime.fromisoformat(task["answer_due_at"]) > RECALL_AFTER]
