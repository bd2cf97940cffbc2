"""Lay the areas of sectors' networks on the county's grids, in a sandboxed process.

Valid polygons in a small file may intersect in more points than a machine has memory for. What can be laid here within
the limits can be laid by the server later.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.comparing.offsets import ON_LINES_M, alternatives, as_if
from geo.datum import Datum
from geo.overlay.areas import Areas
from geo.overlay.disagreements import Finding, Overlay, lay
from geo.plane import Plane
from ingest.files.job_runner import run_job
from ingest.files.problems import refuse

Floats = NDArray[np.float64]
QUARTER, FEW_VERTICES, SAMPLED = 0.25, 20, 2000
SUSPECT_M = 5.0
"""Where a quarter of a network's vertices lie nearer to the grids' borders, it is in its place."""


@dataclass(frozen=True, slots=True)
class NetworkJob:
    """Grids by code, and areas with sector and code, in degrees of WGS-84. `width` is in metres, `declared` is the
    datum of the file, as its sender says.
    """

    grids: Mapping[str, BaseGeometry]
    areas: Sequence[tuple[str, str, BaseGeometry]]
    width: float
    declared: Datum = Datum.WGS84

    def as_json(self) -> dict[str, Any]:
        return {
            "grids": [*self.grids],
            "lines": _as_hex(self.grids.values()),
            "areas": [(sector, code) for sector, code, _ in self.areas],
            "shapes": _as_hex(shape for _, _, shape in self.areas),
            "width": self.width,
            "declared": self.declared.value,
        }

    @staticmethod
    def of_json(job: Mapping[str, Any]) -> "NetworkJob":
        shapes = shapely.from_wkb(job["shapes"])
        return NetworkJob(
            grids=dict(zip(job["grids"], shapely.from_wkb(job["lines"]), strict=True)),
            areas=[(sector, code, shape) for (sector, code), shape in zip(job["areas"], shapes, strict=True)],
            width=job["width"],
            declared=Datum(job["declared"]),
        )


def _as_hex(shapes: Iterable[BaseGeometry]) -> list[str]:
    found: list[str] = shapely.to_wkb(np.array([*shapes], dtype=object), hex=True).tolist()
    return found


def lay_networks(job: NetworkJob) -> dict[str, Any]:
    """Return the grids that each area lies in, in the order of the areas, and notes of where they disagree.

    Raises FileRefused for a network in another datum than the declared one.
    """
    _require_own_place(job)
    plane = Plane.at(shapely.box(*shapely.total_bounds([*job.grids.values()])))
    grids = Areas.of({code: plane.flatten(shape) for code, shape in job.grids.items()})
    by_sector: dict[str, dict[str, BaseGeometry]] = defaultdict(dict)
    for sector, code, shape in job.areas:
        by_sector[sector][code] = plane.flatten(shape)
    laid = {sector: lay(shapes, grids, width=job.width) for sector, shapes in by_sector.items()}
    touched = {sector: _touched(overlay) for sector, overlay in laid.items()}
    return {
        "touches": [touched[sector].get(code, []) for sector, code, _ in job.areas],
        "notes": [note for sector, overlay in laid.items() for note in _notes(sector, overlay, plane, job.width)],
    }


def _require_own_place(job: NetworkJob) -> None:
    """Raise FileRefused for sectors whose borders lie beside the grids', and would lie on them in another datum.

    A quarter of the vertices decides, of some: a network has borders of its own as well.
    """
    lines = shapely.boundary(np.array([*job.grids.values()], dtype=object))
    plane = Plane.at(shapely.box(*shapely.total_bounds(lines)))
    known = shapely.STRtree(shapely.get_parts(shapely.transform(lines, plane.to_metres)))
    for sector in {sector: None for sector, _, _ in job.areas}:
        shapes = [shape for one, _, shape in job.areas if one == sector]
        vertices = np.unique(shapely.get_coordinates(shapes), axis=0)
        vertices = vertices[:: max(1, len(vertices) // SAMPLED)]
        away = _away(vertices, known, plane)
        if len(vertices) < FEW_VERTICES or away < SUSPECT_M:
            continue
        for other in alternatives(job.declared):
            if _away(as_if(vertices, declared=job.declared, other=other), known, plane) <= ON_LINES_M:
                raise refuse("network.other_place", sector=sector, likely=other, declared=job.declared.value)


def _away(vertices: Floats, known: shapely.STRtree, plane: Plane) -> float:
    """Return the distance in metres from the known lines that a quarter of the vertices keep to."""
    points = np.asarray(shapely.points(plane.to_metres(vertices)), dtype=object)
    away = known.query_nearest(points, return_distance=True, all_matches=False)[1]
    return float(np.quantile(away, QUARTER))


def _touched(overlay: Overlay) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for area, grid in zip(overlay.whole.area.tolist(), overlay.whole.grid.tolist(), strict=True):
        found[overlay.areas.codes[area]].append(overlay.grids.codes[grid])
    return found


def _notes(sector: str, overlay: Overlay, plane: Plane, width: float) -> Iterator[dict[str, object]]:
    """Yield a note for each kind of disagreement, with the place of the largest; one that says so if there is none."""
    by_kind: dict[str, list[Finding]] = defaultdict(list)
    for found in overlay.findings:
        by_kind[found.kind].append(found)
    if not by_kind:
        yield {"code": "network.agrees", "sector": sector, "areas": len(overlay.areas), "width_m": width}
    for kind, findings in by_kind.items():
        ((lon, lat),) = plane.to_degrees(shapely.get_coordinates(shapely.point_on_surface(findings[0].where)))
        yield {
            "code": f"network.{kind}",
            "sector": sector,
            "count": len(findings),
            "square_metres": round(sum(one.area_m2 for one in findings)),
            "names": [*findings[0].areas, *findings[0].grids],
            "lon": round(lon, 6),
            "lat": round(lat, 6),
        }


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    return lay_networks(NetworkJob.of_json(job))


if __name__ == "__main__":
    sys.exit(run_job(run))
