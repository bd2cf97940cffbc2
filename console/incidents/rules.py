"""What a report must say, what its risk means, what an edit changes, and how long a closed incident is shown. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

LIVE_AFTER_CLOSING = timedelta(days=1)
"""How long a closed incident and an ended task stay on the screens, and on the list of the force that was sent."""


@dataclass(frozen=True, slots=True)
class Report:
    """An incident as its source reports it, in WGS-84 (degrees) and of known category.

    A `lat` beyond ±90 may come in: it is how exchanged coordinates are recognised. `raw_x`, `raw_y` are the coordinates
    as they came, in `datum`. `closed_at` marks a record of the past.
    """

    source: str
    external_no: str | None
    category: str
    title: str
    description: str
    lon: float
    lat: float
    raw_x: float
    raw_y: float
    datum: str
    occurred_at: datetime
    closed_at: datetime | None = None
    risk: str | None = None
    language: str | None = None


REPORTED_FIELDS = ("source", "external_no", "category", "title", "description", "language")
"""What an incident has as the source said it: columns of those names, and fields of its body."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What became of a report: the incident's id and code. `created` is false when the source had sent it before."""

    incident_id: int
    case_code: str
    created: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a report was not taken: pairs of field and code."""

    errors: tuple[tuple[str, str], ...]


OUTSIDE = Refusal((("lon", "outside"), ("lat", "outside")))
OFF_THE_GLOBE = Refusal((("lat", "range"),))
SWAPPED = Refusal((("lon", "swapped"), ("lat", "swapped")))
TAKEN = Refusal((("external_no", "taken"),))
"""Another division's incident has this source and number: it may not be shown, and there cannot be two."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Fields to change; None leaves a field as it is."""

    category: str | None = None
    risk: str | None = None
    title: str | None = None
    description: str | None = None

    def changed_from(self, before: Mapping[str, str]) -> dict[str, str]:
        """The fields that really differ from `before`, with their new values."""
        wanted = {name: getattr(self, name) for name in ("category", "risk", "title", "description")}
        return {name: value for name, value in wanted.items() if value is not None and value != before[name]}


def outside_reason(report: Report, *, swapped: bool) -> Refusal:
    """Why a report lies in no division of ours; `swapped` when it would with longitude and latitude exchanged."""
    if swapped:
        return SWAPPED
    return OUTSIDE if abs(report.lat) <= 90 else OFF_THE_GLOBE


def is_shown_live(closed_at: datetime | None, *, now: datetime) -> bool:
    """Whether snapshot and feed carry the incident: while it is open, and a day longer."""
    return closed_at is None or closed_at > now - LIVE_AFTER_CLOSING
