"""What happened to divisions on each day that their lines changed. Pure.

A new version of a division need not be a new outline: it may have another name alone, or be surveyed anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby, pairwise

import shapely
from shapely.geometry.base import BaseGeometry

from geo.plane import Plane

SURVEY_M = 2.0
"""Where no strip that changed sides is wider, the same line was surveyed anew. A line that people move goes further."""


class LineChange(StrEnum):
    """What happened to a division on a day."""

    BEGUN = "begun"
    ENDED = "ended"
    REDRAWN = "redrawn"
    RENAMED = "renamed"
    SURVEYED = "surveyed"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a division, in force from `first` until the day before `until`."""

    code: str
    name: str
    level: str
    parent: str | None
    first: date
    until: date | None
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Changed:
    """A division that changed on a day, by the name that it has from then on, or had."""

    code: str
    name: str
    level: str
    change: LineChange


def changes_by_day(versions: Iterable[Version], *, start: date) -> dict[date, list[Changed]]:
    """Return what changed on each day after `start`, the day on which the lines began. Days without changes are out.

    `versions` are ordered by code, then by first day.
    """
    found = defaultdict[date, list[Changed]](list)
    for _, group in groupby(versions, key=lambda one: one.code):
        for day, version, change in _of_division(list(group)):
            if day > start:
                found[day].append(Changed(version.code, version.name, version.level, change))
    return dict(sorted(found.items()))


def _of_division(versions: Sequence[Version]) -> Iterable[tuple[date, Version, LineChange]]:
    yield versions[0].first, versions[0], LineChange.BEGUN
    for before, after in pairwise(versions):
        if before.until == after.first:
            yield from ((after.first, after, change) for change in changes_between(before, after))
            continue
        if before.until is not None:
            yield before.until, before, LineChange.ENDED
        yield after.first, after, LineChange.BEGUN
    last = versions[-1]
    if last.until is not None:
        yield last.until, last, LineChange.ENDED


def changes_between(before: Version, after: Version) -> list[LineChange]:
    """Return what tells one version from the next: another name, another outline or parent, or another survey."""
    changes = [LineChange.RENAMED] if before.name != after.name else []
    if before.parent != after.parent:
        return [*changes, LineChange.REDRAWN]
    if before.shape.equals_exact(after.shape):
        return changes
    kind = LineChange.SURVEYED if is_same_line(before.shape, after.shape) else LineChange.REDRAWN
    return [*changes, kind]


def is_same_line(before: BaseGeometry, after: BaseGeometry) -> bool:
    """Whether no strip that changed sides is wider than `SURVEY_M`."""
    plane = Plane.at(before)
    strips = shapely.symmetric_difference(plane.flatten(before), plane.flatten(after))
    return bool(strips.buffer(-SURVEY_M / 2, quad_segs=4).is_empty)
