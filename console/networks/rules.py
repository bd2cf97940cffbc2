"""Records of areas, and what a new file of a network replaces. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from shapely import MultiPolygon

from layers.divisions.rules import shape_of


@dataclass(frozen=True, slots=True)
class AreaRecord:
    """An area of a sector's network from its first day on. WGS-84 degrees; the other fields are those of its table."""

    sector: str
    code: str
    name: str
    organisation: str
    worker: str
    worker_code: str
    counts: Mapping[str, int]
    division_path: str
    touches: Sequence[str]
    valid_from: date
    geometry: MultiPolygon

    @property
    def content(self) -> tuple[Any, ...]:
        """All that makes two versions of an area equal."""
        return content_of(self, shape=shape_of(self.geometry))


def content_of(area: Any, *, shape: bytes) -> tuple[Any, ...]:
    """Return all that makes two versions of an area equal, of a record or a stored row."""
    fields = area.name, area.organisation, area.worker, area.worker_code, dict(area.counts), area.division_path
    return (*fields, sorted(area.touches), shape)


@dataclass(frozen=True, slots=True)
class StoredArea:
    """A stored version in force on the first day of new ones, or later."""

    id: int
    sector: str
    code: str
    valid_from: date
    is_open: bool
    content: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """What a file does to a network: ids of stored versions to end, each on its day, and records to add."""

    ending: Mapping[date, Sequence[int]]
    begun: Sequence[AreaRecord]
    kept: int


def replaced(stored: Iterable[StoredArea], records: Sequence[AreaRecord], *, day: date) -> Replacement:
    """Decide what a file of whole networks replaces from a day on: all areas of its sectors that are not the same.

    A version that would begin on that day or later ends on its own first day, and so was never in force.
    """
    new = {(one.sector, one.code): one for one in records}
    sectors = {one.sector for one in records}
    ending: dict[date, list[int]] = {}
    kept = set()
    for row in stored:
        key = row.sector, row.code
        if row.is_open and row.valid_from <= day and key in new and row.content == new[key].content:
            kept.add(key)
        elif row.sector in sectors:
            ending.setdefault(max(day, row.valid_from), []).append(row.id)
    return Replacement(ending, [one for key, one in new.items() if key not in kept], len(kept))


def common_path(paths: Sequence[str], *, root: str) -> str:
    """Return the path of the smallest division around all of these, the root's without any."""
    if not paths:
        return root
    parts = [path.split(".") for path in paths]
    depth = next((i for i, codes in enumerate(zip(*parts, strict=False)) if len({*codes}) > 1), min(map(len, parts)))
    return ".".join(parts[0][:depth]) or root
