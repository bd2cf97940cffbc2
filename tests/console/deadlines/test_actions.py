"""Setting, extending, cancelling and sweeping deadlines."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import DateTime, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.keeping.postgres.roles import Urls, conninfo_of
from console.deadlines.actions import (
    DeadlineRequest,
    cancel_deadline,
    cancel_deadlines,
    extend,
    set_deadline,
    set_deadlines,
    sweep,
)
from console.deadlines.queries import Wanted, due, to_warn
from console.deadlines.rules import DeadlineKind, Limit
from console.deadlines.tables import Deadline
from geo.errors import NotFound
from geo.store import Reach, Store
from tests.worlds import EAST, NOW, ROOT, WEST

HOUR = Limit(60, "minute", 0.5)


class Effects:
    """Records effects, and leaves out the subjects in `held`."""

    def __init__(self) -> None:
        self.done: list[tuple[str, list[int]]] = []
        self.held: set[int] = set()

    async def due(self, session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        return self._take("due", subjects)

    async def warn(self, session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        return self._take("warn", subjects)

    def _take(self, what: str, subjects: Sequence[int]) -> Collection[int]:
        taken = [subject for subject in subjects if subject not in self.held]
        if taken:
            self.done.append((what, taken))
        return taken

    @property
    def kinds(self) -> list[DeadlineKind]:
        return [
            DeadlineKind("case.answer", on_due=self.due, on_warn=self.warn),
            DeadlineKind("case.review", on_due=self.due),
        ]


@pytest.fixture
def effects() -> Effects:
    return Effects()


def case(number: int = 1, *, limit: Limit = HOUR, path: str = WEST) -> DeadlineRequest:
    return DeadlineRequest(number, path, NOW, limit)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


async def test_a_deadline_warns_once_and_fires_once(session: AsyncSession, effects: Effects) -> None:
    await set_deadline(session, "case.answer", case())
    took = [await sweep(session, effects.kinds, now=at(minutes)) for minutes in (29, 30, 31, 59, 60, 61, 1000)]
    assert took == [0, 1, 0, 0, 1, 0, 0]
    assert effects.done == [("warn", [1]), ("due", [1])]


async def test_an_overdue_deadline_gives_no_warning(session: AsyncSession, effects: Effects) -> None:
    await set_deadline(session, "case.answer", case())
    assert await sweep(session, effects.kinds, now=at(90)) == 1
    assert effects.done == [("due", [1])]


async def test_the_earliest_deadlines_fire_first_up_to_the_limit(session: AsyncSession, effects: Effects) -> None:
    limits = [Limit(minutes, "minute") for minutes in (30, 10, 20)]
    await set_deadlines(session, "case.answer", [case(i, limit=limit) for i, limit in enumerate(limits)])
    assert [await sweep(session, effects.kinds, now=at(60), limit=2) for _ in range(3)] == [2, 1, 0]
    assert effects.done == [("due", [1, 2]), ("due", [0])]


async def test_a_cancelled_deadline_never_fires(session: AsyncSession, effects: Effects) -> None:
    await set_deadlines(session, "case.answer", [case(1), case(2)])
    await set_deadlines(session, "case.review", [case(1), case(2)])
    await cancel_deadline(session, "case.answer", 1, now=NOW)
    await cancel_deadlines(session, "case", 2, now=NOW)
    assert await sweep(session, effects.kinds, now=at(60)) == 1
    review = await session.get_one(Deadline, ("case", 1, "case.review"))
    assert review.fired_at == at(60)


async def test_a_deadline_that_is_set_again_is_open_again(session: AsyncSession, effects: Effects) -> None:
    await set_deadline(session, "case.answer", case())
    await cancel_deadlines(session, "case", 1, now=NOW)
    await set_deadline(session, "case.answer", case())
    assert await sweep(session, effects.kinds, now=at(60)) == 1


async def test_a_fired_deadline_fires_again_only_if_it_is_due_later(session: AsyncSession, effects: Effects) -> None:
    await set_deadline(session, "case.answer", case())
    assert await sweep(session, effects.kinds, now=at(70)) == 1
    for minutes in (60, 70):
        await set_deadline(session, "case.answer", case(limit=Limit(minutes, "minute")))
        assert await sweep(session, effects.kinds, now=at(100)) == 0
    await set_deadline(session, "case.answer", case(limit=Limit(71, "minute")))
    assert await sweep(session, effects.kinds, now=at(100)) == 1


async def test_an_extended_deadline_keeps_its_share_and_is_due_later(session: AsyncSession, effects: Effects) -> None:
    await set_deadline(session, "case.answer", case())
    assert await sweep(session, effects.kinds, now=at(30)) == 1
    assert await extend(session, "case.answer", 1, by=60) == at(120)
    kept = await session.get_one(Deadline, ("case", 1, "case.answer"))
    assert (kept.started_at, kept.amount, kept.unit, kept.warn_at) == (NOW, 120, "minute", at(60))
    took = [await sweep(session, effects.kinds, now=at(minutes)) for minutes in (59, 60, 119, 120)]
    assert took == [0, 1, 0, 1]
    await cancel_deadlines(session, "case", 1, now=NOW)
    with pytest.raises(NotFound):
        await extend(session, "case.review", 1, by=60)


async def test_an_extended_deadline_that_is_cancelled_stays_cancelled(session: AsyncSession, effects: Effects) -> None:
    await set_deadline(session, "case.answer", case())
    await cancel_deadlines(session, "case", 1, now=NOW)
    await extend(session, "case.answer", 1, by=60)
    assert await sweep(session, effects.kinds, now=at(300)) == 0


async def test_a_locked_subject_is_swept_again(session: AsyncSession, effects: Effects) -> None:
    await set_deadlines(session, "case.answer", [case(1), case(2)])
    effects.held = {1}
    assert await sweep(session, effects.kinds, now=at(60)) == 1
    effects.held = set()
    assert await sweep(session, effects.kinds, now=at(61)) == 1
    assert effects.done == [("due", [2]), ("due", [1])]


async def test_deadlines_of_unknown_kinds_are_ignored(session: AsyncSession, effects: Effects) -> None:
    await set_deadline(session, "shift.turn", case())
    assert await sweep(session, effects.kinds, now=at(60)) == 0
    assert await sweep(session, [], now=at(60)) == 0


async def test_two_concurrent_sweeps_share_the_rows(store: Store, effects: Effects) -> None:
    everything = Reach(scope=ROOT)
    async with store.transaction(everything) as session:
        await set_deadlines(session, "case.answer", [case(i) for i in range(10)])
    async with store.transaction(everything) as one, store.transaction(everything) as other:
        assert await sweep(one, effects.kinds, now=at(60), limit=4) == 4
        assert await sweep(other, effects.kinds, now=at(60)) == 6
    async with store.transaction(everything) as session:
        assert await sweep(session, effects.kinds, now=at(60)) == 0
    assert sorted(subject for _, subjects in effects.done for subject in subjects) == list(range(10))


async def test_a_failed_effect_marks_nothing(store: Store, effects: Effects) -> None:
    async def fail(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        raise ConnectionError

    everything = Reach(scope=ROOT)
    async with store.transaction(everything) as session:
        await set_deadline(session, "case.answer", case())
    with pytest.raises(ConnectionError):
        async with store.transaction(everything) as session:
            await sweep(session, [DeadlineKind("case.answer", on_due=fail)], now=at(60))
    async with store.transaction(everything) as session:
        assert await sweep(session, effects.kinds, now=at(60)) == 1


async def test_a_town_sees_its_own_deadlines_only(store: Store) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await set_deadlines(session, "case.answer", [case(1, path=WEST), case(2, path=EAST)])
    async with store.transaction(Reach(scope=EAST)) as session:
        assert list(await session.scalars(select(Deadline.subject_id))) == [2]


FILL = text("""
    INSERT INTO deadlines (subject, subject_id, kind, started_at, amount, unit, due_at, warn_at, division_path,
        fired_at)
    SELECT 'case', i, 'case.answer', :now, 60, 'minute', :now + (i + 60) * interval '1 minute',
        :now + i * interval '1 minute', CAST(:path AS ltree), CASE WHEN i % 2 = 0 THEN :now END
    FROM generate_series(1, :n) AS i
""").bindparams(bindparam("now", type_=DateTime(timezone=True)))
"""As many fired deadlines as open ones."""


@pytest.mark.parametrize("wanted", [due, to_warn])
async def test_a_sweep_uses_the_index_of_open_deadlines(
    store: Store, database: Urls, wanted: Callable[..., Wanted]
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(FILL, {"n": 20_000, "path": WEST, "now": NOW})
    with psycopg.connect(conninfo_of(database.owner), autocommit=True) as owner:
        owner.execute("ANALYZE deadlines")
    for now in (NOW, at(100), at(20_000)):
        statement = wanted(["case.answer"], now=now, limit=500).compile(
            dialect=store.engine.dialect, compile_kwargs={"literal_binds": True}
        )
        async with store.transaction(Reach(scope=ROOT)) as session:
            plan = "\n".join(await session.scalars(text(f"EXPLAIN {statement}")))
        assert "Index Scan using ix_deadlines_" in plan and "Seq Scan on deadlines" not in plan, plan
