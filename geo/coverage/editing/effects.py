"""What a patch changed, at every level."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from geo.coverage.edges import Edge, Point
from geo.coverage.measures import same_land
from geo.coverage.patches import Patch
from geo.coverage.topology import Coverage


@dataclass(frozen=True, slots=True)
class Effects:
    """Codes by what happened to them. `reshaped`: other land than before; `revised`: only vertices more or fewer on the
    same lines; `recorded`: another name, parent, lock or kind; `begun` and `ended`."""

    reshaped: frozenset[str]
    revised: frozenset[str]
    recorded: frozenset[str]
    begun: frozenset[str]
    ended: frozenset[str]

    @classmethod
    def of(cls, before: Coverage, after: Coverage, patch: Patch) -> Self:
        """Compare the divisions that a patch can have changed, and no others."""
        begun = {code for code, one in patch.before.items() if one is None}
        ended = {code for code, one in patch.after.items() if one is None}
        recorded = {*patch.after} - begun - ended
        beside = {code for edge in (*patch.gone, *patch.new) for code in edge.sides if code is not None}
        touched = {code for code in beside if code in before.shapes and code in after.shapes}
        touched = {code for code in touched if after.shapes[code] is not before.shapes[code]}
        moved = {code for code in recorded if before.divisions[code].parent != after.divisions[code].parent}
        reshaped = {code for code in touched if not same_land(before.shapes[code], after.shapes[code])}
        above = _above(before, after, touched | moved | begun | ended) - begun - ended
        whole = _whole(before, after, reshaped | moved | begun | ended)
        for code in above - whole:
            if not same_land(before.outline(code), after.outline(code)):
                reshaped.add(code)
        revised = {code for code in above if _gained(before, after, patch, code)} | touched
        revised -= reshaped
        return cls(*map(frozenset, (reshaped, revised, recorded, begun, ended)))

    @property
    def changed(self) -> frozenset[str]:
        """All that is there afterwards and is not what it was, but for vertices on the same lines."""
        return self.reshaped | self.recorded | self.begun


def _above(before: Coverage, after: Coverage, codes: Iterable[str]) -> set[str]:
    """Return all above some divisions, where they were and where they are."""
    codes = [*codes]
    found = {up for code in codes if code in before for up in before.tree.above(code)}
    return (found | {up for code in codes if code in after for up in after.tree.above(code)}) & after.divisions.keys()


def _whole(before: Coverage, after: Coverage, codes: Iterable[str]) -> set[str]:
    """Return the divisions that held all of `codes` before and hold all of them now: their land is the same."""
    codes = [*codes]
    found: set[str] | None = None
    for coverage in (before, after):
        for code in codes:
            if code in coverage:
                above = {*coverage.tree.above(code)}
                found = above if found is None else found & above
    return found or set()


def _gained(before: Coverage, after: Coverage, patch: Patch, code: str) -> bool:
    """Return whether the border of a division above has other vertices than before."""
    return _border(before, patch.gone, code) != _border(after, patch.new, code)


def _border(coverage: Coverage, edges: Iterable[Edge], code: str) -> set[Point]:
    """Return the vertices of those edges that are on the border of a division above."""

    def lies_in(side: str | None) -> bool:
        return side is not None and code in coverage.tree.above(side)

    return {point for edge in edges if lies_in(edge.left) != lies_in(edge.right) for point in edge.line}
