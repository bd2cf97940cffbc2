"""Draw the ended cases whose reporters are asked 回访, and record each follow-up's progress. Pure.

The cases of a draw are numbered within the month in which they ended, in the order of the drawing. With the share s and
a start r between 0 and 1, the case of number n is drawn when ⌊n·s + r⌋ is greater than ⌊(n−1)·s + r⌋. So of any N cases
of a month N·s are drawn, rounded up or down. r is a hash of place, draw and month, so that the choice is not foreseen.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from hashlib import blake2b
from math import floor

from console.flow.case_state import CaseState, Satisfied
from console.flow.case_terms import CaseTerms, FollowUp, MoveKind, is_of


class Standing(StrEnum):
    """Status of a case's follow-up.

    `not_drawn`: not in the sample. `due`: to be asked. `mending`: dissatisfied, and the case is reopened. `again`:
    mended, to be asked once more. `satisfied`: asked, and not dissatisfied. `dissatisfied`: the case was not reopened.
    `unreached`: no answer in all tries. `refused`: reached, and would not answer.
    """

    NOT_DRAWN = "not_drawn"
    DUE = "due"
    MENDING = "mending"
    AGAIN = "again"
    SATISFIED = "satisfied"
    DISSATISFIED = "dissatisfied"
    UNREACHED = "unreached"
    REFUSED = "refused"


OPEN = (Standing.DUE, Standing.AGAIN)
"""Statuses of cases that wait for a follow-up."""
SETTLED = (Standing.NOT_DRAWN, Standing.UNREACHED, Standing.REFUSED)
"""Statuses of cases that end without an answer."""
ANSWERED = (Standing.MENDING, Standing.SATISFIED, Standing.DISSATISFIED)
"""Statuses that an answer has brought about: it stands, whatever a later try comes to."""


@dataclass(frozen=True, slots=True)
class Draw:
    """The draw that a case belongs to: its code (empty for the default), its share, and the days until it is asked."""

    code: str
    share: Fraction
    after: timedelta


@dataclass(frozen=True, slots=True)
class Progress:
    """Status of a case's follow-up, with its due times and tries."""

    standing: Standing
    due_at: datetime | None = None
    ask_by: datetime | None = None
    tries: int = 0
    satisfied: Satisfied | None = None
    dissatisfied_at: datetime | None = None
    dissatisfied_times: int = 0
    mended_at: datetime | None = None


def draw_of(asked: FollowUp, state: CaseState) -> Draw:
    """Return the draw of a case: the pack's first that fits, or the default."""
    for one in asked.draws:
        lane = not one.lanes or state.lane in one.lanes
        level = not one.levels or state.level in one.levels
        if lane and level and is_of(state.category, one.classes, ()):
            days = asked.after_days if one.after_days is None else one.after_days
            return Draw(one.code, exactly(one.share), timedelta(days=days))
    return Draw("", exactly(asked.share), timedelta(days=asked.after_days))


def exactly(share: float) -> Fraction:
    """Return a share as its digits say: 0.1 is one tenth."""
    return Fraction(str(share))


def start_of(*names: str) -> Fraction:
    """Return the start of a month's draw, from 0 to below 1. It follows from the names alone."""
    digest = blake2b("\n".join(names).encode(), digest_size=8).digest()
    return Fraction(int.from_bytes(digest), 1 << 64)


def is_drawn(number: int, share: Fraction, start: Fraction) -> bool:
    """Whether the case of this number, from 1, is drawn."""
    return floor(number * share + start) > floor((number - 1) * share + start)


def can_be_asked(terms: CaseTerms, state: CaseState) -> bool:
    """Whether a follow-up can be made of a case at its stage."""
    if terms.follow_up is None or not state.ended or state.joined_to is not None:
        return False
    moves = (move for move in terms.moves if move.kind is MoveKind.FOLLOW_UP)
    return any(state.stage in terms.leaves_of(move, state.flow) for move in moves)


def first(asked: FollowUp, *, drawn: bool, due_at: datetime) -> Progress:
    """Return the first progress of a follow-up: due, or not drawn."""
    if not drawn:
        return Progress(Standing.NOT_DRAWN)
    return Progress(Standing.DUE, due_at=due_at, ask_by=due_at + timedelta(days=asked.within_days))


def numbered(asked: FollowUp, progress: Progress, *, drawn: bool, due_at: datetime) -> Progress:
    """Return the progress of a follow-up that was begun before its draw. What was answered stands; one that waits is
    asked within the time of the draw, or no more.
    """
    if progress.standing is not Standing.DUE:
        return progress
    if not drawn:
        return replace(progress, standing=Standing.NOT_DRAWN, due_at=None, ask_by=None)
    return replace(progress, ask_by=due_at + timedelta(days=asked.within_days))


def ended_again(asked: FollowUp, progress: Progress, *, after: timedelta, now: datetime) -> Progress:
    """Return the progress after a case has ended again: one in mending is due for a second follow-up, and one whose
    reporter was satisfied with the end before for a first one about this end.
    """
    due_at = now + after
    due = replace(progress, due_at=due_at, ask_by=due_at + timedelta(days=asked.within_days), tries=0)
    if progress.standing is Standing.MENDING:
        return replace(due, standing=Standing.AGAIN, mended_at=now)
    if progress.standing is Standing.SATISFIED:
        return replace(due, standing=Standing.DUE, satisfied=None)
    return progress


def goes_on(progress: Progress) -> Progress:
    """Return the progress after a case is reopened: a dissatisfied one is in mending."""
    return replace(progress, standing=Standing.MENDING) if progress.standing is Standing.DISSATISFIED else progress


def asked_once(
    asked: FollowUp,
    progress: Progress,
    *,
    satisfied: Satisfied | None,
    goes_on: bool,
    now: datetime,
    refused: bool = False,
) -> Progress:
    """Return the progress after a follow-up. `satisfied` is None without an answer; `goes_on`: it reopens the case.

    `refused`: the person was reached and would not answer. They are asked no more, and heard if they call back.
    """
    if refused:
        return _refused(progress)
    if satisfied is None:
        return _not_reached(asked, progress, now=now)
    done = replace(progress, satisfied=satisfied, tries=progress.tries + 1, due_at=None, ask_by=None)
    if satisfied != "no":
        return replace(done, standing=Standing.SATISFIED)
    standing = Standing.MENDING if goes_on else Standing.DISSATISFIED
    times = progress.dissatisfied_times + 1
    return replace(done, standing=standing, dissatisfied_at=now, dissatisfied_times=times, mended_at=None)


def _refused(progress: Progress) -> Progress:
    tries = progress.tries + 1
    if progress.standing in ANSWERED:
        return replace(progress, tries=tries)
    return replace(progress, standing=Standing.REFUSED, tries=tries, due_at=None, ask_by=None)


def _not_reached(asked: FollowUp, progress: Progress, *, now: datetime) -> Progress:
    tries = progress.tries + 1
    if progress.standing in OPEN and tries >= asked.tries:
        return replace(progress, standing=Standing.UNREACHED, tries=tries, due_at=None, ask_by=None)
    if progress.standing not in OPEN:
        return replace(progress, tries=tries)
    return replace(progress, tries=tries, due_at=now + timedelta(hours=asked.retry_hours))
