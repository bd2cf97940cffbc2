"""A canary: rows of a sister division that carry words, numbers and places which occur nowhere else.

Users of the other division must never receive them. Ids are large and odd, so that one can look for them in
any text; boundaries and names of divisions are no secret and no canary.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from math import atan, cos, degrees, log, pi, radians, sinh, tan
from uuid import UUID

import httpx
import psycopg
import shapely
from geoalchemy2 import WKBElement
from geoalchemy2.shape import from_shape
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.tables import User
from console.attachments.tables import Attachment
from console.cases.tables import CaseFollowUp
from console.change_log.tables import ChangeEntry
from console.checklists.tables import ChecklistMark
from console.closures.tables import Closure
from console.commands.tables import Command, Phone
from console.early_warnings.tables import EarlyWarning
from console.forces.tables import Force
from console.grids.tables import GridPost, PartyBranch, ServiceList
from console.lists.tables import ListEntry
from console.networks.tables import NetworkArea
from console.notices.tables import Notice
from console.planning.tables import Plan, PlanEntry, PlanOperation
from console.register.tables import Post, StaffMember, Unit
from console.rosters.tables import Leave, Shift
from console.rounds.tables import PatrolRound, PatrolRoute, RoundMark, Visit
from console.viewing.tables import Viewing
from geo.store import Reach, Store
from layers.cameras.tables import Camera, CameraState
from layers.exposure.tables import ExposureCount
from layers.key_areas.tables import KeyArea
from layers.places.tables import Place
from tests.faults.conftest import Site
from tests.mvt import decode
from tests.worlds import EAST, ROOT, SIDE

WORD = "canarybird"
SOURCE = "window"
"""Code of the desk, under which people report; not the canary's own."""

HOME, BORDER, POST = (120.63377, 31.12622), (120.62004, 31.11733), (120.63519, 31.10844)
"""Deep in the sister town, four metres from the line, and where its force is posted."""

NETWORK = "safety"
"""The sector whose network the canary's area is in."""
GRID_PATH = f"{EAST}.{EAST[-9:]}200.{EAST[-9:]}200002"
GRID = GRID_PATH.rpartition(".")[2]

USERNAME = "east.clerk-of-canary"
"""Of an account there. Answers repeat the name that was asked for, so it does not hold the word."""
UNIT = f"C{EAST.rpartition('.')[2]}.{WORD}"
LIST, MONTH = "screening", f"{datetime.now(UTC):%Y-%m}"
"""A monthly list of the place, and the month of the canary's entry on it."""
SHIFT_ID, LEAVE_ID, COMMAND_ID, ATTACHMENT_ID, ROUND_ID = (
    UUID(f"77000000-0000-4000-8000-00000000000{n}") for n in (1, 2, 3, 4, 5)
)
REGISTERED = ("units", "staff_members", "posts")
NUMBERED = (
    *(
        "incidents",
        "tasks",
        "forces",
        "cameras",
        "places",
        "alarms",
        "closures",
        "viewings",
        "key_areas",
        "plans",
        "network_areas",
        "grid_posts",
        "notices",
        "early_warnings",
    ),
    *REGISTERED,
    "list_entries",
    "patrol_routes",
)
FIRST_ID = 770_000_000
STEP = 1_000_000


@dataclass(slots=True)
class Canary:
    """Planted entities: ids by kind, case codes, places."""

    ids: dict[str, list[int]] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    places: tuple[tuple[float, float], ...] = (HOME, BORDER, POST)

    @property
    def traces(self) -> re.Pattern[str]:
        """Matches any of its words, codes, ids, and coordinates to four decimals."""
        ids = "|".join(str(each) for some in self.ids.values() for each in some)
        digits = "|".join(sorted({form for place in self.places for part in place for form in _forms(part)}))
        words = "|".join(map(re.escape, [WORD, *self.codes]))
        return re.compile(rf"{words}|(?<!\d)(?:{ids})(?!\d)|(?<!\d)(?:{digits})", re.IGNORECASE)


def _forms(degrees: float) -> set[str]:
    """The beginning of a coordinate, cut or rounded to four decimals."""
    return {re.escape(f"{degrees:.4f}"), re.escape(f"{degrees:.7f}"[: f"{degrees:.7f}".index(".") + 5])}


def expected() -> Canary:
    """The canary before it is there: its ids are known, so that they can be asked for beforehand."""
    counts = {
        "incidents": 3,
        "tasks": 2,
        "forces": 1,
        "cameras": 1,
        "places": 1,
        "alarms": 1,
        "closures": 1,
        "viewings": 1,
        "key_areas": 1,
        "plans": 1,
        "patrol_routes": 1,
    }
    counts |= {
        "network_areas": 1,
        "grid_posts": 1,
        "notices": 1,
        "early_warnings": 1,
        "list_entries": 1,
    } | dict.fromkeys(REGISTERED, 1)
    first = {name: FIRST_ID + STEP * i for i, name in enumerate(NUMBERED)}
    return Canary(ids={name: [first[name] + j for j in range(n)] for name, n in counts.items()})


def reserve_ids(owner: psycopg.Connection) -> None:
    """Let the next rows of each kind have the canary's ids."""
    for i, name in enumerate(NUMBERED):
        owner.execute(f"ALTER TABLE {name} ALTER COLUMN id RESTART WITH {FIRST_ID + STEP * i}".encode())


async def plant(site: Site, operator: httpx.AsyncClient, gateway: httpx.AsyncClient, canary: Canary) -> None:
    """Put the canary into the eastern town, through the public interface where there is one, and work on it."""
    await _plant_rows(site.store)
    force, device = canary.ids["forces"][0], f"{WORD}-device"
    fix = {"device": device, "at": _now(), "lon": POST[0], "lat": POST[1], "speed_mps": 1.5}
    outcome = (await gateway.post("/api/positions", json={"fixes": [fix]})).json()
    assert outcome["ok"] == 1, outcome
    call = {"id": device, "lat": POST[1], "lon": POST[0], "alarm": "sos"}
    assert (await gateway.get("/api/positions/osmand", params=call)).status_code == 200
    incidents = [await _reported(operator, HOME, number=i) for i in range(2)]
    incidents.append(await _reported(operator, BORDER, number=2))
    canary.codes = [str(incident["case_code"]) for incident in incidents]
    assert [incident["id"] for incident in incidents] == canary.ids["incidents"]
    assert incidents[1]["duplicate_of"] == incidents[0]["id"]
    for incident, last in ((incidents[0], "finish"), (incidents[2], "accept")):
        await _worked_on(operator, gateway, incident=incident["id"], force=force, last=last)
    await _plant_follow_up(site.store, canary.ids["incidents"][2])
    await _plant_attachment(site.store, canary.ids["incidents"][2])
    note = {"title": f"{WORD} edited", "description": f"{WORD} told"}
    assert (await operator.patch(f"/api/incidents/{incidents[1]['id']}", json=note)).status_code == 200


def _warning() -> EarlyWarning:
    """A rise in the eastern town, answered."""
    return EarlyWarning(
        week_end=datetime.now(UTC).date(),
        category="dispute.family",
        division_path=EAST,
        weeks=1,
        count=9,
        expected=1.5,
        told_from=8,
        q=0.0001,
        told=True,
        answer="real",
        note=f"{WORD} told",
        answered_at=datetime.now(UTC),
        answerer=WORD,
        version=2,
    )


async def _plant_rows(store: Store) -> None:
    at = from_shape(shapely.Point(*POST), srid=4326)
    async with store.transaction(Reach(scope=ROOT)) as session:
        session.add(
            Force(
                code=WORD,
                name=f"{WORD} force",
                kind="patrol",
                organisation=f"{WORD} office",
                specialities=[],
                languages=[],
                mode="car",
                home=at,
                device_id=f"{WORD}-device",
                telephone=f"{WORD}-telephone",
                duty="on",
                division_path=EAST,
                version=1,
            )
        )
        session.add(
            Camera(
                code=f"{WORD}-camera",
                name=f"{WORD} camera",
                owner=WORD,
                heading=0.0,
                fov_deg=60.0,
                range_m=150.0,
                geom=at,
                division_path=EAST,
            )
        )
        await _plant_plan(session)
        _plant_closure(session)
        _plant_command(session)
        await _plant_viewing(session)
        await _plant_network(session)
        await _plant_register(session, at=at)
        _plant_notice(session)
        await _plant_round(session)
        _plant_list(session)
        session.add(Place(code=f"{WORD}-place", kind="station", name=f"{WORD} place", geom=at, division_path=EAST))


async def _plant_follow_up(store: Store, incident: int) -> None:
    """A dissatisfied answer about a case of the eastern town."""
    at = datetime.now(UTC)
    drawn = {"draw": "joint", "period": MONTH, "number": 1, "share": "1", "drawn": True, "drawn_at": at}
    asked = {"way": "phone", "answers": {"result": WORD}, "note": f"{WORD} note", "satisfied": "no", "asked_at": at}
    said = {"standing": "mending", "tries": 1, "dissatisfied_at": at, "dissatisfied_times": 1, "unit": UNIT}
    async with store.transaction(Reach(scope=ROOT)) as session:
        session.add(CaseFollowUp(incident_id=incident, division_path=EAST, **drawn, **asked, **said))


async def _plant_attachment(store: Store, incident: int) -> None:
    """A photo of a case of the eastern town."""
    of_bytes = {"media_type": "image/jpeg", "sent_digest": WORD, "digest": WORD, "thumbnail_digest": WORD}
    said = {"kind": "photo", "origin": "camera", "geom": from_shape(shapely.Point(*HOME), srid=4326)}
    come = {"received_at": datetime.now(UTC), "size_bytes": 1, "sent_by": 1, "sender": f"{WORD} sender"}
    row = Attachment(id=ATTACHMENT_ID, incident_id=incident, division_path=EAST, **of_bytes, **said, **come)
    async with store.transaction(Reach(scope=ROOT)) as session:
        session.add(row)


def _plant_list(session: AsyncSession) -> None:
    """An entry of a monthly list, handed over and overdue; and a mark on a checklist."""
    at = datetime.now(UTC)
    handed = {"unit": UNIT, "request": WORD, "handed_at": at, "answer_due_at": at}
    made = {"rule": "", "title": f"{WORD} entry", "note": WORD, "made_at": at, "made_by": 1, "version": 1}
    session.add(ListEntry(code=LIST, month=MONTH, division_path=EAST, **made, **handed))
    mark = {"checklist": "five_have", "item": "place", "unit": UNIT, "day": at.date(), "met": False, "note": WORD}
    session.add(ChecklistMark(**mark, marked_at=at, marked_by=1, division_path=EAST))


async def _plant_plan(session: AsyncSession) -> None:
    """A draft over the eastern town, with an operation and a comment."""
    by = {"created_by": 1, "author": f"{WORD} author", "division_path": EAST}
    at = datetime.now(UTC)
    plan = Plan(
        title=f"{WORD} plan",
        reason=f"{WORD} reason",
        base_day=at.date(),
        state="draft",
        head=0,
        created_at=at,
        changed_at=at,
        version=1,
        **by,
    )
    session.add(plan)
    await session.flush()
    operation = {"op": "rename", "code": EAST.rpartition(".")[2], "name": f"{WORD} name"}
    session.add(PlanOperation(plan_id=plan.id, follows=0, operation=operation, at=at, **by))
    session.add(PlanEntry(plan_id=plan.id, kind="comment", note=f"{WORD} note", at=at, version=1, **by))


def _plant_closure(session: AsyncSession) -> None:
    """A road of the eastern town that is closed."""
    at = datetime.now(UTC)
    outline = from_shape(shapely.Point(*POST).buffer(0.0002), srid=4326)
    by = {"opened_at": at, "opened_by": 1, "opener": f"{WORD} opener", "starts_at": at}
    session.add(Closure(outline=outline, modes=["car"], reason=f"{WORD} reason", division_path=EAST, version=1, **by))


def _plant_command(session: AsyncSession) -> None:
    """A command of an eastern phone, which somebody has to decide on, and its store."""
    at = datetime.now(UTC)
    by = {"user_id": 1, "device": COMMAND_ID, "division_path": EAST}
    session.add(Phone(began_at=at, heard_at=at, last_seq=3, heard=1, ahead_s=0, **by))
    body = {"command": "finish", "note": f"{WORD} note", "reason": WORD}
    times = {"device_at": at, "done_at": at, "received_at": at}
    said = {"command": "finish", "body": body, "digest": b"", "status": "review", "params": {}}
    session.add(Command(id=COMMAND_ID, device_seq=3, **said, **times, **by))


async def _plant_round(session: AsyncSession) -> None:
    """A route of an eastern grid, a round on it that was reported from its place, and a visit."""
    at = datetime.now(UTC)
    await session.flush()
    force = (await session.scalars(select(Force.id).where(Force.code == WORD))).one()
    by = {"division_code": GRID, "division_path": GRID_PATH}
    points = [{"id": WORD, "name": f"{WORD} point", "lon": POST[0], "lat": POST[1], "code": WORD}]
    changed = {"changed_at": at, "changed_by": 1, "version": 1}
    route = PatrolRoute(name=f"{WORD} route", points=points, **changed, **by)
    session.add(route)
    await session.flush()
    by |= {"force_id": force, "force_name": f"{WORD} force"}
    told = {"route_name": route.name, "points": points, "started_at": at, "note": f"{WORD} note", "version": 2}
    times = {"at": at, "device_at": at, "received_at": at, "doubtful": False}
    session.add(PatrolRound(id=ROUND_ID, route_id=route.id, **told, **by))
    session.add(Visit(id=ROUND_ID, kind="household", count=3, matter=f"{WORD} matter", **times, **by))
    await session.flush()
    place = from_shape(shapely.Point(*POST), srid=4326)
    mark = {"n": 2, "point": WORD, "how": "place", "place": place, "distance_m": 0.0, "reason": f"{WORD} reason"}
    session.add(RoundMark(id=ROUND_ID, round_id=ROUND_ID, division_path=GRID_PATH, **mark, **times))


async def _plant_viewing(session: AsyncSession) -> None:
    """A view of the eastern camera that was granted for an incident there, and what the platform said of it."""
    at = datetime.now(UTC)
    await session.flush()
    camera = (await session.scalars(select(Camera).where(Camera.name.startswith(WORD)))).one()
    case = {"incident_id": FIRST_ID, "case_code": WORD, "reason": f"{WORD} reason", "minutes": 60}
    who = {"user_id": 1, "username": f"{WORD} viewer", "asked_at": at, "granted_at": at}
    seen = {"camera_id": camera.id, "camera_code": camera.code, "camera_name": camera.name}
    session.add(Viewing(expires_at=at + timedelta(hours=1), division_path=EAST, **case, **who, **seen))
    outline = from_shape(shapely.MultiPolygon([shapely.Point(*POST).buffer(0.0002)]), srid=4326)
    session.add(_warning())
    session.add(KeyArea(code=f"{WORD}-area", kind="school", name=f"{WORD} area", geom=outline, division_path=EAST))
    session.add(CameraState(camera_id=camera.id, online=True, said_at=at, heard_at=at))


def _plant_notice(session: AsyncSession) -> None:
    """An urging to the eastern town's pool, which nobody has answered."""
    at = datetime.now(UTC)
    session.add(
        Notice(
            key=WORD,
            kind="urge",
            case_code=WORD,
            to_unit=UNIT,
            body={"clock": WORD},
            note=f"{WORD} note",
            urgent=True,
            made_at=at,
            shown_at=at,
            answer_due_at=at,
            division_path=EAST,
        )
    )


async def _plant_register(session: AsyncSession, *, at: WKBElement) -> None:
    """A pool of the eastern town, with a mediator in it."""
    now = datetime.now(UTC)
    unit = Unit(
        code=UNIT,
        kind="pool",
        is_centre=False,
        name=f"{WORD} unit",
        name_en=f"{WORD} unit",
        parent=None,
        level="town",
        division_path=EAST,
        geom=at,
        hours="",
        telephone=f"{WORD}-desk",
        services=[],
        specialities=["dispute.family"],
        attendance="resident",
        running=True,
        assumed=False,
        properties={},
        opened_on=now.date(),
    )
    person = StaffMember(code=f"{WORD}-1", name=f"{WORD} mediator", division_path=EAST)
    session.add_all([unit, person])
    await session.flush()
    lists: dict[str, list[str]] = {"managed_by": [], "specialities": []}
    told = {"duty": "member", "title": "expert", "role": "clerk", "attendance": ""}
    days = {"first_day": now.date(), "created_at": now}
    session.add(Post(person_id=person.id, unit_id=unit.id, division_path=EAST, **lists, **told, **days))
    _plant_roster(session, person.id, now=now)
    named = {"username": USERNAME, "display_name": f"{WORD} clerk", "role": "clerk", "scope_path": EAST}
    session.add(User(password_hash=None, force_id=None, person_id=None, disabled_at=None, created_at=now, **named))
    counted = {"division_code": GRID, "division_path": GRID_PATH, "counted_on": now.date(), "source": WORD}
    session.add(ExposureCount(households=777, premises=77, enterprises=7, **counted))
    said = {"user_id": 1, "author": f"{WORD} author", "kind": "unit.edited", "subject": UNIT, "reason": WORD}
    session.add(ChangeEntry(at=now, details={}, division_path=EAST, **said))


def _plant_roster(session: AsyncSession, person: int, *, now: datetime) -> None:
    """A shift of the eastern mediator, and their leave after it."""
    by = {"who_kind": "person", "who_id": person, "division_path": EAST, "version": 1}
    by |= {"cancelled_at": None, "changed_at": now, "changed_by": 1}
    end = now + timedelta(hours=8)
    told = {"attendance": "rotating", "unit": UNIT, "pattern": "", "note": f"{WORD} note"}
    session.add(Shift(id=SHIFT_ID, starts_at=now, ends_at=end, assumed=False, answer_minutes=None, **told, **by))
    session.add(Leave(id=LEAVE_ID, starts_at=end, ends_at=end + timedelta(days=1), **by))


async def _plant_network(session: AsyncSession) -> None:
    """An area of a sector's network in an eastern grid; the grid's branch, list of services and post."""
    day = datetime.now(UTC).date()
    square = shapely.box(*(degrees - SIDE / 4 for degrees in POST), *(degrees + SIDE / 4 for degrees in POST))
    session.add(
        NetworkArea(
            sector=NETWORK,
            code=f"{WORD} area",
            name=f"{WORD} area",
            organisation=WORD,
            worker=f"{WORD} worker",
            worker_code=WORD,
            counts={"households": 7},
            division_path=GRID_PATH,
            touches=[GRID_PATH],
            valid_from=day,
            geom=from_shape(shapely.MultiPolygon([square]), srid=4326),
        )
    )
    by = {"division_code": GRID, "division_path": GRID_PATH, "created_by": 1, "author": f"{WORD} author"}
    by |= {"first_day": day, "at": datetime.now(UTC)}
    session.add(PartyBranch(name=f"{WORD} branch", **by))
    session.add(ServiceList(items=[{"title": f"{WORD} service", "verdict": "allowed", "basis": ""}], **by))
    force = (await session.scalars(select(Force.id).where(Force.code == WORD))).one()
    session.add(GridPost(force_id=force, post="worker", **by))


async def _reported(operator: httpx.AsyncClient, place: tuple[float, float], *, number: int) -> dict[str, object]:
    body = {
        "source": SOURCE,
        "external_no": f"{WORD}-{number}",
        "category": "dispute.family",
        "title": f"{WORD} {number}",
        "description": f"{WORD} 13800138000",
        "lon": place[0],
        "lat": place[1],
    }
    answer = await operator.post("/api/incidents", json=body, headers={"Idempotency-Key": f"{WORD}-{number}"})
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


async def _worked_on(
    operator: httpx.AsyncClient, gateway: httpx.AsyncClient, *, incident: object, force: int, last: str
) -> None:
    answer = await operator.post(f"/api/incidents/{incident}/tasks", json={"force": force})
    assert answer.status_code == 201, answer.text
    task = answer.json()["id"]
    for step in ("accept", "depart", "arrive", "finish"):
        answer = await gateway.post(f"/api/tasks/{task}/{step}", json={"note": f"{WORD} said"})
        assert answer.status_code == 200, answer.text
        if step == last:
            return


def _now() -> str:
    return datetime.now(UTC).isoformat()


def rows_of_sister(owner: psycopg.Connection, tables: Iterable[str]) -> dict[str, list[str]]:
    """Every row of the eastern town in these tables, as text."""
    found = {}
    for table in tables:
        rows = owner.execute(
            f"SELECT t::text FROM {table} t WHERE division_path <@ %s::ltree ORDER BY 1".encode(), (EAST,)
        )
        found[table] = [row[0] for row in rows]
    return found


def text_of(answer: httpx.Response) -> str:
    """All that an answer says: its headers, and its body, a tile's features and a report's text among it."""
    heads = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    if "mapbox-vector-tile" in answer.headers.get("content-type", ""):
        return "\n".join([heads, *_texts_of_tile(answer)])
    if answer.headers.get("content-type") == "application/pdf":
        return "\n".join([heads, *(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)])
    return f"{heads}\n{answer.text}"


def _texts_of_tile(answer: httpx.Response) -> Iterator[str]:
    """Each feature with its properties, and of points where they are."""
    z, y, x = (int(part) for part in str(answer.url.path).rsplit("/", 3)[-3:])
    for layer, features in decode(answer.content).items():
        for feature in features:
            yield f"{layer} {feature.id} {feature.properties}"
            if len(feature.vertices) == 1:
                yield "{:.7f} {:.7f}".format(*_degrees(z, y, x, feature.vertices[0]))


def _degrees(z: int, y: int, x: int, vertex: tuple[int, int]) -> tuple[float, float]:
    across, down = (x + vertex[0] / 4096) / 2**z, (y + vertex[1] / 4096) / 2**z
    return across * 360 - 180, degrees(atan(sinh(pi * (1 - 2 * down))))


def tiles_over(place: tuple[float, float], zooms: Iterable[int]) -> Iterator[tuple[int, int, int]]:
    """Zoom, row and column of the tiles that a place lies in."""
    lon, lat = place
    for z in zooms:
        down = (1 - log(tan(radians(lat)) + 1 / cos(radians(lat))) / pi) / 2
        yield z, int(down * 2**z), int((lon + 180) / 360 * 2**z)
