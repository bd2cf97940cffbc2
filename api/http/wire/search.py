"""Search results on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.http.wire.shapes import Out


class FoundOut(Out):
    """A result, where it is on the map, and what tells it from others of the same name."""

    kind: Literal["incident", "force", "division", "camera", "place"]
    id: int
    label: str
    lon: float | None = Field(description="Null, as `lat`, for an incident that waits for a place.")
    lat: float | None
    status: str | None = Field(None, description="An incident's state or a force's duty.")
    code: str = Field("", description="Its own code: an incident's case code.")
    about: str | None = Field(
        None, description="An incident's category, the kind of a force or place, a division's level."
    )
    division_path: str | None = None
    at: datetime | None = Field(None, description="When an incident was registered, or a force's position was taken.")


class SearchOut(Out):
    items: list[FoundOut]
