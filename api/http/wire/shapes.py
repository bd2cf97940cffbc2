"""Base classes and common types of request and response bodies."""

import re
from datetime import date
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ingest.reports.fields import Moment, reject_many_members

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


Id = Annotated[int, Field(ge=1, le=2**53 - 1, description="An id assigned by this server.")]
"""At most 2^53 − 1, the largest integer that JavaScript represents exactly."""
Day = Annotated[date, BeforeValidator(_written_out), Field(description="RFC 3339 date.")]
Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees east, WGS-84 unless `datum` says otherwise.")]
Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees north, WGS-84 unless `datum` says otherwise.")]

__all__ = ["Day", "Id", "In", "Item", "Latitude", "Longitude", "Moment", "Out", "Page"]
