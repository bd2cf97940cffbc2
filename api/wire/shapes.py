"""The foundation of the wire: every body that comes in or goes out derives from these."""

from typing import Annotated, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class In(BaseModel):
    """A body that comes in: unknown fields, NaN and infinities are refused, and so are times without a zone."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, str_strip_whitespace=True)


class Out(BaseModel):
    """A body that goes out."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Page(Out, Generic[Item]):
    """A page of a list. `next` is the cursor of the following page, or null on the last."""

    items: list[Item]
    next: str | None = None


Id = Annotated[int, Field(ge=1, le=2**53 - 1, description="An id that this server gave out.")]
"""No larger than what JavaScript counts in, and what a document in JSON can name exactly."""
Moment = Annotated[AwareDatetime, Field(description="RFC 3339 with zone.")]
Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees east, WGS-84 unless `datum` says otherwise.")]
Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees north, WGS-84 unless `datum` says otherwise.")]

__all__ = ["Id", "In", "Item", "Latitude", "Longitude", "Moment", "Out", "Page"]
