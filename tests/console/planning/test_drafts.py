"""Drafts in memory: what is wrong with them, and how many are kept."""

from datetime import date

import pytest

from console.planning.actions import require_sound
from console.planning.drafts import Base, Draft, Recent
from console.planning.lines import problems_of
from geo.coverage.building import build_coverage
from geo.coverage.divisions import Division
from geo.coverage.editing.applying import apply
from geo.coverage.editing.attributes import Rename
from geo.coverage.editing.reassigning import Merge
from geo.coverage.refusals import LinesDoNotFit
from tests.geo.coverage.made import square

NARROW = 0.3 / 191
"""Width of 0.3 m, in squares."""


def narrow_base() -> Base:
    """A county of three grids, the middle one 0.3 m wide."""
    grids = [Division(code, code, "grid", "c") for code in ("g1", "g2", "g3")]
    shapes = {"g1": square(0, 0), "g2": square(1, 0, NARROW), "g3": square(1 + NARROW, 0)}
    coverage = build_coverage([Division("c", "c", "county", None), *grids], shapes, levels=("county", "grid"))
    return Base(("c", date(2026, 3, 2), "1"), coverage, problems_of(coverage), {}, {})


async def test_a_draft_with_a_sliver_tells_it_and_cannot_be_submitted_until_it_is_mended() -> None:
    base = narrow_base()
    renamed = Draft(base, apply(base.coverage, Rename("g1", "一号")).coverage)
    assert [(problem.fault, problem.code) for problem in renamed.problems()] == [("sliver", "g2")]
    with pytest.raises(LinesDoNotFit) as refused:
        await require_sound(renamed)
    assert [problem["code"] for problem in refused.value.params["problems"]] == ["g2"]
    mended = Draft(base, apply(renamed.coverage, Merge(("g1", "g2"))).coverage)
    assert mended.problems() == []
    await require_sound(mended)


def test_the_least_recently_used_is_dropped() -> None:
    recent = Recent[int](2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    assert recent.get("a") == 1
    recent.keep("c", 3)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]
