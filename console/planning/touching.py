"""What differs between two coverages of the same land. Pure."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from geo.coverage.measures import same_land
from geo.coverage.topology import Coverage


@dataclass(frozen=True, slots=True)
class Touched:
    """Finest divisions that are not the same before and after: those of either coverage by code, sorted.

    `before` and `after` have another shape or another path, or are gone or new; `redrawn` and `drawn` are those of them
    with other land: on the same line, vertices may have come or gone. `around` are divisions of all levels whose land
    holds all that was touched, and is therefore the same.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    redrawn: tuple[str, ...]
    drawn: tuple[str, ...]
    around: frozenset[str]


def touched(before: Coverage, after: Coverage, *, near: tuple[Coverage, Touched] | None = None) -> Touched:
    """Compare two coverages. Whatever an operation left alone is the same object in both.

    `near` is another coverage, with how it differs from the one before: what is the same object there, was compared.
    """
    given, concerned = before.shapes.get, before.may_differ(after)
    shaped = {code for code in concerned if code in after.shapes and given(code) is not after.shapes[code]}
    shaped -= {code for code in shaped & before.shapes.keys() if before.shapes[code].wkb == after.shapes[code].wkb}
    same = {code for code in shaped & before.shapes.keys() if _is_same_land(before, after, code, near)}
    drawn = shaped - same
    redrawn = (drawn & before.shapes.keys()) | _gone(concerned, before.shapes, after.shapes)
    moved = _with_other_parents(before, after)
    return Touched(
        before=tuple(sorted(redrawn | same | (moved & before.shapes.keys()))),
        after=tuple(sorted(shaped | (moved & after.shapes.keys()))),
        redrawn=tuple(sorted(redrawn)),
        drawn=tuple(sorted(drawn)),
        around=_around(before, after, drawn | redrawn | moved),
    )


def _is_same_land(before: Coverage, after: Coverage, code: str, near: tuple[Coverage, Touched] | None) -> bool:
    if near is not None and near[0].shapes.get(code) is after.shapes[code]:
        return code not in near[1].drawn
    return same_land(before.shapes[code], after.shapes[code])


def codes_touched(before: Coverage, after: Coverage, change: Touched) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of all levels whose land, parent or name differs, and all above them, before and after, from
    the top down. The whole is always among them.
    """
    concerned = before.may_differ(after)
    recorded = {code for code in concerned if code in after and _is_other(before, code, after.divisions[code])}
    recorded |= _gone(concerned, before.divisions, after.divisions)
    found: set[str] = {*after.tree.children[None]}
    for coverage, finest in ((before, change.redrawn), (after, change.drawn)):
        found |= coverage.tree.with_above(code for code in {*finest, *recorded} if code in coverage)
    for coverage, finest in ((before, change.before), (after, change.after)):
        moved = (code for code in finest if _path_differs(before, after, code))
        found |= coverage.tree.with_above(moved)
    old, new = (coverage.tree.in_order(found & coverage.divisions.keys()) for coverage in (before, after))
    return old, new


def changed_between(before: Coverage, after: Coverage) -> tuple[str, ...]:
    """Return the codes of all levels that are not after what they were before, from the top down."""
    change = touched(before, after)
    _, found = codes_touched(before, after, change)
    return tuple(code for code in found if not _is_same(before, after, code, change))


def _is_same(before: Coverage, after: Coverage, code: str, change: Touched) -> bool:
    if _is_other(before, code, after.divisions[code]):
        return False
    return code in change.around or same_land(before.outline(code), after.outline(code))


def _is_other(before: Coverage, code: str, division: object) -> bool:
    known = before.divisions.get(code)
    return known is not division and known != division


def _path_differs(before: Coverage, after: Coverage, code: str) -> bool:
    return code not in before or code not in after or before.tree.path(code) != after.tree.path(code)


def _around(before: Coverage, after: Coverage, finest: Iterable[str]) -> frozenset[str]:
    found: set[str] | None = None
    for coverage in (before, after):
        for code in finest:
            if code in coverage:
                above = {*coverage.tree.above(code)}
                found = above if found is None else found & above
    return frozenset(after.divisions if found is None else found)


def _with_other_parents(before: Coverage, after: Coverage) -> set[str]:
    """Return the finest divisions in either coverage below a division that has another parent."""
    if before.divisions is after.divisions:
        return set()
    concerned = before.may_differ(after)
    changed = {
        code for code in concerned if code in after and _has_other_parent(before, code, after.divisions[code].parent)
    }
    changed |= _gone(concerned, before.divisions, after.divisions)
    return {
        finest
        for coverage in (before, after)
        for finest in coverage.tree.finest_below(code for code in changed if code in coverage)
    }


def _gone(codes: Iterable[str], before: Container[str], after: Container[str]) -> set[str]:
    """Return those of some codes that are there before and not after."""
    return {code for code in codes if code in before and code not in after}


def _has_other_parent(before: Coverage, code: str, parent: str | None) -> bool:
    known = before.divisions.get(code)
    return known is None or known.parent != parent
