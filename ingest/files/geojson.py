"""Read GeoJSON, as a collection or one feature a line, and NDJSON of plain objects."""

import json
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from ingest.files.encodings import decide_file
from ingest.files.limits import Limits
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.rings import with_proper_rings
from ingest.files.rows import RowWriter
from ingest.files.table import Record, TableHeader

BROKEN_LINES = 100
"""Invalid lines reported at most; a file that is not JSON has one in every line."""
LINKED_CODE = re.compile(r"epsg(?:/0|/|:|::)(\d{4,6})", re.IGNORECASE)
NOT_JSON = (ValueError, RecursionError)
NOT_A_SHAPE = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


def read_geojson(path: Path, rows: RowWriter, *, given: str | None = None) -> TableHeader:
    """Read the features of a GeoJSON file, or the objects of an NDJSON one. `Record.row` counts them from 1."""
    encoding = decide_file(path, given=given)
    items, crs = _items(_text(path, encoding.name, rows.limits))
    columns: dict[str, None] = {}
    for number in range(1, len(items) + 1):
        try:
            record = _record(number, items[number - 1], rows)
        except FileRefused as refused:
            rows.add_problem(refused.problems[0])
            continue
        items[number - 1] = None  # Free the memory of written features.
        columns.update(dict.fromkeys(record.values))
        if len(columns) > rows.limits.columns:
            raise refuse("table.too_many_columns", limit=rows.limits.columns, found=len(columns))
        rows.add(record)
    return TableHeader(columns=list(columns), crs=crs, notes=encoding.notes)


def _text(path: Path, encoding: str, limits: Limits) -> str:
    """Read the text. Raises FileRefused, before parsing, if the number of lists exceeds the limit of vertices."""
    text = path.read_text(encoding)
    lists = text.count("[")
    if lists > 2 * limits.file_vertices + limits.rows:
        raise refuse("file.too_many_vertices", limit=limits.file_vertices, found=lists)
    return text


def _items(text: str) -> tuple[list[Any], str | None]:
    """Return the features or objects, and the CRS that a pre-2016 file may name."""
    try:
        whole = json.loads(text, parse_constant=_not_finite)
    except NOT_JSON:
        return _lines(text), None
    if isinstance(whole, list):
        return whole, None
    if not isinstance(whole, dict):
        raise refuse("json.not_features")
    if whole.get("type") != "FeatureCollection":
        return [whole], _crs(whole)
    features = whole.get("features")
    if not isinstance(features, list):
        raise refuse("json.not_features")
    return features, _crs(whole)


def _crs(collection: Mapping[str, Any]) -> str | None:
    """Return the coordinate system by its name or, in the oldest files, by its number or link.

    Raises FileRefused for one that is written in another way: unread, it might lie 100 m beside.
    """
    stated = collection.get("crs")
    if stated is None:
        return None
    about = stated.get("properties") if isinstance(stated, dict) else None
    if not isinstance(about, dict):
        raise refuse("crs.unknown", crs=str(stated)[:80])
    name = about.get("name")
    if isinstance(name, str):
        return name
    code = about.get("code") or next(iter(LINKED_CODE.findall(str(about.get("href")))), None)
    if code is None:
        raise refuse("crs.unknown", crs=json.dumps(about, ensure_ascii=False)[:80])
    return f"EPSG:{code}"


def _lines(text: str) -> list[Any]:
    items: list[Any] = []
    problems: list[Problem] = []
    for number, line in enumerate(StringIO(text), start=1):
        if line.strip("\x1e \t\r"):
            try:
                items.append(json.loads(line.strip("\x1e"), parse_constant=_not_finite))
            except NOT_JSON:
                problems.append(Problem("json.broken", row=number))
        if len(problems) == BROKEN_LINES:
            break
    if problems:
        raise FileRefused(problems)
    return items


def _not_finite(name: str) -> float:
    raise ValueError(name)


def _record(number: int, item: Any, rows: RowWriter) -> Record:
    """Read a feature, its `id` as a column of that name unless it has a property so called; or a plain object."""
    if not isinstance(item, dict):
        raise FileRefused([Problem("json.not_an_object", row=number)])
    if item.get("type") != "Feature":
        return Record(row=number, values={str(k): _scalar(v) for k, v in item.items()})
    properties = item.get("properties") or {}
    if not isinstance(properties, dict):
        raise FileRefused([Problem("json.not_an_object", row=number)])
    values = {str(k): _scalar(v) for k, v in properties.items()}
    if isinstance(item.get("id"), str | int):
        values.setdefault("id", item["id"])
    return Record(row=number, values=values, geometry=_geometry(number, item.get("geometry"), rows))


def _geometry(number: int, found: Any, rows: RowWriter) -> BaseGeometry | None:
    if found is None:
        return None
    if depth_of(found) > rows.limits.depth:
        raise FileRefused([Problem("geometry.too_deep", row=number, params={"limit": rows.limits.depth})])
    try:
        proper, dropped = with_proper_rings(found)
        made: BaseGeometry = shape(dict(proper))
    except NOT_A_SHAPE as error:
        raise FileRefused([Problem("geometry.broken", row=number)]) from error
    if dropped:
        rows.without_rings.append(number)
    return made


def depth_of(value: Any) -> int:
    """Return the nesting depth of lists and objects, without recursion."""
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [inner for outer in level for inner in _inside(outer)]
    return deepest - 1


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [v for v in value.values() if isinstance(v, dict | list)]
    # Only the first element of a list of numbers is checked: coordinates are the bulk of a file.
    return [v for v in value if isinstance(v, dict | list)] if value and isinstance(value[0], dict | list) else []


def _scalar(value: Any) -> Any:
    """Convert a value: lists to text joined by `;`, objects to JSON; text is stripped and blank is None."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return ";".join(str(v) for v in value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
