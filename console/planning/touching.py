"""Which of the finest divisions differ between two coverages of the same land. Pure."""

from dataclasses import dataclass

from geo.coverage.measures import same_land
from geo.coverage.topology import Coverage


@dataclass(frozen=True, slots=True)
class Touched:
    """Finest divisions that are not the same before and after: those of either coverage by code, sorted.

    `before` and `after` have other land or another path, or are gone or new; `redrawn` and `drawn` are those of them
    with other land only.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    redrawn: tuple[str, ...]
    drawn: tuple[str, ...]


def touched(before: Coverage, after: Coverage) -> Touched:
    """Compare two coverages. Whatever an operation left alone is the same object in both."""
    drawn = {code for code, shape in after.shapes.items() if not _same_shape(before, after, code)}
    redrawn = {code for code in before.shapes if code in drawn or code not in after.shapes}
    moved = _with_other_parents(before, after)
    return Touched(
        before=tuple(sorted(redrawn | {code for code in moved if code in before.shapes})),
        after=tuple(sorted(drawn | {code for code in moved if code in after.shapes})),
        redrawn=tuple(sorted(redrawn)),
        drawn=tuple(sorted(drawn)),
    )


def codes_touched(before: Coverage, after: Coverage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of all levels whose land, parent or name differs, before and after, from the top down; the
    whole is always among them.
    """
    change = touched(before, after)
    recorded = {
        code
        for code in before.divisions.keys() | after.divisions.keys()
        if before.divisions.get(code) != after.divisions.get(code)
    }
    found: set[str] = set()
    same = {code for code in change.drawn if code in before.shapes and _same_land(before, after, code)}
    for coverage, finest in ((before, change.before), (after, change.after)):
        own = {*finest} - same | {code for code in recorded if code in coverage}
        found |= coverage.tree.with_above(own) | {*coverage.tree.children[None]}
    old, new = (coverage.tree.in_order(found & coverage.divisions.keys()) for coverage in (before, after))
    return old, new


def changed_between(before: Coverage, after: Coverage) -> tuple[str, ...]:
    """Return the codes of all levels that are not after what they were before, from the top down."""
    _, found = codes_touched(before, after)
    return tuple(code for code in found if not _is_same(before, after, code))


def _is_same(before: Coverage, after: Coverage, code: str) -> bool:
    if before.divisions.get(code) != after.divisions[code]:
        return False
    return _same_land(before, after, code)


def _same_land(before: Coverage, after: Coverage, code: str) -> bool:
    """Return whether a division has the same land: vertices may have come or gone on the same line."""
    return same_land(before.outline(code), after.outline(code))


def _same_shape(before: Coverage, after: Coverage, code: str) -> bool:
    one, other = before.shapes.get(code), after.shapes[code]
    return one is other or (one is not None and one.wkb == other.wkb)


def _with_other_parents(before: Coverage, after: Coverage) -> set[str]:
    """Return the finest divisions in either coverage below a division that has another parent."""
    if before.divisions is after.divisions:
        return set()
    codes = before.divisions.keys() | after.divisions.keys()
    changed = [
        code
        for code in codes
        if (one := before.divisions.get(code)) is not (other := after.divisions.get(code))
        and (one is None or other is None or one.parent != other.parent)
    ]
    return {
        finest
        for coverage in (before, after)
        for finest in coverage.tree.finest_below(code for code in changed if code in coverage)
    }
