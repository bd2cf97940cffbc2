"""Validate reports and turn them into observations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from geo.clocks import CLOCKS_DIFFER
from geo.datum import Datum, to_wgs84
from ingest.reports.content import content_of, digest_of
from ingest.reports.fields import COPIED_FIELDS, Observation, Report
from ingest.reports.observation import FieldError, Refused
from ingest.reports.terms import KnownCodes

MOST_ERRORS = 10
LONGEST_NAME = 64
DEEPEST_NAME = 8

OLDEST_YEAR = 1900
"""Earlier times are errors of the source, and overflow calendars."""


def observe(report: Report, known: KnownCodes, *, now: datetime) -> Observation | Refused:
    """Return the observation of a report at `now`, or all its errors."""
    return observe_all([report], known, now=now)[0]


def observe_all(reports: Sequence[Report], known: KnownCodes, *, now: datetime) -> list[Observation | Refused]:
    """Observe many reports, in order. Coordinates of one datum are converted together, which is much faster."""
    errors = [_errors(report, known, now=now) for report in reports]
    return [
        Refused(tuple(wrong)) if wrong else _observation(report, lon, lat, now=now)
        for report, wrong, (lon, lat) in zip(reports, errors, _in_wgs84(reports), strict=True)
    ]


Place = tuple[float, float] | tuple[None, None]


def _in_wgs84(reports: Sequence[Report]) -> list[Place]:
    """Return longitude and latitude of each report in WGS-84. A latitude beyond ±90 is not converted."""
    places = [_place(report) for report in reports]
    for datum in {report.datum for report in reports} - {Datum.WGS84}:
        given = [(i, place) for i, place in enumerate(places) if reports[i].datum == datum]
        there = [(i, lon, lat) for i, (lon, lat) in given if lon is not None and lat is not None and abs(lat) <= 90]
        lons, lats = to_wgs84([lon for _, lon, _ in there], [lat for _, _, lat in there], Datum(datum))
        for (i, _, _), lon, lat in zip(there, lons.tolist(), lats.tolist(), strict=True):
            places[i] = (lon, lat)
    return places


def _place(report: Report) -> Place:
    return (None, None) if report.lon is None or report.lat is None else (report.lon, report.lat)


def _observation(report: Report, lon: float | None, lat: float | None, *, now: datetime) -> Observation:
    content = content_of(report.model_dump())
    return Observation(
        **{name: getattr(report, name) for name in COPIED_FIELDS},
        lon=lon,
        lat=lat,
        raw_x=report.lon,
        raw_y=report.lat,
        datum=None if lon is None else report.datum,
        occurred_at=report.occurred_at or report.closed_at or now,
        given=frozenset(content),
        digest=digest_of(content),
    )


def _errors(report: Report, known: KnownCodes, *, now: datetime) -> list[FieldError]:
    errors = [FieldError(field, "unknown") for field in fields_with_unknown_code(report, known)]
    errors += [FieldError(field, "missing") for field in _missing_coordinates(report)]
    for name, moment in (("occurred_at", report.occurred_at), ("closed_at", report.closed_at)):
        if moment is not None:
            errors += time_errors(name, moment, now=now)
    if report.occurred_at and report.closed_at and report.closed_at < report.occurred_at:
        errors.append(FieldError("closed_at", "before_occurred_at"))
    return errors


def _missing_coordinates(report: Report) -> list[str]:
    """Return the coordinates that are missing: a report has a whole point, or an address in words and none."""
    missing = [name for name in ("lon", "lat") if getattr(report, name) is None]
    return [] if len(missing) == 2 and report.address else missing


def fields_with_unknown_code(body: BaseModel, known: KnownCodes) -> list[str]:
    """Return the fields whose code is not in the pack. Missing fields are fine."""
    given = ((field, getattr(body, field, None)) for field in known)
    return [field for field, code in given if code is not None and code not in known[field]]


def time_errors(field: str, moment: datetime, *, now: datetime) -> list[FieldError]:
    """Return errors of a time that is in the future or before `OLDEST_YEAR`, for reports and files alike."""
    if moment > now + CLOCKS_DIFFER:
        return [FieldError(field, "future")]
    return [FieldError(field, "past")] if moment.year < OLDEST_YEAR else []


def field_errors(errors: Sequence[Any]) -> tuple[FieldError, ...]:
    """Convert the first of Pydantic's errors, without messages and values, and with the beginning of long names."""
    return tuple(FieldError(name_of(error["loc"]), error["type"]) for error in errors[:MOST_ERRORS])


def name_of(place: Sequence[int | str]) -> str:
    """Join the names that lead to a field. An unknown field is named by its sender, at any length."""
    return ".".join(str(part)[:LONGEST_NAME] for part in place[:DEEPEST_NAME])
