"""A report as it comes in, and what makes it an observation."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from geo.clocks import CLOCKS_DIFFER
from geo.datum import Datum, to_wgs84
from ingest.reports.observation import Flaw, Observation, Refused
from ingest.reports.terms import KnownCodes

OLDEST_YEAR = 1900
"""Before it nobody reported anything, and calendars overflow."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _writable(text: str) -> str:
    """Refuse characters that are no text; the store takes no NUL, and the others hide in logs and terminals."""
    if not text.isprintable() and _CONTROL.search(text):
        raise PydanticCustomError("control_character", "holds a control character")
    return text


def _written_out(moment: object) -> object:
    """Refuse a number where a time should be: nobody can tell its zone, nor seconds from milliseconds."""
    if isinstance(moment, str) and not _DATE.match(moment):
        raise PydanticCustomError("datetime_parsing", "is no RFC 3339 time")
    if isinstance(moment, int | float):
        raise PydanticCustomError("datetime_type", "is no RFC 3339 time")
    return moment


Words = Annotated[str, AfterValidator(_writable)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), Field(description="RFC 3339 with zone.")]


class Report(BaseModel):
    """A report, as any source sends it. Unknown fields, NaN, infinities and times without a zone are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, str_strip_whitespace=True)

    source: Words = Field(min_length=1, max_length=64, description="The system that reports; its own code.")
    external_no: Words | None = Field(
        None, min_length=1, max_length=128, description="Its number there. Sent again, it is the same incident."
    )
    category: Words = Field(max_length=64)
    title: Words = Field(min_length=1, max_length=200)
    description: Words = Field("", max_length=4000)
    lon: float = Field(strict=True, ge=-180, le=180, description="Degrees east, in `datum`.")
    lat: float = Field(
        strict=True, ge=-180, le=180, description="Degrees north, in `datum`; beyond ±90 only by mistake."
    )
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    occurred_at: Moment | None = Field(
        None, description="`closed_at` or else now, when left out. Its local day decides whose line holds."
    )
    closed_at: Moment | None = Field(None, description="A record of the past that is already closed.")
    risk: Words | None = Field(None, max_length=32, description="The category's own, when left out.")


def observe(report: Report, known: KnownCodes, *, now: datetime) -> Observation | Refused:
    """The observation that a report makes at `now`, or everything that is wrong with it."""
    return observe_all([report], known, now=now)[0]


def observe_all(reports: Sequence[Report], known: KnownCodes, *, now: datetime) -> list[Observation | Refused]:
    """`observe` for many, in order. Coordinates of one datum are converted together: one by one they cost most."""
    flaws = [_flaws(report, known, now=now) for report in reports]
    return [
        Refused(tuple(wrong)) if wrong else _observation(report, lon, lat, now=now)
        for report, wrong, (lon, lat) in zip(reports, flaws, _in_wgs84(reports), strict=True)
    ]


def _in_wgs84(reports: Sequence[Report]) -> list[tuple[float, float]]:
    """Longitude and latitude of each. A latitude beyond ±90 is no coordinate to convert, and stays as it came."""
    places = [(report.lon, report.lat) for report in reports]
    for datum in {report.datum for report in reports} - {Datum.WGS84}:
        there = [i for i, report in enumerate(reports) if report.datum == datum and abs(report.lat) <= 90]
        lons, lats = to_wgs84([places[i][0] for i in there], [places[i][1] for i in there], Datum(datum))
        for i, lon, lat in zip(there, lons.tolist(), lats.tolist(), strict=True):
            places[i] = (lon, lat)
    return places


def _observation(report: Report, lon: float, lat: float, *, now: datetime) -> Observation:
    return Observation(
        source=report.source,
        external_no=report.external_no,
        category=report.category,
        title=report.title,
        description=report.description,
        lon=lon,
        lat=lat,
        raw_x=report.lon,
        raw_y=report.lat,
        datum=report.datum,
        occurred_at=report.occurred_at or report.closed_at or now,
        closed_at=report.closed_at,
        risk=report.risk,
    )


def _flaws(report: Report, known: KnownCodes, *, now: datetime) -> list[Flaw]:
    flaws = [Flaw(field, "unknown") for field in unknown_codes(report, known)]
    for name, moment in (("occurred_at", report.occurred_at), ("closed_at", report.closed_at)):
        if moment is not None:
            flaws += flaws_of_time(name, moment, now=now)
    if report.occurred_at and report.closed_at and report.closed_at < report.occurred_at:
        flaws.append(Flaw("closed_at", "before_occurred_at"))
    return flaws


def unknown_codes(said: BaseModel, known: KnownCodes) -> list[str]:
    """The fields whose code the place does not know. A field that is left out is none of them."""
    given = ((field, getattr(said, field)) for field in known)
    return [field for field, code in given if code is not None and code not in known[field]]


def flaws_of_time(field: str, moment: datetime, *, now: datetime) -> list[Flaw]:
    """Why no matter can have happened then, if none can: the same for whatever door it comes in by."""
    if moment > now + CLOCKS_DIFFER:
        return [Flaw(field, "future")]
    return [Flaw(field, "past")] if moment.year < OLDEST_YEAR else []


def flaws_of(errors: Sequence[Any]) -> tuple[Flaw, ...]:
    """Pydantic's errors as flaws, without messages and values."""
    return tuple(Flaw(".".join(str(part) for part in error["loc"]), error["type"]) for error in errors)
