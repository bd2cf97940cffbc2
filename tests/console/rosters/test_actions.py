"""Rosters in the store: overlaps refused, swaps cut, leave taken away, patterns laid whole, each change on record."""

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden
from console.rosters.actions import (
    NewLeave,
    Swap,
    cancel_leave,
    cancel_shift,
    put_leave,
    put_shift,
    swap_shift,
)
from console.rosters.laying import Laying, lay_pattern
from console.rosters.queries import Period, gaps_in, leaves_in, page_of_shifts, states_at
from console.rosters.rules import (
    AnswerTime,
    Cancelled,
    LeaveOverlap,
    NewShift,
    OnLeave,
    PlaceUnknown,
    ShiftOverlap,
    Span,
    SwapOutside,
    SwapWith,
    Who,
    WhoKind,
    WhoUnknown,
)
from console.rosters.tables import RosterChange, Shift
from console.rosters.terms import Cover, Pattern, RosterTerms
from console.rosters.writing import Moment
from geo.errors import BadCursor, Stale
from geo.store import Reach, Store
from tests.console.clocks.clockwork import TIMES, ZONE, local
from tests.worlds import EAST, NOW, ROOT, WEST, World

AT = Moment(NOW, NOW.date())
NAMES = {"zh": "值班", "en": "Duty"}


def planner(world: World, *, scope: str = ROOT) -> Actor:
    return Actor(world.users["planner"], "planner", "planner", scope)


def force(world: World, code: str) -> Who:
    return Who(WhoKind.FORCE, world.forces[code])


def shift(who: Who, begin: str, end: str, **more: object) -> NewShift:
    return NewShift(who, "rotating", Span(local(begin), local(end)), **more)  # type: ignore[arg-type]


async def put(session: AsyncSession, world: World, new: NewShift, shift_id: UUID | None = None) -> Shift:
    row, _ = await put_shift(session, planner(world), shift_id or uuid4(), new, expected=None, at=AT)
    return row


async def on_duty(session: AsyncSession, when: str) -> dict[int, str]:
    states = await states_at(session, WhoKind.FORCE, now=local(when))
    return {who: state.attendance for who, state in states.items()}


async def test_one_serves_once_at_a_time_nights_included(store: Store, world: World) -> None:
    amy, bob = force(world, "mediator_west"), force(world, "mediator_east")
    async with store.transaction(Reach(scope=ROOT)) as session:
        night = await put(session, world, shift(amy, "2026-03-24 22:00", "2026-03-25 06:00"))
        await put(session, world, shift(amy, "2026-03-25 06:00", "2026-03-25 18:00"))
        await put(session, world, shift(bob, "2026-03-25 02:00", "2026-03-25 08:00"))
        for begin, end in (("2026-03-24 20:00", "2026-03-24 22:01"), ("2026-03-25 01:00", "2026-03-25 02:00")):
            with pytest.raises(ShiftOverlap) as refused:
                await put(session, world, shift(amy, begin, end))
            assert refused.value.params["shift"] == str(night.id)
        assert await on_duty(session, "2026-03-25 01:00") == {amy.id: "rotating"}, "a shift that began yesterday"
        assert await on_duty(session, "2026-03-25 06:00") == {amy.id: "rotating", bob.id: "rotating"}
        assert await on_duty(session, "2026-03-25 18:00") == {}
        with pytest.raises(AnswerTime):
            await put(session, world, shift(bob, "2026-03-26 08:00", "2026-03-26 09:00", answer_minutes=5))
        with pytest.raises(Stale):
            changed = shift(amy, "2026-03-24 21:00", "2026-03-25 06:00")
            await put_shift(session, planner(world), night.id, changed, expected=7, at=AT)
        same, is_new = await put_shift(
            session, planner(world), night.id, shift(amy, "2026-03-24 22:00", "2026-03-25 06:00"), expected=1, at=AT
        )
        assert (same.version, is_new) == (1, False), "the same again changes nothing"
        await cancel_shift(session, planner(world), night.id, expected=1, now=NOW)
        await cancel_shift(session, planner(world), night.id, expected=2, now=NOW)
        with pytest.raises(Cancelled):
            await put(session, world, shift(amy, "2026-03-24 22:00", "2026-03-25 06:00"), night.id)
        await put(session, world, shift(amy, "2026-03-25 01:00", "2026-03-25 02:00"))
        kinds = await session.scalars(select(RosterChange.kind).where(RosterChange.entity == night.id))
        assert [*kinds] == ["shift.added", "shift.cancelled"]


async def test_a_swap_cuts_the_shift_at_once_and_what_is_given_away_cannot_be_given_again(
    store: Store, world: World
) -> None:
    amy, bob, cay = (force(world, code) for code in ("mediator_west", "mediator_east", "patrol_west"))
    actor = planner(world)
    async with store.transaction(Reach(scope=ROOT)) as session:
        whole = await put(session, world, shift(amy, "2026-03-02 13:00", "2026-03-03 01:00"))
        evening = Span(local("2026-03-02 21:00"), local("2026-03-03 01:00"))
        parts = await swap_shift(session, actor, whole.id, Swap(bob, evening), expected=1, now=NOW)
        assert [(one.who_id, one.id == whole.id) for one in parts] == [(amy.id, True), (bob.id, False)]
        assert await on_duty(session, "2026-03-02 20:59") == {amy.id: "rotating"}
        assert await on_duty(session, "2026-03-02 21:00") == {bob.id: "rotating"}
        with pytest.raises(SwapOutside) as refused:
            await swap_shift(session, actor, whole.id, Swap(cay, evening), expected=None, now=NOW)
        assert refused.value.params["ends_at"] == evening.starts_at.isoformat()
        with pytest.raises(SwapWith):
            await swap_shift(session, actor, whole.id, Swap(amy), expected=None, now=NOW)
        middle = Span(local("2026-03-02 15:00"), local("2026-03-02 16:00"))
        parts = await swap_shift(session, actor, whole.id, Swap(cay, middle), expected=2, now=NOW)
        assert [one.who_id for one in parts] == [amy.id, cay.id, amy.id]
        assert await on_duty(session, "2026-03-02 15:30") == {cay.id: "rotating"}
        with pytest.raises(ShiftOverlap):
            await put(session, world, shift(cay, "2026-03-02 15:59", "2026-03-02 17:00"))


async def test_two_exchange_overlapping_shifts_whole_or_not_at_all(store: Store, world: World) -> None:
    amy, bob, cay = (force(world, code) for code in ("mediator_west", "mediator_east", "patrol_west"))
    actor = planner(world)
    async with store.transaction(Reach(scope=ROOT)) as session:
        early = await put(session, world, shift(amy, "2026-03-02 08:00", "2026-03-02 18:00"))
        late = await put(session, world, shift(bob, "2026-03-02 12:00", "2026-03-02 22:00"))
        await swap_shift(session, actor, early.id, Swap(bob, in_return=late.id), expected=1, now=NOW)
        assert await on_duty(session, "2026-03-02 09:00") == {bob.id: "rotating"}
        assert await on_duty(session, "2026-03-02 21:00") == {amy.id: "rotating"}
        with pytest.raises(SwapWith):
            await swap_shift(session, actor, early.id, Swap(cay, in_return=late.id), expected=None, now=NOW)
        await put(session, world, shift(bob, "2026-03-02 18:00", "2026-03-02 20:00"))
        with pytest.raises(ShiftOverlap):
            part = Swap(bob, Span(local("2026-03-02 19:00"), local("2026-03-02 21:00")))
            await swap_shift(session, actor, late.id, part, expected=None, now=NOW)
        assert await on_duty(session, "2026-03-02 19:30") == {amy.id: "rotating", bob.id: "rotating"}, "no half state"


async def test_of_two_who_take_over_the_same_hours_at_once_one_is_refused(store: Store, world: World) -> None:
    amy = force(world, "mediator_west")
    async with store.transaction(Reach(scope=ROOT)) as session:
        whole = await put(session, world, shift(amy, "2026-03-02 13:00", "2026-03-03 01:00"))
    evening = Span(local("2026-03-02 21:00"), local("2026-03-03 01:00"))

    async def take(code: str) -> str:
        async with store.transaction(Reach(scope=ROOT)) as session:
            try:
                swap = Swap(force(world, code), evening)
                await swap_shift(session, planner(world), whole.id, swap, expected=None, now=NOW)
            except SwapOutside as refused:
                return refused.code
        return "taken"

    assert sorted(await asyncio.gather(take("mediator_east"), take("patrol_west"))) == ["roster.swap", "taken"]
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert len(await on_duty(session, "2026-03-02 22:00")) == 1


async def test_leave_takes_from_shifts_and_from_the_cover_and_returns_when_cancelled(
    store: Store, world: World
) -> None:
    amy, bob = force(world, "mediator_west"), force(world, "patrol_west")
    actor = planner(world)
    asked = {"code": "one", "names": NAMES, "at": "town", "least": 1, "hours": ["09:00-17:00"], "kinds": ["mediator"]}
    terms = RosterTerms(minimums=(Cover.model_validate(asked),))
    day = Period(date(2026, 3, 2), date(2026, 3, 2), ZONE)
    async with store.transaction(Reach(scope=ROOT)) as session:
        await put(session, world, shift(amy, "2026-03-02 08:00", "2026-03-02 18:00"))
        assert await gaps_in(session, terms, day, within=WEST, calendar=TIMES.calendar) == []
        away = NewLeave(amy, Span(local("2026-03-02 12:00"), local("2026-03-05 00:00")))
        leave, _ = await put_leave(session, actor, uuid4(), away, expected=None, now=NOW)
        assert await on_duty(session, "2026-03-02 12:00") == {amy.id: "leave"}
        gaps = await gaps_in(session, terms, day, within=ROOT, calendar=TIMES.calendar)
        assert [(gap.division_path, gap.span.starts_at) for gap in gaps] == [
            (EAST, local("2026-03-02 09:00")),
            (WEST, local("2026-03-02 12:00")),
        ]
        before = Period(date(2026, 2, 27), date(2026, 3, 2), ZONE)
        assert await gaps_in(session, terms, before, within=ROOT, calendar=TIMES.calendar) == gaps
        with pytest.raises(OnLeave) as refused:
            await put(session, world, shift(amy, "2026-03-03 08:00", "2026-03-03 18:00"))
        assert refused.value.params["ends_at"] == local("2026-03-05 00:00").isoformat()
        given = await put(session, world, shift(bob, "2026-03-03 08:00", "2026-03-03 18:00"))
        with pytest.raises(OnLeave):
            await swap_shift(session, actor, given.id, Swap(amy), expected=None, now=NOW)
        with pytest.raises(LeaveOverlap):
            await put_leave(session, actor, uuid4(), away, expected=None, now=NOW)
        await cancel_leave(session, actor, leave.id, expected=1, now=NOW)
        assert await on_duty(session, "2026-03-02 12:00") == {amy.id: "rotating"}
        assert await leaves_in(session, actor, day.span, within=ROOT) == []


async def test_a_pattern_is_laid_again_when_the_calendar_is_published_and_leaves_what_hands_have_changed(
    store: Store, world: World
) -> None:
    amy, bob = force(world, "mediator_west"), force(world, "mediator_east")
    office = Pattern.model_validate(
        {"code": "office", "names": NAMES, "attendance": "on_call", "hours": ["09:00-17:00"], "days": "worked",
         "answer_minutes": 20}
    )  # fmt: skip
    days = Period(date(2026, 3, 2), date(2026, 3, 8), ZONE)
    laying = Laying([amy, bob], days)
    actor, early = planner(world), Moment(NOW - timedelta(days=2), NOW.date())
    async with store.transaction(Reach(scope=ROOT)) as session:
        await put_leave(session, actor, uuid4(), NewLeave(bob, Span(local("2026-03-06"), local("2026-03-07"))),
                        expected=None, now=NOW)  # fmt: skip
        by_hand = await put(session, world, shift(bob, "2026-03-05 16:00", "2026-03-05 20:00"))
        laid = await lay_pattern(session, actor, office, laying, calendar=TIMES.calendar, at=early)
        assert (laid.added, laid.cancelled, laid.on_leave, laid.kept) == (8, 0, 1, 1)
        again = await lay_pattern(session, actor, office, laying, calendar=TIMES.calendar, at=early)
        assert (again.added, again.cancelled) == (0, 0)
        page, _ = await page_of_shifts(session, actor, days.span, within=ROOT, limit=100)
        assert {row.answer_minutes for row in page if row.id != by_hand.id} == {20}
        dropped = next(row for row in page if row.who_id == amy.id)
        await cancel_shift(session, actor, dropped.id, expected=None, now=NOW)
        weekend = office.model_copy(update={"days": "off"})
        moved = await lay_pattern(session, actor, weekend, laying, calendar=TIMES.calendar, at=early)
        assert (moved.added, moved.cancelled) == (4, 7)
        back = await lay_pattern(session, actor, office, laying, calendar=TIMES.calendar, at=early)
        assert back.cancelled == 4, "what was cancelled once is not laid again by itself"
        valid = select(func.count()).select_from(Shift).where(Shift.id == by_hand.id, Shift.cancelled_at.is_(None))
        assert await session.scalar(valid) == 1


async def test_a_town_sees_and_changes_its_own_roster_only(store: Store, world: World) -> None:
    amy, bob = force(world, "mediator_west"), force(world, "mediator_east")
    west = planner(world, scope=WEST)
    span = Span(local("2026-03-01"), local("2026-03-31"))
    async with store.transaction(Reach(scope=ROOT)) as session:
        for who in (amy, bob):
            await put(session, world, shift(who, "2026-03-02 08:00", "2026-03-02 18:00"))
        await put(session, world, shift(amy, "2026-03-03 08:00", "2026-03-03 18:00", division=EAST[-9:]))
        page, following = await page_of_shifts(session, west, span, within=ROOT, limit=2)
        rest, end = await page_of_shifts(session, west, span, within=ROOT, limit=2, cursor=following)
        assert (len(page), len(rest), end) == (2, 1, None)
        with pytest.raises(BadCursor):
            await page_of_shifts(session, west, span, within=ROOT, limit=2, cursor="x")
        clerk = Actor(world.users["clerk"], "clerk", "clerk", ROOT)
        with pytest.raises(Forbidden):
            await put_shift(session, clerk, uuid4(), shift(amy, "2026-03-09 08:00", "2026-03-09 18:00"), expected=None,
                            at=AT)  # fmt: skip
    async with store.transaction(Reach(scope=WEST)) as session:
        page, _ = await page_of_shifts(session, west, span, within=ROOT, limit=10)
        assert [row.who_id for row in page] == [amy.id], "also not its own force's shift in the other town"
        with pytest.raises(WhoUnknown):
            await put_shift(session, west, uuid4(), shift(bob, "2026-03-09 08:00", "2026-03-09 18:00"), expected=None,
                            at=AT)  # fmt: skip
        for place in ({"division": EAST[-9:]}, {"unit": "nowhere"}):
            with pytest.raises(PlaceUnknown):
                new = shift(amy, "2026-03-09 08:00", "2026-03-09 18:00", **place)
                await put_shift(session, west, uuid4(), new, expected=None, at=AT)
        with pytest.raises(ShiftOverlap) as refused:
            await put_shift(session, west, uuid4(), shift(amy, "2026-03-03 09:00", "2026-03-03 10:00"), expected=None,
                            at=AT)  # fmt: skip
        assert refused.value.params == {"field": "starts_at"}, "the other shift is out of sight"
    async with store.transaction(Reach(scope=EAST, force_id=amy.id)) as session:
        assert len(await on_duty(session, "2026-03-02 09:00")) == 2, "a force sees its own shifts anywhere"
