"""The fields of a report: as any source sends them, and as they go on once they are understood.

A field that is only handed on is declared in these two classes, and again in `console/incidents` and on the wire; what
lies between copies by name (docs/architecture.md).
"""

import re
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

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


PlainText = Annotated[str, AfterValidator(_writable)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), Field(description="RFC 3339 with zone.")]


class Report(BaseModel):
    """A report, as any source sends it. Unknown fields, NaN, infinities and times without a zone are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, str_strip_whitespace=True)

    source: PlainText = Field(min_length=1, max_length=64, description="The system that reports; its own code.")
    external_no: PlainText | None = Field(
        None, min_length=1, max_length=128, description="Its number there. Sent again, it is the same incident."
    )
    category: PlainText = Field(max_length=64)
    title: PlainText = Field(min_length=1, max_length=200)
    description: PlainText = Field("", max_length=4000)
    lon: float = Field(strict=True, ge=-180, le=180, description="Degrees east, in `datum`.")
    lat: float = Field(
        strict=True, ge=-180, le=180, description="Degrees north, in `datum`; beyond ±90 only by mistake."
    )
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    occurred_at: Moment | None = Field(
        None, description="`closed_at` or else now, when left out. Its local day decides whose line holds."
    )
    closed_at: Moment | None = Field(None, description="A record of the past that is already closed.")
    risk: PlainText | None = Field(None, max_length=32, description="The category's own, when left out.")
    language: PlainText | None = Field(None, max_length=32, description="What the parties speak, where that matters.")


@dataclass(frozen=True, slots=True)
class Observation:
    """A report understood: a point in WGS-84 (degrees) and aware times. `raw_x`, `raw_y` are as they came, in `datum`.

    A `lat` beyond ±90 is left to the sink, which can say whether the two were exchanged.
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
    closed_at: datetime | None
    risk: str | None
    language: str | None = None


COPIED_FIELDS = tuple(
    field.name
    for field in fields_of(Observation)
    if field.name in Report.model_fields and field.name not in ("lon", "lat", "occurred_at")
)
"""What goes on as it came."""
