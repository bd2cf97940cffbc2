"""Reassign divisions to another parent, and merge them."""

from dataclasses import dataclass, replace
from typing import ClassVar

import shapely

from geo.coverage.divisions import Division
from geo.coverage.editing.attributes import records
from geo.coverage.editing.drafting import redraw
from geo.coverage.editing.fields import Codes, Text
from geo.coverage.editing.finding import division_of, siblings
from geo.coverage.patches import Patch
from geo.coverage.refusals import ChangesNothing, NotConnected, WrongLevel
from geo.coverage.topology import Coverage


@dataclass(frozen=True, slots=True)
class Reassign:
    """Put divisions `codes` under the parent `to`. All may lie under different ones, also of another village."""

    op: ClassVar[str] = "reassign"
    codes: Codes
    to: Text

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `UnknownCode`, and `WrongLevel` unless `to` is one level above all of them."""
        parent = division_of(coverage, self.to)
        found = [division_of(coverage, code) for code in self.codes]
        below = dict(zip(coverage.levels, coverage.levels[1:], strict=False)).get(parent.level)
        if wrong := [one.code for one in found if one.level != below]:
            raise WrongLevel(*wrong, wanted=below)
        return records(coverage, [replace(one, parent=parent.code) for one in found])


@dataclass(frozen=True, slots=True)
class Merge:
    """Merge divisions of one parent into the first of `codes`, which keeps code and name; the others end.

    Above the finest level, what lies below the others comes under the first one.
    """

    op: ClassVar[str] = "merge"
    codes: Codes

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `UnknownCode`, `WrongLevel`, `AcrossParents`, and `NotConnected` if they do not share edges."""
        found = siblings(coverage, dict.fromkeys(self.codes))
        first, others = found[0], found[1:]
        if not others:
            raise ChangesNothing(first.code)
        _require_connected(coverage, found)
        ended = {one.code: None for one in others}
        mixed = {one.code in coverage.shapes for one in found}
        if len(mixed) > 1:
            raise WrongLevel(*codes_without_parts(coverage, found), wanted=coverage.levels[-1])
        if first.code in coverage.shapes:
            drawn = [(first.code, coverage.shapes[one.code]) for one in found]
            made = redraw(coverage, [one.code for one in found], drawn)
            gone, new, moved = made.gone, made.new, list[Division]()
        else:
            below = [code for one in others for code in coverage.tree.children.get(one.code, ())]
            gone, new = (), ()
            moved = [replace(coverage.divisions[code], parent=first.code) for code in below]
        kept = replace(first, parts=max(one.parts for one in found))
        attributes = records(coverage, [kept, *moved] if kept != first else moved)
        return Patch(
            gone,
            new,
            before={**attributes.before, **{one.code: one for one in others}},
            after={**attributes.after, **ended},
            issued=attributes.issued,
        )


def codes_without_parts(coverage: Coverage, found: list[Division]) -> list[str]:
    """Return the divisions with nothing below: they cannot be merged with one that has."""
    return [one.code for one in found if one.code in coverage.shapes]


def _require_connected(coverage: Coverage, found: list[Division]) -> None:
    """Raise `NotConnected` unless shared edges lead from each to each; parts that one had before do not count."""
    codes = [one.code for one in found]
    groups = [set(coverage.tree.finest_below([code])) for code in codes]
    reached, waiting = {0}, [0]
    while waiting:
        own = groups[waiting.pop()]
        beside = {edge.beyond(code) for code, edge in coverage.border_of(own)}
        near = {i for i, group in enumerate(groups) if i not in reached and not group.isdisjoint(beside)}
        reached |= near
        waiting.extend(near)
    apart = [code for i, code in enumerate(codes) if i not in reached]
    if apart:
        where = shapely.MultiPolygon([part for code in apart for part in shapely.get_parts(coverage.outline(code))])
        raise NotConnected(*apart, where=where)
