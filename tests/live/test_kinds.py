"""A made-up kind: its declaration is enough for snapshot, events, replay, walls and leaving."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter
from sqlalchemy import BigInteger, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from typing_extensions import TypedDict

from api.app import create_app
from api.http.wire.frames import event_type
from api.keeping.migrations.tables import metadata
from api.keeping.postgres.roles import Urls
from api.settings import Settings
from api.watch.clock import SteadyClock
from console.feed.actions import Change, append
from console.feed.bodies import Body, utc_text
from console.feed.kinds import Kind, Kinds, Retention, kinds_by_name
from console.situation.kinds import KINDS
from geo.store import BigId, Ltree, Reach, Store
from tests.live.viewing import Viewer, caught_up, disagreements, live_of
from tests.worlds import PACK, ClientAs, Clock, World

TABLE = """
CREATE TABLE beacons (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, keeper text, lit_at timestamptz,
    out_at timestamptz, division_path ltree, version integer);
ALTER TABLE beacons ENABLE ROW LEVEL SECURITY;
ALTER TABLE beacons FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON beacons USING (division_path <@ reach_scope());
GRANT SELECT, INSERT, UPDATE ON beacons TO maplebridge_app;
"""


class OwnBase(DeclarativeBase):
    """Apart from the product's tables, which are compared with its migrations."""


class Beacon(OwnBase):
    """A light on a hill, with a keeper whom a wall must not name."""

    __tablename__ = "beacons"

    id: Mapped[BigId]
    keeper: Mapped[str]
    lit_at: Mapped[datetime] = mapped_column()
    out_at: Mapped[datetime | None]
    division_path: Mapped[str] = mapped_column(Ltree)
    version: Mapped[int] = mapped_column(BigInteger)


class BeaconBody(TypedDict):
    id: int
    keeper: str
    lit_at: str
    out_at: str | None
    version: int


def body_of(beacon: Beacon) -> Body:
    times = {"lit_at": utc_text(beacon.lit_at), "out_at": utc_text(beacon.out_at)}
    return {"id": beacon.id, "keeper": beacon.keeper, "version": beacon.version, **times}


def masked(body: Body) -> Body:
    return body | {"keeper": ""}


BEACON = Kind(
    name="beacon",
    plural="beacons",
    table=Beacon,
    body=body_of,
    shape=BeaconBody,
    mask=masked,
    retention=Retention(after=Beacon.out_at, time=timedelta(hours=1)),
    created_at=Beacon.lit_at,
    in_beats=True,
)
WITH_BEACONS = kinds_by_name(*KINDS.values(), BEACON)


@pytest.fixture
async def app(settings: Settings, database: Urls, store: Store, world: World, clock: Clock) -> AsyncIterator[FastAPI]:
    """A server whose county has beacons as well."""
    owner = Store(database.owner)
    async with owner.engine.begin() as connection:
        for statement in TABLE.split(";\n"):
            if statement.strip():
                await connection.execute(text(statement))
    await owner.close()
    app = create_app(
        settings, pack=PACK, store=store, now=SteadyClock(clock, elapsed=clock.elapsed), kinds=WITH_BEACONS
    )
    async with app.router.lifespan_context(app):
        yield app


@dataclass(slots=True)
class Hill:
    """Lights a beacon, moves it and puts it out, as a feature's actions would."""

    store: Store
    world: World
    clock: Clock

    async def light(self) -> None:
        beacon = Beacon(keeper="canary", lit_at=self.clock(), division_path=self.world.west, version=0)
        await self._save(beacon)

    async def move(self, path: str) -> None:
        await self._change(division_path=path)

    async def put_out(self) -> None:
        await self._change(out_at=self.clock())

    async def _change(self, **values: Any) -> None:
        async with self.store.transaction(Reach(scope=self.world.root)) as session:
            beacon = await session.get_one(Beacon, 1, with_for_update=True)
            left = beacon.division_path
            for name, value in values.items():
                setattr(beacon, name, value)
            await self._append_change(session, beacon, left)

    async def _save(self, beacon: Beacon) -> None:
        async with self.store.transaction(Reach(scope=self.world.root)) as session:
            session.add(beacon)
            await self._append_change(session, beacon, None)

    async def _append_change(self, session: Any, beacon: Beacon, left: str | None) -> None:
        beacon.version += 1
        await session.flush()
        path, body = beacon.division_path, body_of(beacon)
        change = Change("beacon", beacon.id, beacon.version, path, body, left_path=left)
        await append(session, [change], now=self.clock())
        self.clock.turn(minutes=5)


@pytest.fixture
async def viewers(app: FastAPI, client_as: ClientAs) -> dict[str, Viewer]:
    names = ["operator", "operator_west", "operator_east", "wall", "patrol_west"]
    found = {name: Viewer(name, False, client_as, live_of(app), WITH_BEACONS) for name in names}
    for viewer in found.values():
        await viewer.begin()
    return found


async def held(viewers: dict[str, Viewer]) -> dict[str, list[Body]]:
    """Return each viewer's beacons after following, checked against a fresh snapshot."""
    assert await disagreements([*viewers.values()]) == []
    now = viewers["operator"].live.now()
    return {name: viewer.state.settled(now)["beacons"] for name, viewer in viewers.items()}


async def test_a_declared_kind_is_in_open_and_masked_snapshots_and_events_and_leaves(
    viewers: dict[str, Viewer], store: Store, world: World, clock: Clock
) -> None:
    hill = Hill(store, world, clock)
    await hill.light()
    seen = await held(viewers)
    assert {name: [body["keeper"] for body in bodies] for name, bodies in seen.items()} == {
        "operator": ["canary"],
        "operator_west": ["canary"],
        "operator_east": [],
        "wall": [""],
        "patrol_west": [],
    }
    live = viewers["wall"].live
    assert live.hub.changed["beacons"] == str(live.hub.head.pos)
    await hill.move(world.east)
    assert {name: len(bodies) for name, bodies in (await held(viewers)).items()} == {
        "operator": 1,
        "operator_west": 0,
        "operator_east": 1,
        "wall": 1,
        "patrol_west": 0,
    }
    await hill.put_out()
    assert [body["version"] for body in (await held(viewers))["operator_east"]] == [3]
    clock.turn(hours=2)
    assert not any((await held(viewers)).values())


async def test_a_declared_kind_is_replayed_where_it_was_then(
    viewers: dict[str, Viewer], store: Store, world: World, clock: Clock, client_as: ClientAs
) -> None:
    before = clock()
    clock.turn(minutes=1)
    hill = Hill(store, world, clock)
    await hill.light()
    await caught_up(viewers["operator"].live)
    lit = clock()
    await hill.move(world.east)
    await caught_up(viewers["operator"].live)
    clock.turn(minutes=5)

    async def keepers(username: str, at: datetime) -> list[str]:
        answer = await client_as(username).get("/api/replay", params={"at": at.isoformat()})
        return [body["keeper"] for body in answer.json()["beacons"]]

    assert [await keepers("operator_west", at) for at in (before, lit, clock())] == [[], ["canary"], []]
    assert [await keepers("wall", at) for at in (before, lit, clock())] == [[], [""], [""]]


def test_events_of_a_kind_are_described_by_its_own_shape() -> None:
    schema = TypeAdapter(event_type(WITH_BEACONS)).json_schema()
    assert schema["$defs"]["BeaconEvent"]["properties"]["body"] == {"$ref": "#/$defs/BeaconBody"}
    assert "beacon" in schema["$defs"]["GoneEvent"]["properties"]["kind"]["enum"]


def test_two_kinds_must_not_share_a_name() -> None:
    with pytest.raises(AssertionError):
        kinds_by_name(*KINDS.values(), KINDS["force"])


def test_every_kind_has_a_table_with_a_division() -> None:
    kinds: Kinds = KINDS
    for kind in kinds.values():
        table = metadata.tables[kind.table.__tablename__]
        assert len(table.primary_key.columns) == 1 and {"version", "division_path"} <= {*table.columns.keys()}
