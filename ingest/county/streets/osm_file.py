"""Write a made-up map as an OpenStreetMap file: positive ids, points before ways before areas, ascending."""

from pathlib import Path

import osmium

from ingest.county.streets.sheet import PER_DEGREE, Sheet
from ingest.roads.checking import MADE

ENDING = ".osm.pbf"


def write_sheet(sheet: Sheet, path: Path) -> None:
    """Write the file in one step; an older one stays until then. The same sheet gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name.removesuffix(ENDING)}.new{ENDING}")
    header = osmium.io.Header()
    header.set("generator", MADE)
    target = osmium.io.File(str(beside), "pbf,add_metadata=none")
    with osmium.SimpleWriter(target, header=header, overwrite=True) as writer:
        _write(writer, sheet)
    beside.replace(path)


def _write(writer: osmium.SimpleWriter, sheet: Sheet) -> None:
    for (lon, lat), number in sheet.points.items():
        place = lon / PER_DEGREE, lat / PER_DEGREE
        writer.add_node(osmium.osm.mutable.Node(id=number, location=place, tags=dict(sheet.marks.get(number, {}))))
    for number, (place, tags) in enumerate(sheet.places, start=len(sheet.points) + 1):
        writer.add_node(osmium.osm.mutable.Node(id=number, location=place, tags=dict(tags)))
    for number, way in enumerate(sheet.ways, start=1):
        writer.add_way(osmium.osm.mutable.Way(id=number, nodes=list(way.points), tags=dict(way.tags)))
    for number, area in enumerate(sheet.areas, start=1):
        members = [("w", area.outer, "outer"), ("w", area.inner, "inner")]
        writer.add_relation(osmium.osm.mutable.Relation(id=number, members=members, tags=dict(area.tags)))
