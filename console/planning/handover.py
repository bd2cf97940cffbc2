"""Find the new division of each thing when lines change. Pure.

`RULES` lists, for each kind of thing, the rules in the order in which they are tried: the publisher's choice; the
division that the thing's point lies in; the division with the same code; the division that gets most of the land. Each
thing moves once; a task or clock moves with the incident that it belongs to.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

import numpy as np
import shapely

from console.planning.carrying import ROUNDING
from console.planning.homes import grid_of
from console.planning.touching import Touched, touched
from geo.coverage.measures import same_land
from geo.coverage.owners import owners_of
from geo.coverage.topology import Coverage

Place = tuple[float, float]


class Thing(StrEnum):
    """What can change hands."""

    INCIDENT = "incident"
    TASK = "task"
    CLOCK = "clock"
    FORCE = "force"
    HOME = "home"
    CAMERA = "camera"
    PLACE = "place"
    ACCOUNT = "account"


class Rule(StrEnum):
    """How the new division of a thing is found.

    `point`: the division that it lies in. `code`: the division with the same code. `land`: the division that gets most
    of the land of its former one, which has ended. `choice`: the publisher's. `follows`: that of what it belongs to.
    """

    POINT = "point"
    CODE = "code"
    LAND = "land"
    CHOICE = "choice"
    FOLLOWS = "follows"


RULES: Mapping[Thing, tuple[Rule, ...]] = MappingProxyType(
    {
        Thing.INCIDENT: (Rule.POINT, Rule.CODE, Rule.LAND),
        Thing.TASK: (Rule.FOLLOWS,),
        Thing.CLOCK: (Rule.FOLLOWS,),
        Thing.FORCE: (Rule.CHOICE, Rule.CODE, Rule.POINT, Rule.LAND),
        Thing.HOME: (Rule.POINT,),
        Thing.CAMERA: (Rule.POINT,),
        Thing.PLACE: (Rule.POINT,),
        Thing.ACCOUNT: (Rule.CODE, Rule.LAND),
    }
)
"""The rules of each thing, in the order in which they are tried. Households and enterprises are shared out by area, and
service lists and party branches stay with the code: see `new_lines.py`.
"""


@dataclass(frozen=True, slots=True)
class HeldThing:
    """A thing with the path of its division before the change, and its point, if it has one."""

    thing: Thing
    subject_id: int
    path: str
    point: Place | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A thing that moves to the division at `to_path`, by a rule."""

    held: HeldThing
    to_path: str
    by: Rule


@dataclass(frozen=True)
class Lines:
    """A coverage with the path above its topmost division, and the final codes of divisions with provisional ones."""

    above: str
    coverage: Coverage
    codes: Mapping[str, str] = field(default_factory=dict)
    _paths: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    def path(self, code: str) -> str:
        """Return the whole path of a division of the coverage, in final codes where these are known."""
        if code not in self._paths:
            parent = self.coverage.divisions[code].parent
            above = self.above if parent is None else self.path(parent)
            named = self.codes.get(code, code)
            self._paths[code] = f"{above}.{named}" if above else named
        return self._paths[code]

    @cached_property
    def by_final(self) -> Mapping[str, str]:
        """Codes of the coverage by the final ones."""
        return {self.codes.get(code, code): code for code in self.coverage.divisions}

    def owners(self, places: Sequence[Place]) -> list[str | None]:
        """Return the path of the smallest division that each place belongs to."""
        return [None if code is None else self.path(code) for code in owners_of(self.coverage, places)]

    def level_of(self, path: str) -> Mapping[str, str]:
        """Return the codes along a path, by level."""
        known = self.by_final
        found = (code for code in path.split(".") if code in known)
        return {self.coverage.divisions[known[code]].level: code for code in found}


@dataclass(frozen=True)
class Change:
    """Lines before and after."""

    before: Lines
    after: Lines

    @cached_property
    def touched(self) -> Touched:
        return touched(self.before.coverage, self.after.coverage)

    @cached_property
    def affected(self) -> frozenset[str]:
        """Former paths of the divisions that change; those below another one of these are left out."""
        found = {self.before.path(code) for code in {*self.touched.before, *self.moved}}
        return frozenset(path for path in found if found.isdisjoint(_above(path)))

    @cached_property
    def around(self) -> frozenset[str]:
        """Former paths of divisions above the smallest level whose shape may change: a thing placed there directly may
        lie in a neighbour afterwards.
        """
        before = self.before.coverage
        return frozenset(self.before.path(c) for c in self.reshaped if c in before.divisions and c not in before.shapes)

    @cached_property
    def moved(self) -> frozenset[str]:
        """Codes of all levels whose path is another one after, or that have ended."""
        before = self.before.coverage
        return frozenset(code for code in before.divisions if self._path_after(code) != self.before.path(code))

    @cached_property
    def versions(self) -> tuple[list[str], list[str]]:
        """Codes before whose version ends, and those after for which one begins: of all levels, from the top.

        An outline that only got a vertex on the same line is another one too: borders stay matched to the last bit.
        """
        before, after = self.before.coverage, self.after.coverage
        near = before.tree.with_above(self.touched.before) | after.tree.with_above(self.touched.after)
        near |= self.moved | {code for code, one in after.divisions.items() if before.divisions.get(code) != one}
        ended = [code for code in before.tree.in_order(near & before.divisions.keys()) if not self._stays(code)]
        renewed = {*ended}
        begun = {code for code in near if code in after and (code not in before or code in renewed)}
        return ended, [*after.tree.in_order(begun)]

    def _stays(self, code: str) -> bool:
        if code not in self.after.coverage or self._is_recorded_otherwise(code) or code in self.moved:
            return False
        return self.keeps_shape(code)

    def _is_recorded_otherwise(self, code: str) -> bool:
        """Tell whether what is stored of a division differs: a lock is a draft's alone."""
        before, after = (lines.coverage.divisions[code] for lines in (self.before, self.after))
        return (before.name, before.level, before.parent, before.kind) != (
            after.name,
            after.level,
            after.parent,
            after.kind,
        )

    def keeps_shape(self, code: str) -> bool:
        """Tell whether a division has the same shape before and after, to the last byte."""
        before, after = self.before.coverage, self.after.coverage
        if code not in before or code not in after:
            return False
        return code not in self.reshaped or bool(before.outline(code).wkb == after.outline(code).wkb)

    @cached_property
    def changed(self) -> frozenset[str]:
        """Codes before that have ended, or whose land, parent or name is another one after."""
        return frozenset(code for code in self.before.coverage.divisions if not self._is_same(code))

    def _is_same(self, code: str) -> bool:
        before, after = self.before.coverage, self.after.coverage
        if before.divisions[code] != after.divisions.get(code):
            return False
        return code not in self.reshaped or same_land(before.outline(code), after.outline(code))

    @cached_property
    def reshaped(self) -> frozenset[str]:
        """Codes after, of all levels, whose shape may have other bytes: that of what they consist of has, or is new."""
        before, after = self.before.coverage, self.after.coverage
        finest = {code for code, shape in after.shapes.items() if before.shapes.get(code) is not shape}
        finest -= {c for c in finest & before.shapes.keys() if before.shapes[c].wkb == after.shapes[c].wkb}
        found = after.tree.with_above(finest)
        ended = before.divisions.keys() - after.divisions.keys()
        elsewhere = {code for code, one in after.divisions.items() if _parent(before, code) != one.parent}
        for coverage, codes in ((before, elsewhere | ended), (after, elsewhere)):
            found |= {above for code in codes if code in coverage for above in coverage.tree.above(code)}
        return frozenset(found)

    def _path_after(self, code: str) -> str | None:
        final = self.before.codes.get(code, code)
        known = self.after.by_final.get(final)
        return None if known is None else self.after.path(known)

    def by_code(self, path: str) -> str | None:
        """Return the path after of the division at a path, None where it has ended."""
        known = self.after.by_final.get(path.rpartition(".")[2])
        return None if known is None else self.after.path(known)

    def by_land(self, path: str) -> str:
        """Return the path after of the division of the same level that got most of the land of one that has ended.

        Of a path that is none of the lines' the same.
        """
        code = self.before.by_final.get(path.rpartition(".")[2])
        if code is None:
            return path
        if code not in self._heirs:
            self._heirs[code] = self._heir(code)
        return self.after.path(self._heirs[code])

    @cached_property
    def _heirs(self) -> dict[str, str]:
        return {}

    def _heir(self, code: str) -> str:
        before, after = self.before.coverage, self.after.coverage
        outline, level = before.outline(code), before.divisions[code].level
        alike = sorted(one for one, division in after.divisions.items() if division.level == level)
        alike = alike or [after.tree.in_order(after.divisions)[0]]
        shared = shapely.area(shapely.intersection([after.outline(one) for one in alike], outline))
        return alike[int(np.argmax(shared))]


def _parent(coverage: Coverage, code: str) -> str | None:
    known = coverage.divisions.get(code)
    return "" if known is None else known.parent


def _above(path: str) -> list[str]:
    """List the paths of all ancestors of a path."""
    return [path[:i] for i, letter in enumerate(path) if letter == "."]


def transfers_of(
    change: Change, held: Sequence[HeldThing], *, choices: Mapping[int, str] | None = None
) -> list[Transfer]:
    """Return what changes hands of the things `held`, each once. `choices` are divisions of forces, by id."""
    placed = [one for one in held if one.point is not None and _is_by_point(change, one)]
    points = [one.point for one in placed if one.point is not None]
    at = dict(zip(map(id, placed), change.after.owners(points), strict=True))
    found = ((one, *_division_after(change, one, at.get(id(one)), choices or {})) for one in held)
    return [Transfer(one, path, by) for one, path, by in found if path != one.path]


def _is_by_point(change: Change, held: HeldThing) -> bool:
    return held.thing is not Thing.FORCE or change.by_code(held.path) is None


def _division_after(change: Change, held: HeldThing, at: str | None, choices: Mapping[int, str]) -> tuple[str, Rule]:
    for rule in RULES[held.thing]:
        match rule:
            case Rule.CHOICE if (chosen := choices.get(held.subject_id)) is not None:
                return chosen, rule
            case Rule.POINT if at is not None and _may_go_by_point(change, held):
                return _as_high(change, held, at), rule
            case Rule.CODE if (path := change.by_code(held.path)) is not None:
                return path, rule
            case Rule.LAND:
                return change.by_land(held.path), rule
            case _:
                continue
    return held.path, Rule.CODE


def _as_high(change: Change, held: HeldThing, at: str) -> str:
    """Cut a path to the level at which a thing stood, if that was above the smallest: who had a grid gets a grid."""
    if change.before.by_final.get(held.path.rpartition(".")[2]) in change.before.coverage.shapes:
        return at
    depth = held.path.count(".") + 1
    return ".".join(at.split(".")[:depth])


def _may_go_by_point(change: Change, held: HeldThing) -> bool:
    """Tell whether a thing goes where its point lies. A force whose grid has ended goes with its home, if that lay in
    the grid.
    """
    if held.thing is not Thing.FORCE or held.point is None:
        return True
    [was] = change.before.owners([held.point])
    return was is not None and (was == held.path or was.startswith(f"{held.path}."))


def homes_moved(change: Change, forces: Collection[HeldThing]) -> list[Transfer]:
    """Return the homes of forces of grids that lie in another grid after."""
    placed = [one for one in forces if one.point is not None]
    points = [one.point for one in placed if one.point is not None]
    was, now = ([_grid_path(lines, code) for code in owners_of(lines.coverage, points)] for lines in _both(change))
    return [
        Transfer(HeldThing(Thing.HOME, one.subject_id, old, one.point, one.name), new, Rule.POINT)
        for one, old, new in zip(placed, was, now, strict=True)
        if old is not None and new is not None and _code_of(old) != _code_of(new)
    ]


def _code_of(path: str) -> str:
    return path.rpartition(".")[2]


def _both(change: Change) -> tuple[Lines, Lines]:
    return change.before, change.after


def _grid_path(lines: Lines, code: str | None) -> str | None:
    grid = None if code is None else grid_of(lines.coverage, code)
    return None if grid is None else lines.path(grid)


@dataclass(frozen=True, slots=True)
class GridWorkers:
    """The changed grids without a worker of their own, by code of the coverage after.

    `shared` gives the grid whose workers serve such a grid as well 一人两岗: the one that most of its land comes from.
    `unserved` are the grids for which there is none.
    """

    shared: Mapping[str, str]
    unserved: Sequence[str]


def grid_workers(change: Change, posts: Mapping[int, str], *, posts_before: Mapping[int, str]) -> GridWorkers:
    """Find the workers of the grids that change. `posts` are the paths of forces with working accounts, by id,
    `posts_before` those of all forces.

    A force serves a grid if it is posted to the grid, below it, or to its village. A grid whose land had no worker
    before may go without one.
    """
    after, before = change.after, change.before
    changed = {grid for code in change.touched.after if (grid := grid_of(after.coverage, code)) is not None}
    shared, unserved = dict[str, str](), list[str]()
    for grid in sorted(changed):
        if _answered(after, grid, posts.values()):
            continue
        sources = _sources(change, grid)
        kept = (after.by_final.get(before.codes.get(one, one)) for one in sources)
        working = [one for one in kept if one is not None and _answered(after, one, posts.values())]
        if working:
            shared[grid] = working[0]
        elif any(_answered(before, one, posts_before.values()) for one in sources):
            unserved.append(grid)
    return GridWorkers(shared, unserved)


def _answered(lines: Lines, grid: str, posts: Collection[str]) -> bool:
    path = lines.path(grid)
    village = path.rpartition(".")[0]
    return any(post in (path, village) or post.startswith(f"{path}.") for post in posts)


def _sources(change: Change, grid: str) -> list[str]:
    """Return the grids before that the land of a grid after comes from, that of most first."""
    before, outline = change.before.coverage, change.after.coverage.outline(grid)
    at = np.asarray(before.index.query(outline))
    shapes = np.asarray(before.polygons, dtype=object)[at]
    shared, found = shapely.area(shapely.intersection(shapes, outline)), Counter[str]()
    for i, area in zip(at.tolist(), shared.tolist(), strict=True):
        source = grid_of(before, before.finest[i])
        if source is not None and area > ROUNDING * outline.area:
            found[source] += area
    return [code for code, _ in found.most_common()]
