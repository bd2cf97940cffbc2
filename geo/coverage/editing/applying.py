"""Apply operations to a coverage: each whole or not at all, with what is needed to undo it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import shapely

from geo.coverage.editing.attributes import Lock, Unlock
from geo.coverage.editing.effects import Effects
from geo.coverage.editing.restoring import Restore
from geo.coverage.measures import SLIVER_M, width_m
from geo.coverage.patches import Patch
from geo.coverage.refusals import ChangesNothing, Crosses, Emptied, FixedLine, Locked, NotConnected, Sliver
from geo.coverage.topology import Coverage


class Operation(Protocol):
    """A change that can be asked for. It raises a `PlanRefused` where it cannot be done."""

    def patch(self, coverage: Coverage) -> Patch: ...


@dataclass(frozen=True, slots=True)
class Applied:
    """The `coverage` after an operation. `changed` are codes that are not what they were, new ones included, from the
    top level down; `revised` have only got vertices on the lines that they had; `ended` are gone.

    `inverse` undoes the operation, to the very bytes.
    """

    coverage: Coverage
    changed: tuple[str, ...]
    revised: tuple[str, ...]
    ended: tuple[str, ...]
    inverse: Restore


def apply(coverage: Coverage, operation: Operation) -> Applied:
    """Apply an operation, or raise a `PlanRefused` that says what is wrong and where. Nothing is ever half-done.

    Only what the operation touches is computed and checked anew; every other shape stays the same object.
    """
    patch = operation.patch(coverage)
    if patch.is_empty:
        raise ChangesNothing
    after = coverage.patched(patch)
    effects = Effects.of(coverage, after, patch)
    if not isinstance(operation, Restore):
        _review(coverage, after, effects, locking=isinstance(operation, Lock | Unlock))
    return Applied(
        after,
        changed=after.tree.in_order(effects.changed),
        revised=after.tree.in_order(effects.revised - effects.recorded),
        ended=coverage.tree.in_order(effects.ended),
        inverse=Restore(patch.inverse()),
    )


def replay(coverage: Coverage, operations: Iterable[Operation]) -> Iterator[Applied]:
    """Apply operations one after the other. Raises what the first one that cannot be done raises."""
    for operation in operations:
        applied = apply(coverage, operation)
        coverage = applied.coverage
        yield applied


def _review(before: Coverage, after: Coverage, effects: Effects, *, locking: bool) -> None:
    """Raise the error of the first rule that the coverage would break."""
    if not locking:
        _require_unlocked(before, after, effects)
    _require_loose(before, after, effects)
    _require_filled(before, after)
    drawn = sorted(code for code in effects.reshaped | effects.begun if code in after.shapes)
    _require_valid(after, drawn)
    _require_wide(before, after, drawn)
    _require_connected(after, effects)


def _require_unlocked(before: Coverage, after: Coverage, effects: Effects) -> None:
    changed = effects.changed | effects.ended
    held = {code: [*_locks(before, code), *_locks(after, code)] for code in changed}
    locks = {lock for found in held.values() for lock in found}
    if locks:
        codes = sorted(code for code, found in held.items() if found)
        where = shapely.union_all([before.outline(code) for code in sorted(locks) if code in before])
        raise Locked(*codes, where=where, locked=sorted(locks))


def _locks(coverage: Coverage, code: str) -> Iterator[str]:
    """Yield the locked divisions among one and those above it."""
    if code in coverage:
        yield from (up for up in (code, *coverage.tree.above(code)) if coverage.divisions[up].locked)


def _require_loose(before: Coverage, after: Coverage, effects: Effects) -> None:
    """Raise `FixedLine` if a division whose lines are fixed has other land, has begun or ended."""
    moved = sorted(
        code
        for code in effects.reshaped | effects.begun | effects.ended
        if (after if code in after else before).divisions[code].level in before.fixed_levels
    )
    if moved:
        shapes = [coverage.outline(code) for coverage in (before, after) for code in moved if code in coverage]
        where = shapes[0] if len(shapes) == 1 else shapely.symmetric_difference(shapes[0], shapes[-1])
        raise FixedLine(*moved, where=where)


def _require_filled(before: Coverage, after: Coverage) -> None:
    """Raise `Emptied` if nothing lies below a division any more."""
    if before.divisions is after.divisions:
        return
    bare = [code for code in after.divisions if code not in after.shapes and code not in after.tree.children]
    if bare:
        where = shapely.union_all([before.outline(code) for code in bare if code in before])
        raise Emptied(*sorted(bare), where=where)


def _require_valid(after: Coverage, drawn: list[str]) -> None:
    broken = [code for code in drawn if not after.shapes[code].is_valid]
    if broken:
        raise Crosses(*broken, where=shapely.MultiLineString([edge.line for edge in after.edges_around(broken[0])]))


def _require_wide(before: Coverage, after: Coverage, drawn: list[str]) -> None:
    """Raise `Sliver` if a division became too narrow; one that was already may grow."""
    for code in (code for code, thin in zip(drawn, after.narrow(drawn), strict=True) if thin):
        shape, was = after.shapes[code], before.shapes.get(code)
        if was is None or shape.area < was.area:
            raise Sliver(code, where=shape, width_m=width_m(shape, after.plane), least_m=SLIVER_M)


def _require_connected(after: Coverage, effects: Effects) -> None:
    """Raise `NotConnected` if a division lies in more parts than it may."""
    for code in after.tree.in_order(effects.reshaped | effects.begun)[::-1]:
        outline = after.outline(code)
        parts = shapely.get_num_geometries(outline)
        if parts > after.divisions[code].parts:
            raise NotConnected(code, where=outline, parts=int(parts))
