"""Base classes and common types of request and response bodies."""

import re
from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ingest.positions.own import reject_bool
from ingest.reports.fields import Moment, reject_many_members
from layers.hotspots.rules import EARLIEST_DAY, LATEST_DAY

Item = TypeVar("Item")

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _written_out(day: object) -> object:
    """Refuse a number, which pydantic would read as seconds since 1970."""
    if isinstance(day, str) and not _DAY.fullmatch(day):
        raise PydanticCustomError("date_parsing", "is no RFC 3339 date")
    return day


class In(BaseModel):
    """Base of request bodies: unknown fields, NaN, infinities and times without a zone are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _has_few_members(cls, body: object) -> object:
        return reject_many_members(body)


class Out(BaseModel):
    """Base of response bodies."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Page(Out, Generic[Item]):
    """A page of a list. `next` is the cursor of the following page, or null on the last."""

    items: list[Item]
    next: str | None = None


Id = Annotated[
    int, Field(ge=1, le=2**53 - 1, description="An id assigned by this server."), BeforeValidator(reject_bool)
]
"""At most 2^53 − 1, the largest integer that JavaScript represents exactly."""
Day = Annotated[
    date,
    BeforeValidator(_written_out),
    Field(ge=EARLIEST_DAY, le=LATEST_DAY, description="RFC 3339 date."),
]
Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees east, WGS-84 unless `datum` says otherwise.")]
Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees north, WGS-84 unless `datum` says otherwise.")]

_DAYS, _MOMENTS = TypeAdapter[date](Day), TypeAdapter[datetime](Moment)


def _day_or_moment(text: object) -> date | datetime:
    """Parse a day, or a time with its zone."""
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            return _DAYS.validate_python(text)
        moment = _MOMENTS.validate_python(text)
        _DAYS.validate_python(moment.date().isoformat())
    except ValidationError as error:
        raise PydanticCustomError("datetime_parsing", "is neither an RFC 3339 date nor time from 1900 on") from error
    return moment


DayOrMoment = Annotated[
    date | datetime,
    PlainValidator(_day_or_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]
"""An RFC 3339 date, which is a `date` and no `datetime`, or a time with its zone."""

__all__ = ["Day", "DayOrMoment", "Id", "In", "Item", "Latitude", "Longitude", "Moment", "Out", "Page"]
