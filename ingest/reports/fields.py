"""Fields of a report, as a source sends them (`Report`) and after validation (`Observation`).

A field that is only passed on is declared in these two classes, and again in `console/incidents` and on the wire; code
between them copies by name (docs/architecture.md).
"""

import re
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from geo.text import has_unseen

_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _reject_unseen(text: str) -> str:
    """Reject characters that nobody sees; see `geo.text`."""
    if has_unseen(text):
        raise PydanticCustomError("control_character", "holds a control character")
    return text


def null_means(default: object, *, given: Any) -> Any:
    """Validator of an optional field whose null is its default: programs send null for what they have not got."""

    def read(value: object) -> object:
        return default if value is None else value

    return BeforeValidator(read, json_schema_input_type=given | None)


def _reject_numeric_time(moment: object) -> object:
    """Reject a number as a time: its zone and unit (seconds or milliseconds) are ambiguous."""
    if isinstance(moment, str) and not _DATE.match(moment):
        raise PydanticCustomError("datetime_parsing", "is no RFC 3339 time")
    if isinstance(moment, int | float):
        raise PydanticCustomError("datetime_type", "is no RFC 3339 time")
    return moment


MOST_MEMBERS = 100
"""More than any object has that is sent here. Each unknown member is an error, and a body can hold millions."""


def reject_many_members(body: object) -> object:
    """Reject an object of too many members by one error."""
    if isinstance(body, dict) and len(body) > MOST_MEMBERS:
        raise PydanticCustomError("too_many_fields", "has too many fields")
    return body


PlainText = Annotated[str, AfterValidator(_reject_unseen)]
Moment = Annotated[AwareDatetime, BeforeValidator(_reject_numeric_time), Field(description="RFC 3339 with zone.")]


DatumCode = Literal["wgs84", "gcj02", "bd09"]


class Report(BaseModel):
    """A report as a source sends it. Unknown fields, NaN, infinities and times without a zone are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, str_strip_whitespace=True)

    source: PlainText = Field(min_length=1, max_length=64, description="Code of the reporting system.")
    external_no: PlainText | None = Field(
        None,
        min_length=1,
        max_length=128,
        description="The source's own number. A repeated number is the same incident.",
    )
    category: PlainText = Field(max_length=64)
    title: PlainText = Field(min_length=1, max_length=200)
    description: Annotated[PlainText, null_means("", given=str)] = Field("", max_length=4000)
    lon: float | None = Field(None, strict=True, ge=-180, le=180, description="Degrees east, in `datum`.")
    lat: float | None = Field(
        None, strict=True, ge=-180, le=180, description="Degrees north, in `datum`; beyond ±90 is refused."
    )
    address: Annotated[PlainText, null_means("", given=str)] = Field(
        "", max_length=200, description="The place in words. Without `lon` and `lat`, the report waits for a place."
    )
    datum: Annotated[DatumCode, null_means("wgs84", given=DatumCode)] = "wgs84"
    occurred_at: Moment | None = Field(
        None, description="Default: `closed_at`, else now. Its local day decides which boundaries apply."
    )
    closed_at: Moment | None = Field(None, description="For past incidents that are closed already.")
    risk: PlainText | None = Field(None, max_length=32, description="Default: the category's own.")
    language: PlainText | None = Field(None, max_length=32, description="Language that the parties speak, if relevant.")


@dataclass(frozen=True, slots=True)
class Observation:
    """A valid report: a point in WGS-84 (degrees) and aware times. `raw_x`, `raw_y` are as received, in `datum`.

    A `lat` beyond ±90 is left to the sink, which can detect exchanged coordinates. Without a point, these five are None
    and there is an `address`. `closing_assumed`: a record of the past has no closing time, and `closed_at` is assumed.
    `given` are the fields that the source filled, and `digest` is that of their content.
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
    closed_at: datetime | None
    risk: str | None
    language: str | None = None
    closing_assumed: bool = False
    address: str = ""
    given: frozenset[str] = frozenset()
    digest: str | None = None


COPIED_FIELDS = tuple(
    field.name
    for field in fields_of(Observation)
    if field.name in Report.model_fields and field.name not in ("lon", "lat", "datum", "occurred_at")
)
"""Fields that an observation has unchanged from its report."""
