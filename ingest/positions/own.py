"""The own format: a batch of fixes as JSON, each validated on its own."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo.datum import Datum
from ingest.positions.reading import Reading, Unreadable
from ingest.reports.fields import MOST_MEMBERS
from ingest.reports.report import name_of


class OwnFix(BaseModel):
    """One fix of the force given by `device` or `force`; speed in m/s, accuracy in metres, battery from 0 to 1."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, str_strip_whitespace=True)

    device: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    force: Annotated[int, Field(ge=1, le=2**53 - 1)] | None = None
    at: AwareDatetime
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    speed_mps: float | None = Field(None, ge=0)
    heading: float | None = Field(None, ge=0, le=360)
    accuracy_m: float | None = Field(None, ge=0)
    battery: float | None = Field(None, ge=0, le=1)

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.device is None) == (self.force is None):
            raise ValueError("device or force")
        return self


def read_batch(items: Iterable[object]) -> list[Reading | Unreadable]:
    """Read each item, in order: a reading, or the error in it."""
    return [_read(item) for item in items]


def _read(item: object) -> Reading | Unreadable:
    if isinstance(item, dict) and len(item) > MOST_MEMBERS:
        return Unreadable(field="", reason="too_many_fields")
    try:
        fix = OwnFix.model_validate(item, strict=False)
    except ValidationError as error:
        flaw = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return Unreadable(field=name_of(flaw["loc"]) or "force", reason=flaw["type"])
    try:
        return _reading(fix)
    except Unreadable as refused:
        return refused


def _reading(fix: OwnFix) -> Reading:
    return Reading(
        devices=() if fix.device is None else (fix.device,),
        force_id=fix.force,
        at=fix.at,
        x=fix.lon,
        y=fix.lat,
        datum=Datum(fix.datum),
        dialect="own",
        speed_mps=fix.speed_mps,
        heading=None if fix.heading is None else fix.heading % 360,
        accuracy_m=fix.accuracy_m,
        battery=fix.battery,
    )
