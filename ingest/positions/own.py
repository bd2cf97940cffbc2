"""The own format: a batch of fixes as JSON, each validated on its own."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from geo.datum import Datum
from ingest.positions.address import changes_meaning
from ingest.positions.reading import Reading, Unreadable, alarm_of
from ingest.reports.fields import MOST_MEMBERS
from ingest.reports.report import name_of


def reject_bool(value: object) -> object:
    """Refuse true and false as a number, which pydantic would read as 1 and 0: another force would be meant."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "is no integer")
    return value


class OwnFix(BaseModel):
    """One fix of the force given by `device` or `force`; speed in m/s, accuracy in metres, battery from 0 to 1.

    A negative quantity is an unknown one. A wrong quantity, and a field that the format has not, is left out and named
    in the response's `dropped`; one that would change what the position means, such as `crs`, refuses the fix.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, str_strip_whitespace=True)

    device: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    force: Annotated[int, Field(ge=1, le=2**53 - 1), BeforeValidator(reject_bool)] | None = None
    at: AwareDatetime
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    datum: Literal["wgs84", "gcj02", "bd09"] | None = Field(None, description="Default: the device's, else `wgs84`.")
    speed_mps: float | None = Field(None, ge=0)
    heading: float | None = Field(None, ge=0, le=360)
    accuracy_m: float | None = Field(None, ge=0)
    battery: float | None = Field(None, ge=0, le=1)
    mock: bool | None = Field(None, description="The phone says that the position was made up by a program.")
    alarm: str | None = Field(None, description="`sos` raises an alarm in the hall, also without a place or time.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.device is None) == (self.force is None):
            raise ValueError("device or force")
        return self


OPTIONAL = frozenset({"speed_mps", "heading", "accuracy_m", "battery", "mock", "alarm"})
NAMES, PLACE = frozenset({"device", "force"}), frozenset({"lon", "lat", "datum"})


def read_batch(items: Iterable[object], *, now: datetime, ahead: timedelta = timedelta()) -> list[Reading | Unreadable]:
    """Read each item, in order: a reading, or the error in it. An SOS without a readable time is from `now`.

    `ahead`: by how much the sender's clock is. Times are corrected by it, and what it said is kept.
    """
    found = [_read(item, now=now) for item in items]
    return [one.timed_by_server(ahead=ahead, now=now) if isinstance(one, Reading) else one for one in found]


def _read(item: object, *, now: datetime, dropped: tuple[str, ...] = ()) -> Reading | Unreadable:
    if isinstance(item, dict) and len(item) > MOST_MEMBERS:
        return Unreadable(field="", reason="too_many_fields")
    try:
        return _reading(OwnFix.model_validate(item, strict=False), dropped=dropped)
    except ValidationError as error:
        flaws = error.errors(include_url=False, include_context=False, include_input=False)
    except Unreadable as refused:
        return refused
    bad = {str(flaw["loc"][0]) for flaw in flaws if flaw["loc"]}
    needless = bad & OPTIONAL | (_unknown_to_all(item, bad) if isinstance(item, dict) else set())
    if isinstance(item, dict) and needless:
        kept = {name: value for name, value in item.items() if name not in needless}
        unreadable = sorted(name for name in needless if not _is_unknown(item[name]))
        return _read(kept, now=now, dropped=tuple(unreadable))
    if isinstance(item, dict) and bad and not bad & NAMES and alarm_of((item.get("alarm"),)):
        return _call(item, bad=bad, now=now, dropped=dropped)
    return Unreadable(field=name_of(flaws[0]["loc"]) or "force", reason=flaws[0]["type"])


def _call(item: Mapping[str, Any], *, bad: Set[str], now: datetime, dropped: tuple[str, ...]) -> Reading:
    """Read an SOS without what is wrong in it: it counts without a place, too."""
    kept = {name: value for name, value in item.items() if name not in bad}
    placed = not bad & PLACE
    fix = OwnFix.model_validate({"at": now} | kept | ({} if placed else {"lon": 0.0, "lat": 0.0}), strict=False)
    reading = _reading(fix, dropped=(*dropped, *sorted(bad & OwnFix.model_fields.keys())))
    return reading if placed else replace(reading, x=None, y=None)


def _unknown_to_all(item: Mapping[str, Any], bad: Set[str]) -> Set[str]:
    """Return the wrong fields that the format has not, but for those that would change what the position means."""
    strange = {name for name in bad if name in item and name not in OwnFix.model_fields}
    return {name for name in strange if not changes_meaning(name, item[name])}


def _is_unknown(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value < 0


def _reading(fix: OwnFix, *, dropped: tuple[str, ...]) -> Reading:
    return Reading(
        devices=() if fix.device is None else (fix.device,),
        force_id=fix.force,
        at=fix.at,
        x=fix.lon,
        y=fix.lat,
        datum=None if fix.datum is None else Datum(fix.datum),
        dialect="own",
        speed_mps=fix.speed_mps,
        heading=None if fix.heading is None else fix.heading % 360,
        accuracy_m=fix.accuracy_m,
        battery=fix.battery,
        mock=bool(fix.mock),
        alarm=alarm_of((fix.alarm,)),
        dropped=dropped,
    )
