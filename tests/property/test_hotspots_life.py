"""For any registrations, repeats, changes of category and closings while time passes: counts equal recounted ones, and
every window equals that of a plain list of incidents.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.keeping.postgres.roles import Urls
from console.access.rules import Actor
from console.incidents.actions import close, recount, register_many
from console.incidents.edits import edit
from console.incidents.queries import lock_incident
from console.incidents.rules import Edits, Registration, Report
from console.tasks.actions import move_tasks
from geo.cells import cell_of, point_cells
from geo.store import Reach, Store
from layers.hotspots.actions import KEY
from layers.hotspots.queries import read_counts
from layers.hotspots.rules import EPOCH, QUARTER, WINDOWS, View
from layers.hotspots.tables import CellCount
from tests.property.depth import examples
from tests.worlds import NOW, PACK, ROOT, World

T = TypeVar("T")
REGISTER = partial(register_many, terms=PACK.incidents, zone=PACK.zone)
ACTOR = Actor(user_id=1, username="x", role="operator", scope=ROOT)
CATEGORIES = st.sampled_from(["dispute.family", "dispute.neighbour", "hazard.fire"])
EDGES = (*WINDOWS.values(), 2 * WINDOWS["28d"])
AGES = st.one_of(
    st.integers(0, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    # On the edge of a quarter, of an hour, of a window, and a moment to either side of it.
    st.tuples(
        st.sampled_from([timedelta(0), *EDGES, *(edge - QUARTER for edge in EDGES)]),
        st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(seconds=-1)]),
    ).map(lambda edge: abs(edge[0] + edge[1])),
)
REPORTS = st.lists(st.tuples(st.integers(0, 15), CATEGORIES, AGES), min_size=1, max_size=5)


@dataclass(frozen=True, slots=True)
class Known:
    """An incident in the model."""

    path: str
    lon: float
    lat: float
    category: str
    occurred_at: datetime

    @property
    def quarter(self) -> datetime:
        return self.occurred_at - (self.occurred_at - EPOCH) % QUARTER


@dataclass(frozen=True, slots=True)
class County:
    """A database with a small county, the owner's connection for emptying it, and the event loop of its connections."""

    store: Store
    owner: Store
    world: World
    runner: asyncio.Runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


@pytest.fixture
def county(database: Urls, world: World) -> Iterator[County]:
    with asyncio.Runner() as runner:
        store, owner = Store(database.app), Store(database.owner)
        yield County(store, owner, world, runner)
        for each in (store, owner):
            runner.run(each.close())


class LifeOfCounts(RuleBasedStateMachine):
    """Incidents through the server's actions, beside a plain dictionary of them."""

    def __init__(self, county: County) -> None:
        super().__init__()
        self.county = county
        self.now = NOW
        self.known: dict[int, Known] = {}
        self.sent: list[Report] = []
        self.closed: set[int] = set()

    @initialize()
    def nothing_has_happened_yet(self) -> None:
        async def emptied() -> None:
            async with self.county.owner.transaction(Reach(scope=ROOT)) as session:
                for table in ("timeline", "deadlines", "cell_counts", "feed_outbox", "incidents"):
                    await session.execute(text(f"DELETE FROM {table}"))  # TRUNCATE takes ten times as long.

        self.county.run(emptied())
        self.some_come_in([(0, "dispute.family", timedelta(0)), (9, "dispute.family", WINDOWS["1h"] - QUARTER)])

    def _report(self, place: int, category: str, age: timedelta) -> Report:
        lon, lat = self.county.world.middle_of(self.county.world.micro_grids()[place])
        return Report(
            source="s", external_no=str(len(self.sent)), category=category, title="t", description="", lon=lon, lat=lat,
            raw_x=lon, raw_y=lat, datum="wgs84", occurred_at=min(self._quarter() - age, self.now),
        )  # fmt: skip

    def _quarter(self) -> datetime:
        return self.now - (self.now - EPOCH) % QUARTER

    async def _registered(self, reports: list[Report]) -> list[Registration]:
        async with self.county.store.transaction(ACTOR.reach) as session:
            outcomes = await register_many(
                session, reports, terms=PACK.incidents, zone=PACK.zone, actor=ACTOR, now=self.now
            )
        assert all(isinstance(outcome, Registration) for outcome in outcomes)
        return [outcome for outcome in outcomes if isinstance(outcome, Registration)]

    @rule(batch=REPORTS)
    def more_come_in(self, batch: list[tuple[int, str, timedelta]]) -> None:
        self.some_come_in(batch)

    def some_come_in(self, batch: list[tuple[int, str, timedelta]]) -> None:
        reports = []
        for item in batch:
            reports.append(self._report(*item))
            self.sent.append(reports[-1])
        for report, (place, *_), outcome in zip(
            reports, batch, self.county.run(self._registered(reports)), strict=True
        ):
            assert outcome.created
            path = self.county.world.micro_grids()[place]
            self.known[outcome.incident_id] = Known(path, report.lon, report.lat, report.category, report.occurred_at)

    @rule(data=st.data())
    def one_is_reported_again(self, data: st.DataObject) -> None:
        again = data.draw(st.sampled_from(self.sent))
        (outcome,) = self.county.run(self._registered([replace(again, category="hazard.fire")]))
        assert not outcome.created

    @rule(data=st.data(), riskier=st.booleans())
    def one_is_seen_otherwise(self, data: st.DataObject, *, riskier: bool) -> None:
        which = data.draw(st.sampled_from(sorted(self.known)))
        category = data.draw(CATEGORIES.filter(lambda other: other != self.known[which].category))

        async def edited() -> None:
            async with self.county.store.transaction(ACTOR.reach) as session:
                incident = await lock_incident(session, which)
                reason = "counted" if which in self.closed else ""
                edits = Edits(category=category, risk="high" if riskier else None, reason=reason)
                await edit(
                    session,
                    incident,
                    edits,
                    expected=None,
                    terms=PACK.incidents,
                    on_division_change=move_tasks,
                    actor=ACTOR,
                    now=self.now,
                )

        self.county.run(edited())
        self.known[which] = replace(self.known[which], category=category)

    @rule(data=st.data())
    def one_is_over(self, data: st.DataObject) -> None:
        still_open = sorted(set(self.known) - self.closed)
        if not still_open:
            return
        which = data.draw(st.sampled_from(still_open))

        async def ended() -> None:
            async with self.county.store.transaction(ACTOR.reach) as session:
                incident = await lock_incident(session, which)
                await close(session, incident, note="", expected=None, actor=ACTOR, now=self.now)

        self.county.run(ended())
        self.closed.add(which)

    @rule(minutes=st.integers(0, 3 * 24 * 60), to_the_edge=st.booleans())
    def time_goes_by(self, minutes: int, *, to_the_edge: bool) -> None:
        self.now += timedelta(minutes=minutes)
        if to_the_edge:
            self.now = self._quarter() + QUARTER

    @rule(data=st.data())
    def somebody_gives_up(self, data: st.DataObject) -> None:
        """Counts that are rolled back never counted."""

        async def undone() -> None:
            async with self.county.store.transaction(ACTOR.reach) as session:
                report = replace(self._report(3, "hazard.fire", timedelta(0)), external_no=None)
                await REGISTER(session, [report], actor=ACTOR, now=self.now)
                await session.rollback()

        self.county.run(undone())

    @invariant()
    def the_counts_are_the_models_and_those_of_a_rebuild(self) -> None:
        model = Counter((k.path, *point_cells(k.lon, k.lat)[::-1], k.category, k.quarter) for k in self.known.values())
        kept, rebuilt = self.county.run(self._counted())
        assert kept == model
        assert rebuilt == model

    async def _counted(self) -> tuple[dict[Any, int], dict[Any, int]]:
        async with self.county.store.transaction(Reach(scope=ROOT)) as session:
            kept = await _rows(session)
            await recount(session)
            rebuilt = await _rows(session)
            await session.rollback()
        return kept, rebuilt

    @invariant()
    def every_window_shows_what_the_list_shows(self) -> None:
        west = self.county.world.west
        for scope in (ROOT, west):
            for window, width in WINDOWS.items():
                end = self._quarter() + QUARTER
                shown = Counter(
                    cell_of(k.lon, k.lat, 9)
                    for k in self.known.values()
                    if k.path.startswith(scope) and end - width <= k.occurred_at < end and k.category[:7] == "dispute"
                )
                assert self.county.run(self._read(scope, window)) == shown, (scope, window)

    async def _read(self, scope: str, window: str) -> Counter[int]:
        async with self.county.store.transaction(Reach(scope=scope)) as session:
            counts = await read_counts(session, View(res=9, window=window, category="dispute"), now=self.now)
        now = counts.slots == 0
        found: Counter[int] = Counter()
        for cell, n in zip(counts.cells[now].tolist(), counts.n[now].tolist(), strict=True):
            found[cell] += int(n)
        return found


async def _rows(session: AsyncSession) -> dict[Any, int]:
    columns = [CellCount.__table__.c[name] for name in (*KEY, "n")]
    return {tuple(key): n for *key, n in await session.execute(select(*columns))}


def test_counts_match_incidents_throughout_their_life(county: County) -> None:
    run_state_machine_as_test(
        lambda: LifeOfCounts(county),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples(15),
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
