"""Search results on the wire."""

from typing import Literal

from pydantic import Field

from api.http.wire.shapes import Out


class FoundOut(Out):
    """A result, and where it is on the map. `status` is an incident's state or a force's duty."""

    kind: Literal["incident", "force", "division", "camera", "place"]
    id: int
    label: str
    lon: float | None = Field(description="Null, as `lat`, for an incident that waits for a place.")
    lat: float | None
    status: str | None = None


class SearchOut(Out):
    items: list[FoundOut]
