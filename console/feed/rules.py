"""Who may see which event, and how much of it. Pure.

`Audience.sees` says in Python what row-level security says in the database, so that one reading of the log serves
every socket; the tests hold the two against each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from geo.cells import centre, from_hex, parent, to_hex
from geo.errors import MaplebridgeError
from geo.store import Reach

WALL_RESOLUTION = 9
"""H3 resolution to which a wall blurs a place: cells of about 0.1 km²."""

Body = dict[str, Any]


class BadPosition(MaplebridgeError):
    """A position in the feed that is not written `epoch:pos`."""

    code = "feed.position_invalid"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the feed; positions compare only within one epoch."""

    epoch: str
    pos: int

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """From `epoch:pos`. Raises `BadPosition`."""
        epoch, _, pos = text.rpartition(":")
        if not epoch or not pos.isascii() or not pos.isdigit() or len(pos) > 18:
            raise BadPosition
        return cls(epoch=epoch, pos=int(pos))


@dataclass(frozen=True, slots=True)
class Sight:
    """Who sees an entity: those whose division holds its path, and these forces wherever it lies."""

    division_path: str
    force_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to one entity, at its position in the feed.

    Without a body it has left `sight`: of those who saw it there, all who are not in `kept` see it no more.
    """

    pos: int
    at: datetime
    kind: str
    entity_id: int
    version: int
    sight: Sight
    body: Body | None
    kept: Sight | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who get the same frames: a division's subtree, masked or not; or one force, wherever it is."""

    scope: str
    masked: bool = False
    force_id: int | None = None

    @property
    def reach(self) -> Reach:
        """What the store shows this audience. A force sees what concerns it and nothing else."""
        return Reach(scope=self.scope) if self.force_id is None else Reach(force_id=self.force_id)

    def sees(self, sight: Sight) -> bool:
        """Whether the store would show it a row of this sight."""
        if self.force_id is not None:
            return self.force_id in sight.force_ids
        return lies_within(sight.division_path, self.scope)

    def hears(self, event: Event) -> bool:
        """Whether it is sent an event: a state that it sees, or that it sees an entity no more."""
        return self.sees(event.sight) and (event.kept is None or not self.sees(event.kept))

    def shown(self, kind: str, body: Body) -> Body | None:
        """The body as this audience may read it, None when it may not be told of the kind at all."""
        return masked(kind, body) if self.masked else body


def lies_within(path: str, scope: str) -> bool:
    """Whether a division's path is `scope` or under it, as `<@` compares ltrees."""
    return path == scope or path.startswith(scope + ".")


def is_shown_masked(kind: str) -> bool:
    """Whether a wall is told of this kind at all."""
    return kind in _MASKS


def masked(kind: str, body: Body) -> Body | None:
    """What a wall may show of an entity: no words that people wrote, no code, no name, the place only roughly.

    Every field is named as shown or as blanked; one that is neither, or a kind without a rule, is left out.
    """
    mask = _MASKS.get(kind)
    return mask(body) if mask else None


def _masked_incident(body: Body) -> Body:
    return _pick(body, INCIDENT_SHOWN) | {
        "case_code": "",
        "external_no": None,
        "title": "",
        "description": "",
        "grid": None,
        "division_path": _cut(body["division_path"], body["division"]),
        **_blurred(body["cell"]),
    }


def _masked_task(body: Body) -> Body:
    return _pick(body, TASK_SHOWN) | {"assigned_by": None, "reason": None, "note": ""}


def _masked_force(body: Body) -> Body:
    return _pick(body, FORCE_SHOWN) | {
        "code": "",
        "name": "",
        "organisation": "",
        "specialities": [],
        "languages": [],
        "home_lon": 0.0,
        "home_lat": 0.0,
        "division_path": _cut(body["division_path"], None),
    }


INCIDENT_SHOWN = frozenset(
    {
        "id",
        "source",
        "category",
        "risk",
        "level",
        "status",
        "division",
        "occurred_at",
        "registered_at",
        "first_due_at",
        "closed_at",
        "duplicate_of",
        "version",
    }
)
TASK_SHOWN = frozenset(
    {
        "id",
        "incident",
        "force",
        "status",
        "active",
        "assigned_at",
        "answer_due_at",
        "warned_at",
        "accepted_at",
        "departed_at",
        "arrived_at",
        "ended_at",
        "cost_minutes",
        "eta_minutes",
        "version",
    }
)
FORCE_SHOWN = frozenset({"id", "kind", "mode", "duty", "version"})

_MASKS: MappingProxyType[str, Callable[[Body], Body]] = MappingProxyType(
    {"incident": _masked_incident, "task": _masked_task, "force": _masked_force}
)


def _pick(body: Body, fields: frozenset[str]) -> Body:
    return {name: value for name, value in body.items() if name in fields}


def _cut(path: str, last: str | None) -> str:
    """The path down to the division `last`, or its root alone: the leaf of a path can be a single courtyard."""
    labels = path.split(".")
    return ".".join(labels[: labels.index(last) + 1]) if last in labels else labels[0]


def _blurred(cell: str) -> Body:
    """The centre of the coarse cell around a place."""
    coarse = parent(from_hex(cell), WALL_RESOLUTION)
    lon, lat = centre(coarse)
    return {"cell": to_hex(coarse), "lon": lon, "lat": lat}
