"""Whether two changes of the same lines meet. Pure."""

from typing import Any

import shapely

from console.planning.drafts import Draft
from console.planning.touching import changed_between
from geo.coverage.refusals import PlanRefused, as_geojson
from geo.coverage.topology import Coverage
from geo.errors import ErrorKind


class Contested(PlanRefused):
    """Divisions that the plan changes have been changed by something else since its base day, or will be by another
    plan, `plan`, that waits for its day. `where` has the plan's lines of them, `other` those of the other change.

    Way out: put the plan on those lines by a new draft, or withdraw one of the two.
    """

    code = "plan.contested"
    kind = ErrorKind.CONFLICT


def changed_or_ended(draft: Draft) -> set[str]:
    """Return the codes of its base that a draft changes or ends."""
    return codes_changed(draft.base.coverage, draft.coverage)


def codes_changed(before: Coverage, after: Coverage) -> set[str]:
    """Return the codes of the lines before that are not what they were after, or have ended."""
    changed = {code for code in changed_between(before, after) if code in before}
    return changed | (before.divisions.keys() - after.divisions.keys())


def require_apart(draft: Draft, other_before: Coverage, other_after: Coverage, *, plan: int | None = None) -> None:
    """Raise `Contested` where a draft and another change of the same lines meet. `plan` is the other one's id."""
    both = changed_or_ended(draft) & codes_changed(other_before, other_after)
    if both:
        raise contested(sorted(both), draft.coverage, other_after, plan=plan)


def contested_at(refused: PlanRefused, codes: list[str], theirs: Coverage, *, plan: int) -> Contested:
    """Build the error of an operation that does not fit what another plan made of these divisions."""
    error = Contested(*codes[:100], plan=plan)
    error.params["where"] = refused.params["where"]
    error.params["other"] = _drawn(theirs, codes)
    return error


def contested(codes: list[str], ours: Coverage, theirs: Coverage, *, plan: int | None) -> Contested:
    """Build the error of two changes that meet in these divisions, with the shapes of both."""
    error = Contested(*codes[:100], plan=plan)
    error.params["where"] = _drawn(ours, codes)
    error.params["other"] = _drawn(theirs, codes)
    return error


def _drawn(coverage: Coverage, codes: list[str]) -> dict[str, Any] | None:
    outlines = [coverage.outline(code) for code in codes if code in coverage]
    return as_geojson(shapely.GeometryCollection(outlines)) if outlines else None
