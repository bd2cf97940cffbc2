"""Reports, edits and refusals of incidents, and how long a closed incident is shown. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from geo.errors import ErrorKind, MaplebridgeError

LIVE_AFTER_CLOSING = timedelta(days=1)
"""Time for which a closed incident and an ended task stay on screens and in the force's list of tasks."""


@dataclass(frozen=True, slots=True)
class Report:
    """An incident as reported by its source, in WGS-84 degrees and of a known category.

    `lat` may exceed ±90, by which exchanged coordinates are detected. `raw_x`, `raw_y` are the coordinates as received,
    in `datum`. Without a point these five are None, and `address` has the place in words. `closed_at` marks a record of
    the past; `closing_assumed` if its closing time was not recorded. `given` are the fields that the source filled,
    `digest` is that of their content.
    """

    source: str
    external_no: str | None
    category: str
    title: str
    description: str
    lon: float | None
    lat: float | None
    raw_x: float | None
    raw_y: float | None
    datum: str | None
    occurred_at: datetime
    closed_at: datetime | None = None
    risk: str | None = None
    language: str | None = None
    closing_assumed: bool = False
    address: str = ""
    given: frozenset[str] = frozenset()
    digest: str | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


REPORTED_FIELDS = ("source", "external_no", "category", "title", "description", "language", "address")
"""Columns and body fields that are copied from the report."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Outcome of an accepted report: the incident's id and case code. `created` is false for a repeated report, and
    `differs` then names the fields that had other values before.
    """

    incident_id: int
    case_code: str
    created: bool
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Reasons to refuse a report: pairs of field and code."""

    errors: tuple[tuple[str, str], ...]


OUTSIDE = Refusal((("lon", "outside"), ("lat", "outside")))
OFF_THE_GLOBE = Refusal((("lat", "range"),))
SWAPPED = Refusal((("lon", "swapped"), ("lat", "swapped")))
TAKEN = Refusal((("external_no", "taken"),))
"""An incident of another division, which may not be shown, has this source and number."""


EDITED_FIELDS = ("category", "risk", "title", "description", "address", "language")
"""Fields that an edit or a correction can change, besides the place."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Fields to change; None leaves a field as it is, and an empty `language` takes it away.

    `reason` makes it a correction, which a closed incident takes too. `seen` says that a report that came again with
    other content has been looked at.
    """

    category: str | None = None
    risk: str | None = None
    title: str | None = None
    description: str | None = None
    address: str | None = None
    language: str | None = None
    reason: str = ""
    seen: bool = False

    @property
    def only_seen(self) -> bool:
        """Whether nothing is said but that a report that came again has been looked at."""
        return self.seen and all(getattr(self, name) is None for name in EDITED_FIELDS)

    def changed_from(self, before: Mapping[str, str]) -> dict[str, str]:
        """Return the fields that differ from `before`, with their new values."""
        wanted = {name: getattr(self, name) for name in EDITED_FIELDS}
        return {name: value for name, value in wanted.items() if value is not None and value != before[name]}


class IncidentClosed(MaplebridgeError):
    """A closed incident is changed by a correction only, which says why."""

    code = "incident.closed"
    kind = ErrorKind.CONFLICT


class WaitsForPlace(MaplebridgeError):
    """The incident has no point yet, only an address in words."""

    code = "incident.no_place"
    kind = ErrorKind.CONFLICT


class AddressNeeded(MaplebridgeError):
    """The incident has no point, so its address cannot be emptied."""

    code = "incident.address"
    kind = ErrorKind.INVALID


class MergeClosed(MaplebridgeError):
    """One of the two incidents is closed, so they cannot be merged."""

    code = "incident.merge_closed"
    kind = ErrorKind.CONFLICT


class MergeOccupied(MaplebridgeError):
    """A force is on the incident that would be merged into another one."""

    code = "incident.merge_occupied"
    kind = ErrorKind.CONFLICT


class NotMerged(MaplebridgeError):
    """The incident is not merged into another one."""

    code = "incident.not_merged"
    kind = ErrorKind.CONFLICT


class NotDuplicate(MaplebridgeError):
    """The two incidents are not linked as likely duplicates, or were never dismissed as such."""

    code = "incident.not_duplicate"
    kind = ErrorKind.CONFLICT


def outside_reason(lat: float, *, swapped: bool) -> Refusal:
    """Return why a point lies outside all divisions; `swapped` if exchanging longitude and latitude puts it inside."""
    if swapped:
        return SWAPPED
    return OUTSIDE if abs(lat) <= 90 else OFF_THE_GLOBE


def is_history(occurred_at: datetime, *, now: datetime, after: timedelta) -> bool:
    """Whether an imported incident without a closing time is history: it occurred more than `after` ago."""
    return occurred_at < now - after


def assumed_closing(occurred_at: datetime, *, now: datetime, after: timedelta) -> datetime:
    """Return when an incident without a closing time counts as closed: on becoming history, or now if it is not yet."""
    return min(now, occurred_at + after)


def is_shown_live(closed_at: datetime | None, *, now: datetime) -> bool:
    """Whether snapshot and feed carry the incident: while it is open, and for a day after closing."""
    return closed_at is None or closed_at > now - LIVE_AFTER_CLOSING
