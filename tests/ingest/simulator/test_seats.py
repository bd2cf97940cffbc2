"""Simulated operators, against a fake server."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from ingest.simulator.desk import roles_for
from ingest.simulator.feed_state import FeedState
from ingest.simulator.seats import Desk
from ingest.simulator.server_client import ServerClient

SEED = 7
ALONE = next(i for i in range(100) if len(roles_for(i, seed=SEED)) == 1)
SUPPORTED = next(i for i in range(100) if len(roles_for(i, seed=SEED)) == 2)


async def served(
    incident: int,
    refusals: dict[int, str],
    *,
    manual_forces: frozenset[int] = frozenset(),
    opened_by: Sequence[str] = (),
) -> list[Any]:
    """Serve an incident; return the requested (force, role) of candidates 1 to 4, some refused with a code."""
    asked: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(
                200, json={"candidates": [{"force": f} for f in (1, 2, 3, 4)], "opened_by": opened_by}
            )
        body = httpx.Response(200, content=request.content).json()
        asked.append((body["force"], body["role"]))
        code = refusals.get(body["force"])
        return httpx.Response(409, json={"code": code}) if code else httpx.Response(201, json={"id": body["force"]})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://x") as client:
        await Desk(ServerClient(client, "token"), FeedState(), seats=1, seed=SEED, manual_forces=manual_forces)._serve(
            incident
        )
    return asked


async def test_the_best_candidate_is_sent_to_lead() -> None:
    assert await served(ALONE, {}) == [(1, "lead")]


async def test_the_next_candidate_is_sent_as_support_where_one_is_drawn() -> None:
    assert await served(SUPPORTED, {}) == [(1, "lead"), (2, "support")]


async def test_a_busy_candidate_is_skipped_in_either_role() -> None:
    refusals = {1: "force.busy", 3: "force.off_duty"}
    assert await served(SUPPORTED, refusals) == [(1, "lead"), (2, "lead"), (3, "support"), (4, "support")]


async def test_manual_forces_are_never_assigned() -> None:
    assert await served(ALONE, {}, manual_forces=frozenset({1, 2})) == [(3, "lead")]


@pytest.mark.parametrize("code", ["task.lead_taken", "incident.transition"])
async def test_an_incident_that_another_operator_took_is_left_alone(code: str) -> None:
    assert await served(SUPPORTED, {1: code}) == [(1, "lead")]


async def test_an_incident_that_a_person_has_open_is_left_alone() -> None:
    assert await served(ALONE, {}, opened_by=["operator"]) == []


def test_an_incident_that_the_simulator_has_not_reported_is_left_alone() -> None:
    state = FeedState()
    for number, external_no in enumerate([None, "", "95-001", "6745c9a1-20260302-0012", "6745c9a1-20260302-0012-2"]):
        state.incidents[number] = {
            "id": number,
            "status": "registered",
            "risk": "high",
            "external_no": external_no,
            "registered_at": "2026-03-02T02:00:00Z",
        }
    desk = Desk(ServerClient(httpx.AsyncClient(), "token"), state, seats=1, risks=["low", "high"])
    assert [(waiting.incident, waiting.rank) for waiting in desk.queue()] == [(3, 1), (4, 1)]
