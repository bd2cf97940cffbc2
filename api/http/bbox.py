"""The query parameter `bbox`, as every list and map takes it."""

from typing import Annotated

from fastapi import Depends, Query

from api.http.errors import Invalid
from api.http.wire.bbox import parse_bbox
from layers.divisions.queries import Bbox


async def _parsed(
    bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north in degrees.")] = None,
) -> Bbox | None:
    """Parse the parameter `bbox`. Raises `Invalid`."""
    try:
        return None if bbox is None else parse_bbox(bbox)
    except ValueError as error:
        raise Invalid(errors=[{"field": "bbox", "code": "format"}]) from error


BboxQuery = Annotated[Bbox | None, Depends(_parsed)]
"""The box that a query's `bbox` names, None without one."""
