"""Which ended cases are asked about, and what a follow-up makes of one."""

from datetime import timedelta
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.flow.case_state import Satisfied
from console.flow.case_terms import FollowUp
from console.follow_ups.rules import (
    OPEN,
    SETTLED,
    Progress,
    Standing,
    asked_once,
    ended_again,
    exactly,
    first,
    is_drawn,
    start_of,
)
from tests.worlds import NOW, PACK

DAY = timedelta(days=1)


def asked() -> FollowUp:
    assert PACK.case is not None
    assert PACK.case.follow_up is not None
    return PACK.case.follow_up


@given(
    share=st.fractions(0, 1, max_denominator=100),
    period=st.dates().map(lambda day: f"{day:%Y-%m}"),
    cases=st.integers(1, 400),
)
def test_of_any_number_of_cases_the_share_is_drawn_to_less_than_one(share: Fraction, period: str, cases: int) -> None:
    start = start_of("wujiang", "easy", period)
    drawn = [is_drawn(number, share, start) for number in range(1, cases + 1)]
    for ended, so_far in enumerate(accumulate(drawn), start=1):
        assert abs(so_far - ended * share) < 1
        if (ended * share).denominator == 1:
            assert so_far == ended * share, "exact wherever the share of the cases is a whole number"
    assert drawn == [is_drawn(number, share, start) for number in range(1, cases + 1)], "drawn again, it is the same"


def test_which_case_is_drawn_first_differs_from_month_to_month() -> None:
    share, months = exactly(0.1), [f"2026-{month:02}" for month in range(1, 13)]
    firsts = {next(n for n in range(1, 11) if is_drawn(n, share, start_of("x", "easy", month))) for month in months}
    assert len(firsts) > 3
    assert exactly(0.1) == Fraction(1, 10), "a share is what its digits say"


@pytest.mark.parametrize("drawn", [True, False])
def test_a_case_that_was_not_drawn_is_not_asked_about(drawn: bool) -> None:
    begun = first(asked(), drawn=drawn, due_at=NOW)
    assert begun.standing == (Standing.DUE if drawn else Standing.NOT_DRAWN)
    assert (begun.due_at, begun.ask_by) == ((NOW, NOW + 7 * DAY) if drawn else (None, None))


def answered(progress: Progress, satisfied: Satisfied | None, *, goes_on: bool = False, after: int = 0) -> Progress:
    return asked_once(asked(), progress, satisfied=satisfied, goes_on=goes_on, now=NOW + after * DAY)


def test_a_dissatisfied_one_is_mended_and_asked_about_once_more() -> None:
    begun = first(asked(), drawn=True, due_at=NOW)
    assert answered(begun, "partly").standing is Standing.SATISFIED
    assert answered(begun, "no").standing is Standing.DISSATISFIED, "where the pack reopens nothing"
    mending = answered(begun, "no", goes_on=True)
    assert (mending.standing, mending.dissatisfied_times, mending.due_at) == (Standing.MENDING, 1, None)
    again = ended_again(asked(), mending, after=DAY, now=NOW + 5 * DAY)
    assert (again.standing, again.due_at, again.mended_at) == (Standing.AGAIN, NOW + 6 * DAY, NOW + 5 * DAY)
    assert ended_again(asked(), again, after=DAY, now=NOW) == again, "another end changes nothing"
    done = answered(again, "yes", after=6)
    assert (done.standing, done.mended_at, done.dissatisfied_times) == (Standing.SATISFIED, NOW + 5 * DAY, 1)
    anew = ended_again(asked(), done, after=DAY, now=NOW + 9 * DAY)
    assert (anew.standing, anew.due_at, anew.satisfied) == (Standing.DUE, NOW + 10 * DAY, None), "of another end"
    worse = answered(again, "no", goes_on=True, after=6)
    assert (worse.standing, worse.dissatisfied_times, worse.mended_at) == (Standing.MENDING, 2, None)


def test_somebody_not_reached_is_tried_again_and_given_up_after_all_tries() -> None:
    progress = first(asked(), drawn=True, due_at=NOW)
    for tries in (1, 2):
        progress = answered(progress, None)
        assert (progress.standing, progress.tries) == (Standing.DUE, tries)
        assert progress.due_at == NOW + timedelta(hours=4)
    progress = answered(progress, None)
    assert (progress.standing, progress.due_at) == (Standing.UNREACHED, None)
    assert answered(progress, "yes").standing is Standing.SATISFIED, "who calls back is heard"
    assert refused(progress).standing is Standing.REFUSED, "reached after all"


def refused(progress: Progress) -> Progress:
    return asked_once(asked(), progress, satisfied=None, goes_on=False, now=NOW, refused=True)


def test_somebody_reached_who_will_not_answer_is_asked_no_more_and_an_answer_given_before_stands() -> None:
    begun = first(asked(), drawn=True, due_at=NOW)
    done = refused(answered(begun, None))
    assert (done.standing, done.tries, done.satisfied) == (Standing.REFUSED, 2, None)
    assert (done.due_at, done.ask_by, done.dissatisfied_at) == (None, None, None)
    assert done.standing in SETTLED and done.standing not in OPEN
    assert ended_again(asked(), done, after=DAY, now=NOW + DAY) == done, "reopened and ended again, it is not asked"
    assert answered(done, None).standing is Standing.REFUSED
    assert answered(done, "yes").standing is Standing.SATISFIED, "who calls back is heard"
    again = ended_again(asked(), answered(begun, "no", goes_on=True), after=DAY, now=NOW)
    assert (refused(again).standing, refused(again).satisfied) == (Standing.REFUSED, "no"), "the only answer there is"
    for said in ("yes", "no"):
        one = answered(begun, said)
        assert refused(one).standing is one.standing and refused(one).satisfied == said
