"""Draw the faults of a file's borders as GeoJSON beside it, so that a clerk can see them on a map."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

from ingest.files.problems import Problem


def drawing_beside(file: Path) -> Path:
    """Return where the faults of a file are drawn unless `--faults` says otherwise."""
    return file.with_name(f"{file.name}.faults.geojson")


def draw_faults(drawing: Sequence[Mapping[str, Any]], target: Path | None) -> list[Problem]:
    """Write the faults as a GeoJSON file, and return the line that says where; none if there is nothing to draw."""
    if not drawing or target is None:
        return []
    collection = {"type": "FeatureCollection", "features": [_feature(fault) for fault in drawing]}
    try:
        target.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        return [Problem("report.not_drawn", params={"file": str(target), "reason": error.strerror})]
    return [Problem("report.drawn", params={"file": str(target), "count": len(drawing)})]


def _feature(fault: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: value for name, value in fault.items() if name != "wkb"}
    geometry = json.loads(shapely.to_geojson(shapely.from_wkb(fault["wkb"])))
    return {"type": "Feature", "properties": properties, "geometry": geometry}
