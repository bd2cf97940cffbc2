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
from shapely.geometry.base import BaseGeometry

from geo.overlay.areas import Areas
from geo.overlay.disagreements import Finding, Overlay, lay
from geo.plane import Plane
from ingest.files.job_runner import run_job


@dataclass(frozen=True, slots=True)
class NetworkJob:
    """Grids by code, and areas with sector and code, in degrees. `width` is in metres."""

    grids: Mapping[str, BaseGeometry]
    areas: Sequence[tuple[str, str, BaseGeometry]]
    width: float

    def as_json(self) -> dict[str, Any]:
        return {
            "grids": [*self.grids],
            "lines": _as_hex(self.grids.values()),
            "areas": [(sector, code) for sector, code, _ in self.areas],
            "shapes": _as_hex(shape for _, _, shape in self.areas),
            "width": self.width,
        }

    @staticmethod
    def of_json(job: Mapping[str, Any]) -> "NetworkJob":
        shapes = shapely.from_wkb(job["shapes"])
        return NetworkJob(
            grids=dict(zip(job["grids"], shapely.from_wkb(job["lines"]), strict=True)),
            areas=[(sector, code, shape) for (sector, code), shape in zip(job["areas"], shapes, strict=True)],
            width=job["width"],
        )


def _as_hex(shapes: Iterable[BaseGeometry]) -> list[str]:
    found: list[str] = shapely.to_wkb(np.array([*shapes], dtype=object), hex=True).tolist()
    return found


def lay_networks(job: NetworkJob) -> dict[str, Any]:
    """Return the grids that each area lies in, in the order of the areas, and notes of where they disagree."""
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
