"""Read what a report of an incident says, as its reader may see it, and word it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.incident_report.assets import Words
from api.http.incident_report.sheet import Line, Outline, ReportSheet, Row, Sketch, Table, map_box
from api.http.language import Lang
from api.place.pack import Pack
from console.access.rules import Actor
from console.access.sight import Sight, Subject, sight_of
from console.access.tables import User
from console.forces.tables import Force
from console.incidents.events import location_of
from console.incidents.queries import TimelineItem, list_timeline
from console.incidents.tables import Incident
from console.tasks.tables import Task
from geo.terms import Coded
from layers.cameras.queries import list_cameras
from layers.divisions.queries import find_outlines, names_along

DASH = "—"
MOST_CAMERAS = 200
TASK_TIMES = ("assigned_at", "accepted_at", "departed_at", "arrived_at", "ended_at")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reader, language and time of a report."""

    actor: Actor
    lang: Lang
    words: Words
    pack: Pack
    now: datetime
    today: date

    @property
    def sees_forces(self) -> bool:
        """Whether names of forces are shown, by the rule of sight."""
        return sight_of(self.actor.role, Subject.FORCES) is Sight.OPEN

    def time(self, moment: datetime | None) -> str:
        return DASH if moment is None else f"{moment.astimezone(self.pack.zone):%Y-%m-%d %H:%M}"

    def name_in(self, coded: Sequence[Coded], code: str) -> str:
        found = next((one for one in coded if one.code == code), None)
        return getattr(found.names, self.lang) if found else code

    def category(self, code: str) -> str:
        return self.name_in(self.pack.incidents.categories, code)

    def risk(self, code: str) -> str:
        return self.name_in(self.pack.incidents.risks, code)

    def language(self, code: str) -> str:
        return self.name_in(self.pack.forces.languages, code)

    def source(self, code: str) -> str:
        return self.name_in(self.pack.reports.sources, code)


async def read_report(session: AsyncSession, incident: Incident, reader: Reader) -> ReportSheet:
    """Return the texts and outlines of an incident's report."""
    words = reader.words
    names = await names_along(session, incident.division_path, day=reader.today)
    user = await session.get(User, reader.actor.user_id)
    made_by = user.display_name if user else reader.actor.username
    return ReportSheet(
        kind=words("report.title"),
        title=incident.title,
        code=incident.case_code,
        facts=_facts(incident, names, reader),
        description=(words("incident.description"), incident.description),
        sketch=await _sketch(session, incident, reader),
        tables=[
            table
            for table in (await _sent(session, incident, reader), await _record(session, incident, reader))
            if len(table.rows) > 1
        ],
        footer=words("report.made", name=made_by, time=reader.time(reader.now)),
        lang=reader.lang,
    )


def _facts(incident: Incident, names: Sequence[str], reader: Reader) -> list[tuple[str, str]]:
    words = reader.words
    point = location_of(incident)
    where = " ".join(names[1:] or names)
    facts = [
        (words("field.category"), reader.category(incident.category)),
        (words("field.risk"), reader.risk(incident.risk)),
        (words("report.status"), words.code("status", incident.status)),
        (words("incident.where"), " · ".join(part for part in (where, incident.address) if part)),
        (words("report.point"), f"{point[0]:.6f}, {point[1]:.6f}" if point else words("incident.place.waits")),
        (words("incident.source"), reader.source(incident.source)),
        (words("incident.occurred"), reader.time(incident.occurred_at)),
        (words("incident.registered"), reader.time(incident.registered_at)),
        (words("incident.due"), reader.time(incident.first_due_at)),
    ]
    if incident.language:
        facts.append((words("record.language"), reader.language(incident.language)))
    return facts + ([(words("field.closed_at"), reader.time(incident.closed_at))] if incident.closed_at else [])


async def _sent(session: AsyncSession, incident: Incident, reader: Reader) -> Table:
    """List the forces sent, with their roles and the times of their steps."""
    wanted = select(Task, Force.name).outerjoin(Force, Force.id == Task.force_id).where(Task.incident_id == incident.id)
    words = reader.words
    head = (words("report.force"), words("candidates.role"), words("report.status"))
    steps = tuple(words(f"task.step.{step}") for step in ("assigned", "accepted", "departed", "arrived"))
    rows: list[Row] = [(*head, *steps, words("report.ended"))]
    for task, name in await session.execute(wanted.order_by(Task.id)):
        shown = name if name and reader.sees_forces else DASH
        who = (shown, words.code("role", task.role), words.code("task.status", task.status))
        rows.append((*who, *(_clock(getattr(task, at), reader) for at in TASK_TIMES)))
    return Table(words("report.sent"), (34, 16, 28, 18, 18, 18, 18, 18), rows)


def _clock(moment: datetime | None, reader: Reader) -> str:
    return DASH if moment is None else f"{moment.astimezone(reader.pack.zone):%m-%d %H:%M}"


async def _record(session: AsyncSession, incident: Incident, reader: Reader) -> Table:
    """The timeline, oldest first."""
    words = reader.words
    rows: list[Row] = [(words("report.time"), words("report.entry"), words("report.by"), words("report.details"))]
    for item in await list_timeline(session, incident):
        force = item.force_name if reader.sees_forces else None
        by = " · ".join(part for part in (force, item.actor) if part)
        rows.append((reader.time(item.at), words.code("timeline", item.kind), by or DASH, details_of(item, reader)))
    return Table(words("incident.timeline"), (32, 30, 40, 72), rows)


def details_of(item: TimelineItem, reader: Reader) -> str:
    """Word the reason, the note and the changes of an entry, and which other incident it names."""
    data = item.data
    said = [_reason(item.kind, data["reason"], reader)] if isinstance(data.get("reason"), str) else []
    said += [data["note"]] if isinstance(data.get("note"), str) else []
    said += [f"#{data[key]}" for key in ("of", "by", "into", "from") if isinstance(data.get(key), int)]
    return "\n".join([*said, *_changes(data, reader)])


def _reason(kind: str, code: str, reader: Reader) -> str:
    """Name a reason or an outcome, as the place's pack has them."""
    terms = reader.pack.tasks
    if kind == "closed":
        return reader.words.code("closing", code)
    listed = {
        "task.finished": terms.outcomes,
        "task.declined": terms.decline_reasons,
        "task.given_back": terms.decline_reasons,
    }
    return reader.name_in(listed.get(kind, terms.recall_reasons), code)


def _changes(data: dict[str, Any], reader: Reader) -> Iterator[str]:
    fields = data.get("fields")
    for name in fields if isinstance(fields, list) else []:
        pair = data.get(name)
        if isinstance(pair, list) and len(pair) == 2:
            was, becomes = (_said(name, value, reader) for value in pair)
            field = reader.words.code("field", name)
            yield reader.words("timeline.change", field=field, **{"from": was, "to": becomes})


def _said(name: str, value: Any, reader: Reader) -> str:
    if value is None or value == "":
        return DASH
    if isinstance(value, list):
        return ", ".join(f"{part:.6f}" if isinstance(part, float) else str(part) for part in value)
    if name.endswith("_at"):
        return reader.time(datetime.fromisoformat(value))
    naming = {"risk": reader.risk, "category": reader.category, "language": reader.language}
    return naming.get(name, str)(value)


async def _sketch(session: AsyncSession, incident: Incident, reader: Reader) -> Sketch | None:
    """Read the boundaries and cameras around the incident; None while it waits for a place."""
    point = location_of(incident)
    if point is None:
        return None
    box = map_box(point)
    frame = shapely.box(*box)
    around = await find_outlines(session, box, level="grid", day=reader.today)
    outlines = [
        Outline(
            name,
            _lines(geom.boundary.intersection(frame)),
            _label(geom.intersection(frame)),
            own=code == incident.grid_code,
        )
        for code, name, geom in around
        if geom.intersects(frame)
    ]
    cameras = await list_cameras(session, limit=MOST_CAMERAS, bbox=box)
    root = reader.pack.root.boundary
    credit = [reader.words("review", number=root.review_number)] if root.review_number else []
    return Sketch(
        point=point,
        outlines=sorted(outlines, key=lambda outline: outline.own),
        cameras=[(camera.lon, camera.lat) for camera in cameras],
        credit=" · ".join([reader.words("report.legend"), *credit]),
        scale=reader.words("distance.m", n="200"),
    )


def _lines(geom: BaseGeometry) -> list[Line]:
    """Return the lines among whatever clipping has left of a boundary."""
    parts = (part for part in shapely.get_parts(geom) if part.geom_type in ("LineString", "LinearRing"))
    return [[(x, y) for x, y, *_ in part.coords] for part in parts]


def _label(geom: shapely.Geometry) -> tuple[float, float]:
    middle = shapely.point_on_surface(geom)
    return middle.x, middle.y
