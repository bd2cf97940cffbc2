"""Search results on the wire."""

from typing import Literal

from api.http.wire.shapes import Out


class FoundOut(Out):
    """A result with a place on the map. `status` is an incident's state or a force's duty."""

    kind: Literal["incident", "force", "division", "camera", "place"]
    id: int
    label: str
    lon: float
    lat: float
    status: str | None = None


class SearchOut(Out):
    items: list[FoundOut]
