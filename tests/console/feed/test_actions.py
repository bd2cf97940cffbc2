"""Numbering of events."""

import asyncio

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.feed.actions import NEW_EPOCH, Change, append, renew_epoch_if_restored, sequence
from console.feed.queries import backlog, events_between, floor, head
from console.feed.tables import OutboxEvent
from geo.store import Reach, Store
from tests.worlds import NOW, ROOT

ALL = Reach(scope=ROOT)


def change(number: int, *, version: int = 1) -> Change:
    return Change("incident", number, version, ROOT, {"id": number, "version": version})


async def commit(store: Store, *changes: Change) -> None:
    async with store.transaction(ALL) as session:
        await append(session, changes, now=NOW)


async def stamp(store: Store, *, limit: int = 100) -> int:
    async with store.transaction(ALL) as session:
        return await sequence(session, limit=limit, now=NOW)


async def read_after(session: AsyncSession, *, after: int) -> list[int]:
    """Read the ids of entities in the feed after a position."""
    upto = (await head(session)).pos
    return [event.entity_id for event in await events_between(session, after, upto, limit=100)]


async def test_positions_are_contiguous_and_follow_the_order_of_writing(store: Store) -> None:
    await commit(store, change(7), change(5))
    await commit(store, change(6))
    assert await stamp(store) == 3
    async with store.transaction(ALL) as session:
        events = await events_between(session, 0, 3, limit=100)
        assert [(event.pos, event.entity_id) for event in events] == [(1, 7), (2, 5), (3, 6)]
        assert (await head(session)).pos == 3
        assert await floor(session) == 1
        assert (await backlog(session)).events == 0


async def test_a_batch_takes_no_more_than_its_limit_and_leaves_the_rest_in_order(store: Store) -> None:
    await commit(store, *(change(number) for number in range(5)))
    assert [await stamp(store, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    async with store.transaction(ALL) as session:
        assert await read_after(session, after=0) == [0, 1, 2, 3, 4]


async def test_numbering_nothing_does_not_write(store: Store) -> None:
    async with store.transaction(ALL) as session:
        before = await session.scalar(text("SELECT xmin FROM feed_head"))
    assert await stamp(store) == 0
    async with store.transaction(ALL) as session:
        assert await session.scalar(text("SELECT xmin FROM feed_head")) == before


async def test_a_rolled_back_change_is_never_published(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.transaction(ALL) as session:
            await append(session, [change(1)], now=NOW)
            raise ZeroDivisionError
    await commit(store, change(2))
    assert await stamp(store) == 1
    async with store.transaction(ALL) as session:
        assert await read_after(session, after=0) == [2]


async def test_a_late_commit_is_published_although_a_reader_by_id_would_lose_it(store: Store) -> None:
    """A takes its id and stalls, B commits and is read, then A commits: `id > last` would never find A."""
    seen_by_pos: list[int] = []
    seen_by_id: list[int] = []
    last_pos = last_id = 0

    async def read() -> None:
        nonlocal last_pos, last_id
        async with store.transaction(ALL) as session:
            rows = await session.execute(
                select(OutboxEvent.id, OutboxEvent.entity_id).where(OutboxEvent.id > last_id).order_by(OutboxEvent.id)
            )
            for last_id, number in rows:
                seen_by_id.append(number)
        await stamp(store)
        async with store.transaction(ALL) as session:
            seen_by_pos.extend(await read_after(session, after=last_pos))
            last_pos = (await head(session)).pos

    async with store.transaction(ALL) as stalling:
        await append(stalling, [change(1)], now=NOW)
        await stalling.flush()
        await commit(store, change(2))
        await read()
    await read()
    assert seen_by_pos == [2, 1], "a reader by position gets both, in the order of their commits"
    assert seen_by_id == [2], "a reader by id never hears of the one that committed late"


async def test_an_open_writer_does_not_delay_others(store: Store) -> None:
    async with store.transaction(ALL) as stalling:
        await append(stalling, [change(1)], now=NOW)
        await commit(store, change(2))
        async with asyncio.timeout(2):
            assert await stamp(store) == 1


async def test_only_one_sequencer_runs_at_a_time(store: Store) -> None:
    await commit(store, change(1))
    async with store.transaction(ALL) as first:
        assert await sequence(first, limit=100, now=NOW) == 1
        assert await stamp(store) == 0
    async with store.transaction(ALL) as session:
        assert (await head(session)).pos == 1


async def test_many_writers_and_sequencers_at_once_lose_and_repeat_nothing(store: Store) -> None:
    writers, each = 8, 15

    async def write(writer: int) -> None:
        for number in range(each):
            await commit(store, change(writer * each + number))

    async def drive() -> None:
        while not writing.done() or await stamp(store, limit=7):
            await stamp(store, limit=7)

    writing = asyncio.gather(*(write(writer) for writer in range(writers)))
    await asyncio.gather(writing, drive(), drive())
    await stamp(store)
    async with store.transaction(ALL) as session:
        events = await events_between(session, 0, 1000, limit=1000)
    assert [event.pos for event in events] == [*range(1, writers * each + 1)]
    assert sorted(event.entity_id for event in events) == [*range(writers * each)]


async def test_a_database_restored_in_another_cluster_begins_a_new_epoch(store: Store) -> None:
    async with store.transaction(ALL) as session:
        assert await renew_epoch_if_restored(session), "the template's copy has another identity"
        first = await head(session)
        assert not await renew_epoch_if_restored(session)
        assert await head(session) == first


async def test_restoring_begins_a_new_epoch_in_place(store: Store) -> None:
    async with store.transaction(ALL) as session:
        await renew_epoch_if_restored(session)
        before = await head(session)
        await session.execute(text(NEW_EPOCH))
        after = await head(session)
        assert after.epoch != before.epoch
        assert after.pos == before.pos
        assert not await renew_epoch_if_restored(session)


async def test_a_commit_notifies_listeners(store: Store) -> None:
    async with store.engine.connect() as listener:
        raw = (await listener.get_raw_connection()).driver_connection
        assert raw is not None
        await raw.set_autocommit(True)
        await raw.execute("LISTEN maplebridge_feed")
        await commit(store, change(1))
        heard = [note.channel async for note in raw.notifies(timeout=5, stop_after=1)]
    assert heard == ["maplebridge_feed"]


async def test_no_change_writes_nothing(session: AsyncSession) -> None:
    await append(session, [], now=NOW)
    assert await session.scalar(select(func.count()).select_from(OutboxEvent)) == 0
