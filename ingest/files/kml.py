"""Read KML and KMZ: placemarks with points and polygons. Links are never followed, DTDs are refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from shapely import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from ingest.files.encodings import decide_file, declared_encoding
from ingest.files.limits import Limits
from ingest.files.problems import Problem, refuse
from ingest.files.rings import without_empty_rings
from ingest.files.rows import RowWriter, too_many_vertices
from ingest.files.table import Record, TableHeader

OURS = ("name", "description")
LINKS = ("NetworkLink", "NetworkLinkControl")
CHARS_A_VERTEX = 64
"""Upper bound: three numbers in full precision are shorter."""


def read_kml(path: Path, rows: RowWriter, *, given: str | None = None) -> TableHeader:
    """Read the placemarks of a KML file in order; `Record.row` counts them from 1.

    The text is decoded before it is parsed: the parser knows no Chinese encodings but UTF-8.
    """
    encoding = decide_file(path, declared=declared_encoding(path), given=given)
    found = _Placemarks(rows)
    try:
        for tag, element in _elements(path, encoding.name, rows.limits):
            found.visit(tag, element)
    except DefusedXmlException as error:
        raise refuse("xml.document_type") from error
    except ParseError as error:
        raise refuse("xml.broken", line=error.position[0]) from error
    if found.links:
        raise refuse("kml.network_link", found=found.links)
    return TableHeader(columns=list(found.columns), notes=encoding.notes)


@dataclass(slots=True)
class _Placemarks:
    """Placemarks, links and columns found so far."""

    rows: RowWriter
    placemarks: int = 0
    links: int = 0
    columns: dict[str, None] = field(default_factory=dict)

    def visit(self, tag: str, element: Element) -> None:
        if tag in LINKS:
            self.links += 1
        elif tag == "Placemark":
            self.placemarks += 1
            self._add_placemark(element, number=self.placemarks)
            element.clear()

    def _add_placemark(self, element: Element, *, number: int) -> None:
        limits = self.rows.limits
        longest = max((len(e.text or "") for e in element.iter() if local(e.tag) == "coordinates"), default=0)
        if longest > limits.feature_vertices * CHARS_A_VERTEX:
            self.rows.add_problem(too_many_vertices(number, longest // CHARS_A_VERTEX, limits))
            return
        values = dict(_values(element))
        self.columns.update(dict.fromkeys(values))
        if len(self.columns) > limits.columns:
            raise refuse("table.too_many_columns", limit=limits.columns, found=len(self.columns))
        try:
            geometry, dropped = _geometry(element)
            self.rows.add(Record(row=number, values=values, geometry=geometry))
            if dropped:
                self.rows.without_rings.append(number)
        except ValueError:
            self.rows.add_problem(Problem("geometry.broken", row=number))


def _elements(path: Path, encoding: str, limits: Limits) -> Iterator[tuple[str, Element]]:
    """Yield every element at its end, with its name without namespace. Raises FileRefused when nested too deep."""
    depth = 0
    with path.open(encoding=encoding, newline="") as text:
        for event, element in iterparse(text, events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if depth > limits.depth:
                raise refuse("xml.too_deep", limit=limits.depth)
            if event == "end":
                yield local(element.tag), element


def local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _values(placemark: Element) -> Iterator[tuple[str, str | None]]:
    if placemark.get("id"):
        yield "id", placemark.get("id")
    for child in placemark:
        if local(child.tag) in OURS:
            yield local(child.tag), (child.text or "").strip() or None
    for item in placemark.iter():
        if local(item.tag) == "SimpleData":
            yield item.get("name", ""), (item.text or "").strip() or None
        elif local(item.tag) == "Data":
            value = next((v.text for v in item if local(v.tag) == "value"), None)
            yield item.get("name", ""), (value or "").strip() or None


def _geometry(placemark: Element) -> tuple[BaseGeometry | None, int]:
    """Return the placemark's polygons as one, else its first point; and the number of rings left out because they
    enclose nothing. Raises ValueError for invalid numbers.
    """
    polygons = [_rings(e) for e in placemark.iter() if local(e.tag) == "Polygon"]
    if polygons:
        kept = [rings for polygon in polygons if (rings := without_empty_rings(polygon))]
        made = [Polygon(outer, inner) for outer, *inner in kept]
        return made[0] if len(made) == 1 else MultiPolygon(made), sum(map(len, polygons)) - sum(map(len, kept))
    point = next((e for e in placemark.iter() if local(e.tag) == "Point"), None)
    return (None if point is None else Point(_coordinates(point)[0])), 0


def _rings(element: Element) -> list[list[tuple[float, float]]]:
    """Return the outer ring, then the inner ones: programs write several into one inner boundary."""
    rings: dict[str, list[list[tuple[float, float]]]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
    for child in element:
        if local(child.tag) in rings:
            lists = [e for e in child.iter() if local(e.tag) == "coordinates"]
            rings[local(child.tag)] += [_coordinates(each) for each in lists]
    if len(rings["outerBoundaryIs"]) != 1:
        raise ValueError("a polygon has one outer ring")
    return rings["outerBoundaryIs"] + rings["innerBoundaryIs"]


def _coordinates(element: Element) -> list[tuple[float, float]]:
    """Read tuples that are separated by white space; commas may have white space around them too."""
    text = next((e.text for e in element.iter() if local(e.tag) == "coordinates"), None)
    tuples = [part.split(",") for part in re.sub(r"\s*,\s*", ",", text or "").split()]
    if not tuples or any(len(t) < 2 for t in tuples):
        raise ValueError("no coordinates")
    return [(float(t[0]), float(t[1])) for t in tuples]
