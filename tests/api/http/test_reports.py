"""Reports of incidents over HTTP: accepted, repeated and refused ones."""

import asyncio
import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

from api.http.errors import TooLarge
from api.http.routers.reports import lines_of as lines_of_array
from console.access.actions import set_sources
from console.incidents.codes import is_case_code
from console.incidents.tables import Incident
from geo.datum import Datum, from_wgs84
from geo.store import Reach, Store
from ingest.reports.batch import MOST_LINES
from layers.hotspots.actions import count_incidents
from layers.hotspots.rules import CountedIncident
from tests.api.keeping.test_partitions import someone_waits
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
    found = answer.json()
    path = world.micro_grids(WEST)[0]
    assert is_case_code(found["case_code"]) and found["case_code"].startswith("WJ260302")
    assert found["division_path"] == path
    assert (found["division"], found["grid"]) == (path.split(".")[2], path.split(".")[3])
    assert (found["risk"], found["level"], found["status"]) == ("low", "village", "registered")
    assert found["first_due_at"] == "2026-03-02T04:00:00Z"
    assert re.fullmatch(r"8a[0-9a-f]{13}", found["cell"])
    assert found["occurred_at"] == found["registered_at"] == "2026-03-02T02:00:00Z"
    assert answer.headers["location"] == f"/api/incidents/{found['id']}" and answer.headers["etag"] == '"1"'
    read = await client_as("operator").get(answer.headers["location"])
    assert read.json() == found and read.headers["etag"] == '"1"'


async def test_a_language_is_stored_shown_and_accepted_in_batches(client_as: ClientAs, world: World) -> None:
    found = (await client_as("source").post("/api/incidents", json=report_of(world, language="sign"))).json()
    assert found["language"] == "sign"
    lines = [orjson.dumps(report_of(world, language=code, external_no=code)) for code in ("wu", "klingon")]
    sent = await client_as("source").post("/api/incidents/batch", content=b"\n".join(lines))
    kept, refused = sent.json()["items"]
    assert refused["errors"] == [{"field": "language", "code": "unknown"}]
    read = client_as("operator")
    assert [(await read.get(f"/api/incidents/{i}")).json()["language"] for i in (found["id"], kept["id"])] == [
        "sign",
        "wu",
    ]


async def test_every_invalid_report_is_refused_with_its_field(client_as: ClientAs, world: World) -> None:
    source = client_as("source")
    lon, lat = world.middle_of(world.micro_grids()[0])
    table: dict[str, tuple[Json, set[tuple[str, str]]]] = {
        "outside": ({"lon": 100.0}, {("lon", "outside"), ("lat", "outside")}),
        "zero": ({"lon": 0, "lat": 0}, {("lon", "outside"), ("lat", "outside")}),
        "swapped": ({"lon": lat, "lat": lon}, {("lon", "swapped"), ("lat", "swapped")}),
        "off the globe": ({"lat": 95.0}, {("lat", "range")}),
        "longitude": ({"lon": 180.1}, {("lon", "less_than_equal")}),
        "latitude": ({"lat": -200}, {("lat", "greater_than_equal")}),
        "text": ({"lon": "120.6"}, {("lon", "float_type")}),
        "truth": ({"lon": True}, {("lon", "float_type")}),
        "nothing": ({"lat": None}, {("lat", "missing")}),
        "category": ({"category": "dispute.aliens"}, {("category", "unknown")}),
        "risk": ({"risk": "grave"}, {("risk", "unknown")}),
        "language": ({"language": "klingon"}, {("language", "unknown")}),
        "naive": ({"occurred_at": "2026-03-02T01:00:00"}, {("occurred_at", "timezone_aware")}),
        "a number for a time": ({"occurred_at": 1_772_416_800}, {("occurred_at", "datetime_type")}),
        "a date for a time": ({"occurred_at": "2026-03-02"}, {("occurred_at", "datetime_parsing")}),
        "future": ({"occurred_at": "2026-03-02T02:02:01Z"}, {("occurred_at", "future")}),
        "end of time": ({"occurred_at": "9999-12-31T23:59:59-12:00"}, {("occurred_at", "future")}),
        "dawn of time": ({"occurred_at": "0001-01-01T00:00:00+12:00"}, {("occurred_at", "past")}),
        "closed before": (
            {"occurred_at": "2026-03-01T00:00:00Z", "closed_at": "2026-02-01T00:00:00Z"},
            {("closed_at", "before_occurred_at")},
        ),
        "datum": ({"datum": "mars"}, {("datum", "literal_error")}),
        "blank title": ({"title": "  "}, {("title", "string_too_short")}),
        "long title": ({"title": "x" * 201}, {("title", "string_too_long")}),
        "control": ({"description": "a\0b"}, {("description", "control_character")}),
        "turned text": ({"title": "Wang\u202egnaW"}, {("title", "control_character")}),
        "no width": ({"external_no": "A\u200b1"}, {("external_no", "control_character")}),
        "unknown field": ({"colour": "red"}, {("colour", "extra_forbidden")}),
        "several": ({"category": "x", "risk": "y"}, {("category", "unknown"), ("risk", "unknown")}),
    }
    for name, (changes, flaws) in table.items():
        answer = await source.post("/api/incidents", json=report_of(world) | changes)
        found = answer.json()
        assert (answer.status_code, found["code"]) == (422, "invalid"), name
        assert {(error["field"], error["code"]) for error in found["params"]["errors"]} == flaws, name
        assert answer.headers["content-type"] == "application/problem+json"
        assert found["request_id"] == answer.headers["x-request-id"]
    assert (await client_as("operator").get("/api/incidents")).json()["items"] == []


async def test_a_body_that_is_not_a_report_is_refused(client_as: ClientAs, world: World) -> None:
    half_a_letter = orjson.dumps(report_of(world, title="?")).replace(b"?", b"\\ud800")
    for text in (b"{", b"", b"\xff\xfe", b"null", b"[]", b'"text"', b'{"lon": Infinity}', half_a_letter, b"[" * 20_000):
        headers = {"Content-Type": "application/json"}
        answer = await client_as("source").post("/api/incidents", content=text, headers=headers)
        assert answer.status_code in (400, 422), text[:20]
        assert answer.headers["content-type"] == "application/problem+json"


JSON = "application/json"
ENCODED: dict[str, tuple[dict[str, str], Callable[[str], bytes]]] = {
    "gbk": ({"Content-Type": f"{JSON}; charset=GBK"}, lambda text: text.encode("gbk")),
    "gb2312 in quotes": ({"Content-Type": f'{JSON};charset="gb2312"'}, lambda text: text.encode("gbk")),
    "gzip": ({"Content-Type": JSON, "Content-Encoding": "gzip"}, lambda text: gzip.compress(text.encode())),
    "both": (
        {"Content-Type": f"{JSON}; charset=gb18030", "Content-Encoding": "gzip"},
        lambda text: gzip.compress(text[:40].encode("gb18030")) + gzip.compress(text[40:].encode("gb18030")),
    ),
}
UNREADABLE = {
    "body.unreadable 400": [
        ({"Content-Type": JSON}, "噪声".encode("gbk")),
        ({"Content-Type": f"{JSON}; charset=gbk"}, b'{"title": "\xff"}'),
        ({"Content-Type": JSON, "Content-Encoding": "gzip"}, b"{}"),
        ({"Content-Type": JSON, "Content-Encoding": "gzip"}, gzip.compress(b'{"title": "x"}')[:-9]),
    ],
    "body.charset 415": [({"Content-Type": f"{JSON}; charset=big5"}, b"{}")],
    "body.encoding 415": [({"Content-Type": JSON, "Content-Encoding": "br"}, b"{}")],
    "body.too_large 413": [
        ({"Content-Type": JSON, "Content-Encoding": "gzip"}, gzip.compress(b" " * 30_000_000)),
    ],
}


def test_an_array_of_too_many_reports_is_refused_before_it_is_written_anew() -> None:
    with pytest.raises(TooLarge):
        lines_of_array(b"[" + b"0," * MOST_LINES + b"0]")


async def test_bodies_are_read_in_the_encodings_that_programs_use(client_as: ClientAs, world: World) -> None:
    source, text = client_as("source"), json.dumps(report_of(world, title="夜间噪声扰民"), ensure_ascii=False)
    for name, (headers, encode) in ENCODED.items():
        answer = await source.post("/api/incidents", content=encode(text), headers=headers)
        assert (answer.status_code, answer.json().get("title")) == (201, "夜间噪声扰民"), name
    headers, encode = ENCODED["both"]
    batch = await source.post("/api/incidents/batch", content=encode(f"{text}\n{text}"), headers=headers)
    assert batch.json()["created"] == 2


async def test_a_body_that_cannot_be_read_is_refused_by_name(client_as: ClientAs) -> None:
    for expected, bodies in UNREADABLE.items():
        for headers, body in bodies:
            answer = await client_as("source").post("/api/incidents", content=body, headers=headers)
            assert f"{answer.json()['code']} {answer.status_code}" == expected, headers


async def test_null_means_left_out(client_as: ClientAs, world: World) -> None:
    nulls = dict.fromkeys(
        ("external_no", "description", "datum", "occurred_at", "closed_at", "risk", "language", "address")
    )
    source = client_as("source")
    answer = await source.post("/api/incidents", json=report_of(world) | nulls)
    assert answer.status_code == 201
    path, operator = f"/api/incidents/{answer.json()['id']}", client_as("operator")
    edits = dict.fromkeys(("category", "risk", "title", "description", "address", "lon", "lat", "datum", "seen"))
    assert (await operator.patch(path, json=edits)).json() == answer.json()
    assert (await operator.post(f"{path}/close", json={"note": None})).status_code == 200


async def test_not_a_number_is_refused_by_its_field(client_as: ClientAs, world: World) -> None:
    text = orjson.dumps(report_of(world, lon="?")).replace(b'"?"', b"NaN")
    answer = await client_as("source").post(
        "/api/incidents", content=text, headers={"Content-Type": "application/json"}
    )
    assert answer.json()["params"]["errors"] == [{"field": "lon", "code": "finite_number"}]


async def test_a_report_two_minutes_ahead_is_accepted(client_as: ClientAs, world: World) -> None:
    body = report_of(world, occurred_at="2026-03-02T10:02:00+08:00")
    assert (await client_as("source").post("/api/incidents", json=body)).status_code == 201


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
async def test_shifted_coordinates_are_converted_to_their_place(
    client_as: ClientAs, world: World, datum: Datum
) -> None:
    lon, lat = world.middle_of(world.micro_grids()[0])
    x, y = (float(v) for v in from_wgs84(lon, lat, datum))
    found = (await client_as("source").post("/api/incidents", json=report_of(world, lon=x, lat=y, datum=datum))).json()
    assert (found["lon"], found["lat"]) == pytest.approx((lon, lat), abs=1e-8)
    assert found["division_path"] == world.micro_grids()[0]


async def test_a_point_on_a_border_always_belongs_to_the_same_side(client_as: ClientAs, world: World) -> None:
    corner = {"lon": LON + 0.02, "lat": LAT + 0.02}
    source = client_as("source")
    found = [(await source.post("/api/incidents", json=report_of(world) | corner)).json() for _ in range(3)]
    assert len({one["division_path"] for one in found}) == 1


async def test_a_record_before_all_boundaries_uses_the_oldest(client_as: ClientAs, world: World) -> None:
    body = report_of(world, occurred_at="2011-05-01T00:00:00+08:00", closed_at="2011-06-01T00:00:00+08:00")
    answer = await client_as("source").post("/api/incidents", json=body)
    found = answer.json()
    assert answer.status_code == 201 and found["status"] == "closed"
    assert found["closed_at"] == "2011-05-31T16:00:00Z"
    lines = (await client_as("operator").get(f"/api/incidents/{found['id']}/timeline")).json()["items"]
    assert [line["kind"] for line in lines] == ["registered", "closed", "case.opened"]


async def test_the_same_number_of_a_source_is_the_same_incident(client_as: ClientAs, world: World) -> None:
    source, body = client_as("source"), report_of(world, external_no="A-1")
    first = await source.post("/api/incidents", json=body)
    again = await source.post("/api/incidents", json=body | {"lon": body["lon"] + 1e-9, "risk": None})
    other = await source.post("/api/incidents", json=body | {"source": "police"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() | {"lon": again.json()["lon"]}
    assert again.headers["idempotency-repeated"] == "true"
    assert other.json()["id"] != first.json()["id"]


async def test_a_known_number_with_other_content_is_told_and_written_down(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    source, operator = client_as("source"), client_as("operator")
    body = report_of(world, external_no="A-1", risk="low", description="Loud")
    stands = (await source.post("/api/incidents", json=body)).json()
    path = f"/api/incidents/{stands['id']}"
    clock.turn(minutes=5)
    update = body | {"risk": "high", "title": "Blows", "description": None, "lon": body["lon"] + 0.001}
    answer = await source.post("/api/incidents", json=update)
    assert (answer.status_code, answer.json()["code"]) == (409, "incident.differs")
    known = {"id": stands["id"], "case_code": stands["case_code"]}
    assert answer.json()["params"] == known | {"fields": ["place", "risk", "title"]}
    assert (await source.post("/api/incidents", json=update)).status_code == 201, "the update is known by now"
    kept = (await operator.get(path)).json()
    assert kept == stands | {"version": 2, "differs_at": "2026-03-02T02:05:00Z"}, "the incident keeps what it has"
    [_, _, entry] = (await operator.get(f"{path}/timeline")).json()["items"]
    assert (entry["kind"], entry["actor"]) == ("reported_again", "Source")
    assert entry["data"] == {
        "source": "hotline",
        "fields": ["place", "risk", "title"],
        "risk": ["low", "high"],
        "title": [body["title"], "Blows"],
        "place": [[body["lon"], body["lat"]], [update["lon"], body["lat"]]],
    }
    seen = await operator.patch(path, json={"seen": True})
    assert (seen.json()["differs_at"], seen.json()["version"]) == (None, 3)
    await operator.post(f"{path}/close")
    await source.post("/api/incidents", json=body | {"title": "Shots"})
    assert (await operator.patch(path, json={"seen": True, "title": "x"})).json()["code"] == "incident.closed"
    assert (await operator.patch(path, json={"seen": True})).json()["differs_at"] is None, "closed, and looked at"


async def test_a_batch_tells_which_lines_differ_from_what_is_known(client_as: ClientAs, world: World) -> None:
    first = report_of(world, external_no="A-1")
    body = lines_of(first, first | {"title": "Blows"}, first | {"title": "Blows"}, report_of(world, external_no="A-2"))
    found = (await client_as("source").post("/api/incidents/batch", content=body)).json()
    assert [(item["status"], item["differs"]) for item in found["items"]] == [
        ("created", None), ("existing", ["title"]), ("existing", None), ("created", None),
    ]  # fmt: skip
    assert (found["created"], found["existing"], found["differing"]) == (2, 2, 1)
    path = f"/api/incidents/{found['items'][0]['id']}/timeline"
    lines = (await client_as("operator").get(path)).json()["items"]
    assert [line["kind"] for line in lines].count("reported_again") == 1


async def test_an_account_reports_under_its_own_sources_only(client_as: ClientAs, world: World, store: Store) -> None:
    async with store.transaction(Reach(scope=world.root)) as session:
        await set_sources(session, "source", sources=["hotline", "police"])
    source = client_as("source")
    for code in ("window", "张三家暴举报98"):
        answer = await source.post("/api/incidents", json=report_of(world) | {"source": code})
        line = await source.post("/api/incidents/batch", content=lines_of(report_of(world) | {"source": code}))
        if code == "window":
            assert (answer.status_code, answer.json()["code"]) == (403, "source.not_own")
            assert answer.json()["params"] == {"source": "window", "own": ["hotline", "police"]}
            assert line.json()["items"][0]["errors"] == [{"field": "source", "code": "not_own"}]
        else:
            assert answer.json()["params"] == {"errors": [{"field": "source", "code": "unknown"}]}
            assert line.json()["items"][0]["errors"] == [{"field": "source", "code": "unknown"}]
    assert (await source.post("/api/incidents", json=report_of(world) | {"source": "police"})).status_code == 201
    assert (await client_as("clerk").post("/api/incidents", json=report_of(world))).status_code == 403
    at_the_desk = await client_as("clerk").post("/api/incidents", json=report_of(world) | {"source": "window"})
    assert at_the_desk.status_code == 201


async def test_a_caller_who_may_not_read_learns_nothing_of_the_existing_incident(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    """It was edited since: the response to a repeated report has the report only."""
    operator, source = client_as("operator"), client_as("source")
    body = report_of(world, external_no="A-1", title="Noise")
    stands = (await source.post("/api/incidents", json=body)).json()
    clock.turn(minutes=5)
    edits = {"category": "dispute.family", "risk": "medium", "title": "Wang's debts"}
    assert (await operator.patch(f"/api/incidents/{stands['id']}", json=edits)).status_code == 200
    await operator.post(f"/api/incidents/{stands['id']}/close", json={"note": "Settled"})
    clock.turn(minutes=5)
    again = await source.post("/api/incidents", json=body)
    assert (again.status_code, again.headers["idempotency-repeated"], again.headers["etag"]) == (201, "true", '"1"')
    assert again.json() == stands
    guess = await source.post("/api/incidents", json=body | {"description": "A guess"})
    assert (guess.status_code, guess.json()["params"]["fields"]) == (409, ["category", "description", "title"])
    assert "Wang" not in again.text + guess.text
    kept = (await operator.get(f"/api/incidents/{stands['id']}")).json()
    assert (kept["title"], kept["description"], kept["status"]) == ("Wang's debts", "", "closed")


async def test_a_repeated_record_gets_the_same_response(client_as: ClientAs, world: World, clock: Clock) -> None:
    """A source whose response was lost gets it by a second request, in any datum."""
    lon, lat = world.middle_of(world.micro_grids()[0])
    x, y = (float(v) for v in from_wgs84(lon, lat, Datum.GCJ02))
    times = {"occurred_at": "2026-02-01T08:00:00+08:00", "closed_at": "2026-02-02T08:00:00+08:00"}
    body = report_of(world, external_no="A-1", lon=x, lat=y, datum="gcj02", risk="high", **times)
    first = await client_as("source").post("/api/incidents", json=body)
    clock.turn(minutes=30)
    again = await client_as("source").post("/api/incidents", json=body)
    assert again.json() == first.json() and again.headers["etag"] == first.headers["etag"]


async def test_sixteen_at_once_with_one_number_make_one_incident(client_as: ClientAs, world: World) -> None:
    source, body = client_as("source"), report_of(world, external_no="A-1")
    answers = await asyncio.gather(*(source.post("/api/incidents", json=body) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await client_as("operator").get("/api/incidents")).json()["items"]) == 1


async def test_a_number_taken_in_another_town_is_refused_and_nothing_of_it_shown(
    client_as: ClientAs, world: World
) -> None:
    desk = {"source": "window", "external_no": "A-1"}
    await client_as("clerk_east").post("/api/incidents", json=report_of(world, at=EAST, **desk))
    answer = await client_as("clerk_west").post("/api/incidents", json=report_of(world, **desk))
    assert answer.status_code == 422
    assert answer.json()["params"] == {"errors": [{"field": "external_no", "code": "taken"}]}


async def test_a_town_reports_within_its_own_boundaries_only(client_as: ClientAs, world: World) -> None:
    answer = await client_as("clerk_west").post("/api/incidents", json=report_of(world, at=EAST, source="window"))
    assert answer.status_code == 422
    assert {error["code"] for error in answer.json()["params"]["errors"]} == {"outside"}


async def test_only_roles_that_may_report_can(client_as: ClientAs, world: World) -> None:
    allowed = {"operator", "clerk", "source"}
    for name in ("operator", "clerk", "source", "supervisor", "auditor", "planner", "admin", "wall", "patrol_west"):
        answer = await client_as(name).post("/api/incidents", json=report_of(world, source="window"))
        assert answer.status_code == (201 if name in allowed else 403), name


async def test_a_near_and_recent_incident_of_a_category_is_linked(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    operator = client_as("operator")
    lon, lat = world.middle_of(world.micro_grids()[0])

    async def report(**changes: Any) -> Json:
        body = report_of(world, source="window", **changes)
        found: Json = (await operator.post("/api/incidents", json=body)).json()
        return found

    first = await report()
    clock.turn(minutes=119)
    second = await report(lat=lat + 140 / 111_000)
    assert second["duplicate_of"] == first["id"] and second["id"] != first["id"]
    assert (await report(lat=lat + 160 / 111_000))["duplicate_of"] is None
    assert (await report(category="dispute.family"))["duplicate_of"] is None
    clock.turn(minutes=2)
    assert (await report(lon=lon))["duplicate_of"] != first["id"]
    told = await client_as("source").post("/api/incidents", json=report_of(world, lon=lon + 0.0001))
    assert told.json()["duplicate_of"] is None, "a source would learn what lies nearby"
    lines = (await operator.get(f"/api/incidents/{first['id']}/timeline")).json()["items"]
    assert [line["data"]["by"] for line in lines if line["kind"] == "duplicate_linked"] == [second["id"]]


# ── Batches ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def lines_of(*reports: Json | bytes) -> bytes:
    return b"\n".join(one if isinstance(one, bytes) else orjson.dumps(one) for one in reports)


async def test_a_batch_has_an_outcome_for_each_line_and_registers_valid_ones(client_as: ClientAs, world: World) -> None:
    good = report_of(world, external_no="B-1")
    body = lines_of(
        good,
        b"",
        b"{",
        good,
        report_of(world, lon=100),
        b"\xff\xfe",
        orjson.dumps(report_of(world, lat="?")).replace(b'"?"', b"NaN"),
        report_of(world, category="none"),
        b"  \r",
        report_of(world, external_no="B-2"),
    )
    answer = await client_as("source").post("/api/incidents/batch", content=b"\xef\xbb\xbf" + body)
    found = answer.json()
    assert answer.status_code == 200, answer.text
    assert [(item["line"], item["status"]) for item in found["items"]] == [
        (1, "created"), (3, "refused"), (4, "existing"), (5, "refused"), (6, "refused"), (7, "refused"),
        (8, "refused"), (10, "created"),
    ]  # fmt: skip
    assert (found["created"], found["existing"], found["refused"]) == (2, 1, 5)
    reasons = [[(e["field"], e["code"]) for e in item["errors"]] for item in found["items"] if item["errors"]]
    assert reasons == [
        [("", "json_invalid")],
        [("lon", "outside"), ("lat", "outside")],
        [("", "encoding")],
        [("lat", "finite_number")],
        [("category", "unknown")],
    ]
    items = {item["line"]: item for item in found["items"]}
    assert items[4]["id"] == items[1]["id"] and items[4]["case_code"] == items[1]["case_code"]
    assert len((await client_as("operator").get("/api/incidents")).json()["items"]) == 2


async def test_a_batch_sent_again_creates_nothing(client_as: ClientAs, world: World) -> None:
    body = lines_of(*(report_of(world, external_no=f"C-{i}") for i in range(1200)))
    first = (await client_as("source").post("/api/incidents/batch", content=body[:200_000])).json()
    again = (await client_as("source").post("/api/incidents/batch", content=body[:200_000])).json()
    kept = first["created"]
    assert kept > 500 and (again["created"], again["existing"]) == (0, kept)


async def test_two_batches_at_once_in_opposite_order_do_not_block_each_other(client_as: ClientAs, world: World) -> None:
    reports = [report_of(world, at=WEST if i % 2 else EAST, external_no=f"D-{i}") for i in range(300)]
    source = client_as("source")
    answers = await asyncio.gather(
        source.post("/api/incidents/batch", content=lines_of(*reports)),
        source.post("/api/incidents/batch", content=lines_of(*reversed(reports))),
    )
    counts = [answer.json() for answer in answers]
    assert sum(count["created"] for count in counts) == 300 == sum(count["existing"] for count in counts)


async def test_an_empty_batch_has_no_outcomes(client_as: ClientAs) -> None:
    answer = await client_as("source").post("/api/incidents/batch", content=b"\n\n")
    assert answer.json() == {"items": [], "created": 0, "existing": 0, "differing": 0, "refused": 0}


async def test_a_batch_with_a_key_is_done_once_even_without_numbers(client_as: ClientAs, world: World) -> None:
    body, key = lines_of(*(report_of(world) for _ in range(3))), {"Idempotency-Key": "batch-0001"}
    first = await client_as("source").post("/api/incidents/batch", content=body, headers=key)
    again = await client_as("source").post("/api/incidents/batch", content=body, headers=key)
    assert first.json()["created"] == 3 and again.content == first.content
    assert len((await client_as("operator").get("/api/incidents")).json()["items"]) == 3


@pytest.mark.parametrize("keyed", [False, True])
async def test_a_batch_in_a_deadlock_is_retried(
    client_as: ClientAs, world: World, store: Store, *, keyed: bool
) -> None:
    """The other has counted in the cell and brings the same number; the batch has brought the number and will count.

    Who waits first is refused. On a busy machine it can be the other, and then they meet again with another number.
    """
    await client_as("source").post("/api/incidents", json=report_of(world))
    lon, lat = world.middle_of(path := world.micro_grids(WEST)[0])
    for attempt in range(10):
        one = report_of(world, external_no=f"A-{attempt}")
        headers = {"Idempotency-Key": f"batch-000{attempt}"} if keyed else {}
        try:
            async with store.transaction(Reach(scope=world.root)) as session:
                await count_incidents(session, [CountedIncident(path, lon, lat, one["category"], NOW)])
                sending = asyncio.create_task(
                    client_as("source").post("/api/incidents/batch", content=lines_of(one), headers=headers)
                )
                await asyncio.wait_for(someone_waits(store), timeout=10)
                row = (await session.scalars(select(Incident).order_by(Incident.id).limit(1))).one()
                copied = {c.key: getattr(row, c.key) for c in Incident.__table__.columns if c.key != "id"}
                same = {"case_code": f"other-{attempt}", "external_no": one["external_no"]}
                await session.execute(insert(Incident).values(copied | same))
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected):
                raise
        answer = await sending
        assert answer.status_code == 200, answer.text
        if answer.json()["existing"] == 1:
            break
    else:
        pytest.fail("the batch was never the one that is refused")
