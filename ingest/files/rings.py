"""Leave out rings that enclose nothing, before a geometry is made of them: one would make the whole file unreadable."""

from collections.abc import Mapping, Sequence
from typing import Any

LEAST_POINTS = 3
"""Different points of a ring that encloses something."""


def is_ring(points: Sequence[Any]) -> bool:
    """Return whether a list of positions has at least three different ones."""
    return len({tuple(point[:2]) for point in points}) >= LEAST_POINTS


def without_empty_rings(polygon: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Return the rings of a polygon that enclose something; none if its outer one does not."""
    if not polygon or not is_ring(polygon[0]):
        return []
    return [ring for ring in polygon if is_ring(ring)]


def with_proper_rings(geometry: Mapping[str, Any]) -> tuple[Mapping[str, Any], int]:
    """Return a GeoJSON geometry without rings that enclose nothing, and their number."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "GeometryCollection":
        parts = [with_proper_rings(part) for part in geometry.get("geometries", [])]
        return {**geometry, "geometries": [part for part, _ in parts]}, sum(count for _, count in parts)
    if kind not in ("Polygon", "MultiPolygon") or not coordinates:
        return geometry, 0
    polygons = [coordinates] if kind == "Polygon" else coordinates
    kept = [rings for polygon in polygons if (rings := without_empty_rings(polygon))]
    dropped = sum(map(len, polygons)) - sum(map(len, kept))
    if not dropped:
        return geometry, 0
    return {**geometry, "type": "MultiPolygon", "coordinates": kept}, dropped
