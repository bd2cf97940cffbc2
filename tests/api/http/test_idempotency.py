"""A write with a key is executed once, however often and fast it is sent."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from console.access.actions import delete_old_keys
from console.access.tables import IdempotencyKey
from geo.store import Reach, Store
from tests.worlds import NOW, ROOT, WEST, ClientAs, Clock, World

Json = dict[str, Any]
KEY = {"Idempotency-Key": "0190d1c0-3f6e-7cc2-a3a4-1d3f5a8d2b11"}


def report_of(world: World, **changes: Any) -> Json:
    lon, lat = world.middle_of(world.micro_grids(WEST)[0])
    return {"source": "hotline", "category": "dispute.neighbour", "title": "Noise", "lon": lon, "lat": lat, **changes}


async def count(client_as: ClientAs) -> int:
    return len((await client_as("operator").get("/api/incidents")).json()["items"])


async def test_a_retried_write_gets_the_first_response_and_is_not_repeated(client_as: ClientAs, world: World) -> None:
    body, source = report_of(world), client_as("source")
    first = await source.post("/api/incidents", json=body, headers=KEY)
    again = await source.post("/api/incidents", json=body, headers=KEY)
    assert (again.status_code, again.content) == (201, first.content)
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-repeated" not in first.headers and again.headers["idempotency-repeated"] == "true"
    assert await count(client_as) == 1


async def test_sixteen_simultaneous_requests_with_one_key_write_once_and_get_equal_responses(
    client_as: ClientAs, world: World
) -> None:
    body, source = report_of(world), client_as("source")
    answers = await asyncio.gather(*(source.post("/api/incidents", json=body, headers=KEY) for _ in range(16)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum("idempotency-repeated" not in answer.headers for answer in answers) == 1
    assert await count(client_as) == 1


async def test_a_key_for_another_request_is_refused(client_as: ClientAs, world: World) -> None:
    source = client_as("source")
    await source.post("/api/incidents", json=report_of(world), headers=KEY)
    for path, body in (
        ("/api/incidents", report_of(world, title="Other")),
        ("/api/incidents?x=1", report_of(world)),
        ("/api/incidents/batch", report_of(world)),
    ):
        answer = await source.post(path, json=body, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency.mismatch")
    assert await count(client_as) == 1


async def test_a_key_is_for_what_a_request_means_not_for_how_it_is_written(client_as: ClientAs, world: World) -> None:
    source, body = client_as("source"), report_of(world, description=None)
    first = await source.post("/api/incidents", json=body, headers=KEY)
    turned = json.dumps(dict(reversed(body.items())), indent=2)
    json_type = {"Content-Type": "application/json"}
    again = await source.post("/api/incidents", content=turned, headers=KEY | json_type)
    assert (again.status_code, again.content) == (201, first.content)
    assert await count(client_as) == 1


async def test_two_users_can_use_the_same_key(client_as: ClientAs, world: World) -> None:
    for who in ("source", "clerk"):
        body = report_of(world, source="window")
        answer = await client_as(who).post("/api/incidents", json=body, headers=KEY)
        assert "idempotency-repeated" not in answer.headers
    assert await count(client_as) == 2


async def test_a_refused_write_leaves_its_key_free(client_as: ClientAs, world: World) -> None:
    source = client_as("source")
    refused = await source.post("/api/incidents", json=report_of(world, lon=0), headers=KEY)
    assert refused.status_code == 422
    corrected = await source.post("/api/incidents", json=report_of(world), headers=KEY)
    assert corrected.status_code == 201 and "idempotency-repeated" not in corrected.headers


async def test_an_invalid_key_is_refused(client_as: ClientAs, world: World) -> None:
    for key in ("", "two words", "x" * 201):
        headers = {"Idempotency-Key": key}
        answer = await client_as("source").post("/api/incidents", json=report_of(world), headers=headers)
        assert answer.json()["params"] == {"errors": [{"field": "Idempotency-Key", "code": "format"}]}


async def test_old_keys_are_deleted(client_as: ClientAs, world: World, store: Store, clock: Clock) -> None:
    await client_as("source").post("/api/incidents", json=report_of(world), headers=KEY)
    clock.turn(hours=25)
    await client_as("source").post("/api/incidents", json=report_of(world), headers={"Idempotency-Key": "later"})
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert await delete_old_keys(session, before=NOW + timedelta(hours=1)) == 1
        assert await session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1
