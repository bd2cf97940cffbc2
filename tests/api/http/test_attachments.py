"""Attachments over HTTP: what is kept of a file, who may add and look, and every refusal."""

import asyncio
from datetime import timedelta
from io import BytesIO
from typing import Any

import av
import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import select

from api.services import Services
from api.watch.byte_stores import remove_unused
from console.attachments.byte_store import FileBytes
from console.attachments.tables import Attachment
from console.looks.tables import Look
from geo.store import Reach, Store
from tests.media_files import SECRET, attached, attachment_id, photo, png, recording
from tests.reporting import place, report
from tests.worlds import EAST, LAT, LON, NOW, ROOT, WEST, ClientAs, Clock, World

TAKEN = {"lon": LON, "lat": LAT, "accuracy_m": 12.5, "place_age_s": 3, "taken_at": NOW.isoformat()}


async def sent_east(client_as: ClientAs, store: Store, world: World) -> dict[str, Any]:
    """Send the western patrol to an incident in the east, beyond its own town; return the task."""
    incident = await report(store, world, world.micro_grids(EAST)[0])
    await place(store, world, "patrol_west", WEST)
    body = {"force": world.forces["patrol_west"]}
    sent = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json=body)
    made: dict[str, Any] = sent.json()
    return made


async def listed(client_as: ClientAs, username: str, incident: int) -> list[str]:
    answer = await client_as(username).get(f"/api/incidents/{incident}/attachments")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def looks(store: Store) -> list[tuple[str, int]]:
    async with store.transaction(Reach(scope=ROOT)) as session:
        rows = await session.execute(select(Look.subject, Look.user_id).order_by(Look.id))
        return [(row.subject, row.user_id) for row in rows]


async def test_a_patrols_photo_is_kept_bare_and_shown_to_those_in_reach_of_the_incident(
    client_as: ClientAs, store: Store, world: World
) -> None:
    task = await sent_east(client_as, store, world)
    patrol, incident = client_as("patrol_west"), task["incident"]
    late = (NOW - timedelta(hours=23)).isoformat()
    answer = await attached(patrol, photo(), id=attachment_id(1), task=task["id"], device_at=late, **TAKEN)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    said = {name: made[name] for name in ("lon", "lat", "accuracy_m", "place_age_s", "taken_at", "clock_off_s")}
    assert said == TAKEN | {"taken_at": "2026-03-02T02:00:00Z", "place_age_s": 3.0, "clock_off_s": 82_800.0}
    assert (made["incident"], made["force"], made["media_type"]) == (incident, task["force"], "image/jpeg")
    assert (made["width"], made["height"], made["has_thumbnail"]) == (640, 480, True)

    path = f"/api/attachments/{made['id']}"
    for username, seen in (("operator", 200), ("patrol_west", 200), ("operator_west", 404), ("patrol_east", 404)):
        assert (await client_as(username).get(path)).status_code == seen, username
    for username in ("wall", "planner", "source", "gateway", "admin", "interviewer"):
        assert (await client_as(username).get(path)).status_code == 403, username
        assert (await client_as(username).get(f"/api/incidents/{incident}/attachments")).status_code == 403
    content = await client_as("operator_east").get(path)
    small = await client_as("operator_east").get(path, params={"size": "thumbnail"})
    assert content.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert content.headers["x-content-type-options"] == "nosniff"
    assert content.headers["content-type"] == small.headers["content-type"] == "image/jpeg"
    assert content.headers["cache-control"] == "private, no-store"
    assert content.headers["content-disposition"].startswith(f'inline; filename="maplebridge-{incident}-')
    operator, own, east = (world.users[name] for name in ("operator", "patrol_west", "operator_east"))
    full, thumbnail = "incident.attachment", "incident.thumbnail"
    assert await looks(store) == [(full, operator), (full, own), (full, east), (thumbnail, east)]

    for bytes_ in (content.content, small.content):
        with Image.open(BytesIO(bytes_)) as image:
            assert not image.getexif() and image.format == "JPEG"
            assert {*image.info} <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            assert max(image.size) == (640 if bytes_ is content.content else 320)
        assert SECRET in photo() and SECRET not in bytes_ and b"Exif" not in bytes_ and b"MPF" not in bytes_

    entries = (await client_as("operator").get(f"/api/incidents/{incident}/timeline")).json()["items"]
    assert entries[-1]["kind"] == "attachment.added"
    assert entries[-1]["data"] == {
        "attachment": made["id"],
        "kind": "photo",
        "origin": "camera",
        "taken_at": "2026-03-02T02:00:00Z",
    }


async def test_an_id_is_taken_once_and_what_it_has_stays(
    client_as: ClientAs, store: Store, world: World, app: FastAPI
) -> None:
    task = await sent_east(client_as, store, world)
    patrol, incident = client_as("patrol_west"), task["incident"]
    first = {"id": attachment_id(1), "task": task["id"], **TAKEN}
    answers = await asyncio.gather(*(attached(patrol, photo(), **first) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    entries = (await client_as("operator").get(f"/api/incidents/{incident}/timeline")).json()["items"]
    assert sum(entry["kind"] == "attachment.added" for entry in entries) == 1
    other = await attached(patrol, photo(10), **first)
    assert (other.status_code, other.json()["code"]) == (409, "attachment.differs")
    assert (await attached(client_as("operator"), photo(), **first)).status_code == 409, "another's"
    again = await attached(patrol, photo(), id=attachment_id(2), task=task["id"])
    assert again.status_code == 201, "the same picture answers two questions"
    assert await listed(client_as, "operator", incident) == [str(attachment_id(n)) for n in (1, 2)]
    other_incident = await report(store, world, world.micro_grids(WEST)[0])
    hidden = {"id": attachment_id(1), "incident": other_incident}
    assert (await attached(client_as("operator_west"), photo(), **hidden)).status_code == 409


async def test_what_comes_after_a_recall_is_kept_and_the_hall_knows_what_is_still_on_the_phone(
    client_as: ClientAs, store: Store, world: World, clock: Clock
) -> None:
    task = await sent_east(client_as, store, world)
    patrol, operator = client_as("patrol_west"), client_as("operator")
    ids = [str(attachment_id(n)) for n in (1, 2, 3)]
    taken = await patrol.post(f"/api/tasks/{task['id']}/accept", json={"attachments": ids})
    assert taken.status_code == 200, taken.text
    await attached(patrol, photo(), id=ids[1], task=task["id"])
    await operator.post(f"/api/tasks/{task['id']}/recall")
    clock.turn(days=7)
    assert (await attached(patrol, photo(), id=ids[0], task=task["id"])).status_code == 201
    answer = (await operator.get(f"/api/incidents/{task['incident']}/attachments")).json()
    assert [one["id"] for one in answer["items"]] == [ids[1], ids[0]]
    assert [one["id"] for one in answer["awaited"]] == [ids[2]]
    own = (await patrol.get(f"/api/incidents/{task['incident']}/attachments")).json()
    assert [one["id"] for one in own["items"]] == [ids[1], ids[0]]


REFUSED: dict[str, tuple[bytes, dict[str, Any], int, str]] = {
    "a gigantic picture in a small file": (png(30_000, 30_000), {}, 413, "attachment.too_large"),
    "a large file": (photo() + bytes(170_000), {}, 413, "body.too_large"),
    "an animated GIF": (b"GIF89a" + bytes(50), {}, 415, "attachment.type"),
    "a PDF named like a photo": (b"%PDF-1.7\n%%EOF", {}, 415, "attachment.type"),
    "a web page": (b"<html><script>alert(1)</script>", {"kind": "paper"}, 415, "attachment.type"),
    "a photo cut off": (photo()[:1500], {}, 422, "attachment.unreadable"),
    "a paper cut off": (b"%PDF-1.7\n", {"kind": "paper"}, 422, "attachment.unreadable"),
    "a recording of nothing": (recording(seconds=0.1), {"kind": "voice"}, 422, "attachment.unreadable"),
    "a picture as a recording": (photo(), {"kind": "voice"}, 415, "attachment.type"),
    "a place of the gallery": (photo(), {"origin": "gallery", "lon": LON, "lat": LAT}, 422, "invalid"),
    "a time of the gallery": (photo(), {"origin": "gallery", "taken_at": NOW.isoformat()}, 422, "invalid"),
    "an incident and a task": (photo(), {"incident": 1}, 422, "invalid"),
    "half a place": (photo(), {"lon": LON}, 422, "invalid"),
    "no id": (photo(), {"id": ""}, 422, "invalid"),
    "another's task": (photo(), {"task": 987_654}, 404, "not_found"),
}


async def test_what_is_refused_leaves_nothing(client_as: ClientAs, store: Store, world: World, app: FastAPI) -> None:
    task = await sent_east(client_as, store, world)
    services: Services = app.state.services
    object.__setattr__(services.settings, "attachment_bytes", 150_000)
    for case, (content, said, status, code) in REFUSED.items():
        fields = {"id": attachment_id(1), "task": task["id"]} | said
        answer = await attached(client_as("patrol_west"), content, **fields)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (case, answer.text)
    plain = await client_as("patrol_west").post("/api/attachments", content=photo())
    assert (plain.status_code, plain.json()["code"]) == (422, "invalid")
    for username, status in (("patrol_east", 404), ("wall", 403), ("auditor", 403), ("source", 403)):
        answer = await attached(client_as(username), photo(), id=attachment_id(1), task=task["id"])
        assert answer.status_code in (403, 404), username
    assert await listed(client_as, "operator", task["incident"]) == []
    assert [*services.byte_store.contents()] == []


@pytest.mark.parametrize(("container", "codec"), [("webm", "libopus"), ("mp4", "aac")])
async def test_a_recording_of_any_browser_becomes_one_that_all_play(
    client_as: ClientAs, store: Store, world: World, container: str, codec: str
) -> None:
    incident = await report(store, world, world.micro_grids(WEST)[0])
    said = {"id": attachment_id(1), "incident": incident, "kind": "voice", "origin": "microphone"}
    made = (await attached(client_as("clerk"), recording(container, codec), **said)).json()
    assert (made["media_type"], made["seconds"], made["has_thumbnail"]) == ("audio/mpeg", 1.0, False)
    path = f"/api/attachments/{made['id']}"
    whole = await client_as("operator").get(path)
    assert SECRET not in whole.content and whole.headers["accept-ranges"] == "bytes"
    with av.open(BytesIO(whole.content)) as source:
        assert source.format.name == "mp3" and sum(frame.samples for frame in source.decode(audio=0)) > 44_000
    some = await client_as("operator").get(path, headers={"Range": "bytes=10-19"})
    assert (some.status_code, some.content) == (206, whole.content[10:20])
    assert some.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    tail = await client_as("operator").get(path, headers={"Range": "bytes=-5"})
    assert tail.content == whole.content[-5:]
    beyond = await client_as("operator").get(path, headers={"Range": "bytes=999999-"})
    assert (beyond.status_code, beyond.content) == (200, whole.content)
    assert (await client_as("operator").get(path, params={"size": "thumbnail"})).status_code == 404
    paper = {"id": attachment_id(2), "incident": incident, "kind": "paper", "origin": "gallery"}
    assert (await attached(client_as("clerk"), b"%PDF-1.7\n1\n%%EOF", **paper)).status_code == 201
    pdf = await client_as("operator").get(f"/api/attachments/{attachment_id(2)}")
    assert pdf.headers["content-disposition"].startswith("attachment;"), "only ever downloaded"


async def test_unused_and_half_written_bytes_are_removed_after_a_day_and_photos_move_with_their_incident(
    client_as: ClientAs, store: Store, world: World, app: FastAPI, clock: Clock
) -> None:
    services: Services = app.state.services
    kept = services.byte_store
    assert isinstance(kept, FileBytes)
    incident = await report(store, world, world.micro_grids(WEST)[0])
    await attached(client_as("operator"), photo(), id=attachment_id(1), incident=incident)
    used = {digest for digest, _ in kept.contents()}
    orphan = kept.put(b"sent, and never attached")
    folder = services.settings.attachments_dir / orphan[:2]
    (folder / "half.part").write_bytes(b"x")
    (written,) = {at for digest, at in kept.contents() if digest == orphan}
    root = Reach(scope=ROOT)
    assert await remove_unused(store, kept, root, now=written + timedelta(hours=23)) == 0
    assert await remove_unused(store, kept, root, now=written + timedelta(hours=25)) == 2
    assert {digest for digest, _ in kept.contents()} == used and len(used) == 2
    assert not (folder / "half.part").exists()

    lon, lat = world.middle_of(world.micro_grids(EAST)[0])
    version = (await client_as("operator").get(f"/api/incidents/{incident}")).headers["etag"]
    moved = await client_as("operator").patch(
        f"/api/incidents/{incident}", json={"lon": lon, "lat": lat}, headers={"If-Match": version}
    )
    assert moved.status_code == 200, moved.text
    path = f"/api/attachments/{attachment_id(1)}"
    assert (await client_as("operator_west").get(path)).status_code == 404
    assert (await client_as("operator_east").get(path)).status_code == 200
    for digest in used:
        kept.remove(digest, before=written + timedelta(days=1))
    lost = await client_as("operator").get(path)
    assert (lost.status_code, lost.json()["code"]) == (503, "attachment.missing")
    async with store.transaction(root) as session:
        (row,) = (await session.scalars(select(Attachment))).all()
        assert row.division_path.startswith(EAST)
