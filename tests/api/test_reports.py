"""The door that reports come in by: what it takes, what it answers, what it refuses and why."""

import asyncio
import re
from typing import Any

import orjson
import pytest

from console.incidents.codes import is_case_code
from geo.datum import Datum, from_wgs84
from tests.worlds import EAST, LAT, LON, NOW, WEST, ClientAs, Clock, World

Json = dict[str, Any]


def report_of(world: World, *, at: str = WEST, **changes: Any) -> Json:
    """A good report in the first micro-grid of a division."""
    lon, lat = world.middle_of(world.micro_grids(at)[0])
    good = {"source": "hotline", "category": "dispute.neighbour", "title": "Noise at night", "lon": lon, "lat": lat}
    return {**good, **changes}


async def test_a_report_becomes_an_incident_with_all_that_follows(client_as: ClientAs, world: World) -> None:
    body = report_of(world, external_no="A-1", description="Every night")
    answer = await client_as("source").post("/api/incidents", json=body)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    path = world.micro_grids(WEST)[0]
    assert is_case_code(told["case_code"]) and told["case_code"].startswith("WJ260302")
    assert told["division_path"] == path
    assert (told["division"], told["grid"]) == (path.split(".")[2], path.split(".")[3])
    assert (told["risk"], told["level"], told["status"]) == ("low", "village", "registered")
    assert told["first_due_at"] == "2026-03-02T04:00:00Z"
    assert re.fullmatch(r"8a[0-9a-f]{13}", told["cell"])
    assert told["occurred_at"] == told["registered_at"] == "2026-03-02T02:00:00Z"
    assert answer.headers["location"] == f"/api/incidents/{told['id']}" and answer.headers["etag"] == '"1"'
    read = await client_as("operator").get(answer.headers["location"])
    assert read.json() == told and read.headers["etag"] == '"1"'
