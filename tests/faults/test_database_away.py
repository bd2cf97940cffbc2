"""The database is unavailable for a while: requests get 503 at once, and all continues when it is back."""

import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from api.keeping.postgres.cluster import Cluster
from geo.store import Reach
from tests.faults.conftest import Site
from tests.faults.feed_breaking import stopped
from tests.faults.onlookers import NUMBERS, Onlookers

HEALTH_SECONDS = 10.0
"""It is 1.5 at most on a machine at rest, and a few thousandths once it is known."""

NOTICED_SECONDS = 60.0
"""A request that was under way when the database fell silent is answered by then. It is 5 on a machine at rest, and
600 where nothing ends the wait.
"""


@contextmanager
def ended(cluster: Cluster) -> Iterator[None]:
    """Stop the database, without a restart until the block is left."""
    with (cluster.layout.home / "starting").open("a") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        first = cluster.postmaster()
        assert first is not None
        os.kill(first, signal.SIGQUIT)
        yield


@pytest.mark.timeout(600)
@pytest.mark.parametrize("away", [stopped, ended])
async def test_an_unavailable_database_is_reported_and_nothing_is_lost_afterwards(
    site: Site,
    away: Callable[[Cluster], AbstractContextManager[None]],
    full: bool,
    record_property: Callable[[str, object], None],
) -> None:
    seen = Onlookers(site.server, site.world)
    async with seen.present():
        await seen.until(lambda: len(seen.acknowledged) > 20 and seen.frames_of("beat"))
        first_epoch = len(seen.frames_of("hello"))
        with away(site.cluster):
            await seen.until(lambda: seen.health[-1].status == 503)
            known = len(seen.health), len(seen.refused)
            until = seen.health[-1].at + (60 if full else 4)
            await seen.until(lambda: len(seen.health) > known[0] + 5 and seen.health[-1].at > until)
            during, refused = seen.health[known[0] :], seen.refused[known[1] :]
            assert {answer.body["status"] for answer in during} == {"down"}
            assert {answer.body["database"] for answer in during} == {"away"}
            assert {code for answer in during for code in [t["code"] for t in answer.body["troubles"]]} == {
                "database.away"
            }
            beats = len(seen.frames_of("beat"))
        await seen.until(lambda: seen.health[-1].body["status"] == "ok")
        back = seen.health[-1].at
        await seen.until(lambda: len(seen.frames_of("beat")) > beats)
        before = len(seen.acknowledged)
        await seen.until(lambda: len(seen.acknowledged) > before + 20)
        # On a busy machine the feed is told to be behind until it has caught up.
        await seen.until(lambda: seen.frames_of("trouble")[-1]["items"] == [])

    assert any(
        frame["items"] == [{"code": "database.away", "name": None, "n": None}] for frame in seen.frames_of("trouble")
    )
    assert seen.frames_of("trouble")[-1]["items"] == []
    assert not seen.closed and len(seen.frames_of("hello")) == first_epoch, "the desk was cut off"
    assert {(answer.status, answer.body["code"]) for answer in seen.refused} == {(503, "database.away")}
    assert all(answer.retry_after for answer in seen.refused)
    assert max(answer.seconds for answer in seen.refused) < NOTICED_SECONDS
    assert max(answer.seconds for answer in during) < HEALTH_SECONDS
    async with site.store.transaction(Reach(scope=site.world.root)) as session:
        stored = {row.external_no: row.times for row in await session.execute(NUMBERS, {"source": seen.source})}
    assert stored.keys() >= seen.acknowledged
    assert set(stored.values()) == {1}
    record_property("health, slowest of those while away (s)", round(max(answer.seconds for answer in during), 3))
    record_property("a refusal, slowest (s)", round(max(answer.seconds for answer in seen.refused), 2))
    record_property("a refusal once known, slowest (s)", round(max(answer.seconds for answer in refused), 3))
    record_property("well again after (s)", round(back - during[-1].at, 1))
    record_property("acknowledged", len(seen.acknowledged))
    record_property("refused", len(seen.refused))
