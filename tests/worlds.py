"""A small county that tests settle into: two towns side by side, with people, forces and cameras.

A lattice of 4 × 4 micro-grids of 0.01° from 120.60° E 31.10° N. Towns halve it into west and east, villages each town
into south and north, grids each village into west and east, micro-grids each grid into south and north. Every corner
can be worked out by hand, and `middle_of` gives a point that nothing else contains.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import httpx
import shapely
from argon2 import PasswordHasher
from geoalchemy2.shape import from_shape
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.place.pack import Pack
from api.place.reading import load_pack
from console.access.queries import digest_of
from console.access.tables import Session, User
from console.forces.tables import Force
from geo.store import Reach, Store
from layers.cameras.tables import Camera
from layers.divisions.tables import Division
from layers.places.tables import Place

PACK: Pack = load_pack("wujiang")
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""A Monday morning, ten o'clock in the county."""

ROOT = "320509"
WEST, EAST = f"{ROOT}.320509100", f"{ROOT}.320509101"
SIDE = 0.01
LON, LAT = 120.60, 31.10
PASSWORD = "Maple-bridge-1"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""As the server keeps it, and verified in no time: a hash names what it costs. Real ones take 0.2 s of a processor."""


ClientAs = Callable[[str], httpx.AsyncClient]
"""HTTP clients by username; a role's name is a user of the whole county."""


@dataclass(slots=True)
class Clock:
    """The system's clock: it stands still until the test lets time pass or sets it."""

    moment: datetime = NOW
    passed: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.moment

    def elapsed(self) -> float:
        """The seconds that have passed, however the clock was set."""
        return self.passed.total_seconds()

    def turn(self, **by: float) -> None:
        """Let time pass: `minutes=…`, `hours=…`, `days=…`."""
        self.passed += timedelta(**by)
        self.moment += timedelta(**by)

    def set(self, **by: float) -> None:
        """Set it, back where `by` is below zero; no time passes."""
        self.moment += timedelta(**by)


@dataclass(frozen=True, slots=True)
class Patch:
    """A division to be: its path and its square (west, south, east, north) in degrees."""

    path: str
    level: str
    name: str
    square: tuple[float, float, float, float]

    @property
    def code(self) -> str:
        return self.path.rsplit(".", 1)[-1]

    @property
    def parent(self) -> str | None:
        return self.path.split(".")[-2] if "." in self.path else None


@dataclass(frozen=True, slots=True)
class World:
    """Where everything is: ids by username or code, division paths, and each user's bearer token."""

    root: str
    west: str
    east: str
    users: Mapping[str, int]
    tokens: Mapping[str, str]
    forces: Mapping[str, int]
    cameras: Mapping[str, int]
    patches: Mapping[str, Patch]

    def middle_of(self, path: str) -> tuple[float, float]:
        """Longitude and latitude of a division's middle; of a micro-grid's, no line passes through it."""
        west, south, east, north = self.patches[path].square
        return (west + east) / 2, (south + north) / 2

    def micro_grids(self, within: str = ROOT) -> list[str]:
        """Paths of the micro-grids of a division, ascending."""
        return sorted(p.path for p in self.patches.values() if p.level == "micro_grid" and p.path.startswith(within))


def patches() -> Iterator[Patch]:
    """All divisions, parents before children."""
    yield _patch(ROOT, "county", "Testing County", (0, 0, 4, 4))
    for t, town in enumerate((WEST, EAST)):
        yield _patch(town, "town", ("West Town", "East Town")[t], (2 * t, 0, 2 * t + 2, 4))
        for v in range(2):
            yield from _village(f"{town}.{town[-9:]}20{v}", t=t, v=v)


def _village(path: str, *, t: int, v: int) -> Iterator[Patch]:
    name = f"{('West', 'East')[t]} {('South', 'North')[v]} Village"
    yield _patch(path, "village", name, (2 * t, 2 * v, 2 * t + 2, 2 * v + 2))
    for g in range(2):
        grid = f"{path}.{path[-12:]}00{g + 1}"
        x = 2 * t + g
        yield _patch(grid, "grid", f"{name} grid {g + 1}", (x, 2 * v, x + 1, 2 * v + 2))
        for m in range(2):
            y = 2 * v + m
            micro = f"{grid}.{grid[-15:]}0{m + 1}"
            yield _patch(micro, "micro_grid", f"{name} grid {g + 1}-{m + 1}", (x, y, x + 1, y + 1))


def _patch(path: str, level: str, name: str, steps: tuple[int, int, int, int]) -> Patch:
    x0, y0, x1, y1 = (start + SIDE * step for start, step in zip((LON, LAT, LON, LAT), steps, strict=True))
    return Patch(path=path, level=level, name=name, square=(x0, y0, x1, y1))


async def settle(store: Store, *, now: datetime = NOW) -> World:
    """Fill an empty, migrated store with the county and commit it."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        found = {patch.path: patch for patch in patches()}
        session.add_all([_division(patch) for patch in found.values()])
        forces = [*_forces(found)]
        cameras = [*_cameras(found)]
        session.add_all([*forces, *cameras, _centre(found)])
        await session.flush()
        force_ids = {force.code: force.id for force in forces}
        users = [*_users(force_ids, now=now)]
        session.add_all(users)
        await session.flush()
        tokens = {user.username: f"token-of-{user.username}" for user in users}
        session.add_all([_token(user, tokens[user.username], now=now) for user in users])
    return World(
        root=ROOT,
        west=WEST,
        east=EAST,
        users=MappingProxyType({user.username: user.id for user in users}),
        tokens=MappingProxyType(tokens),
        forces=MappingProxyType(force_ids),
        cameras=MappingProxyType({camera.code: camera.id for camera in cameras}),
        patches=MappingProxyType(found),
    )


def _division(patch: Patch) -> Division:
    square = shapely.box(*patch.square)
    leaf = patch.level == "micro_grid"
    return Division(
        code=patch.code,
        level=patch.level,
        name=patch.name,
        parent_code=patch.parent,
        division_path=patch.path,
        valid_from=date(2024, 1, 1),
        geom=from_shape(shapely.MultiPolygon([square]), srid=4326),
        label_point=from_shape(square.centroid, srid=4326),
        area_m2=square.area * 111_320**2 * 0.856,
        generated=True,
        source="test",
        households=100 if leaf else None,
        enterprises=10 if leaf else None,
    )


def _forces(found: Mapping[str, Patch]) -> Iterator[Force]:
    """For each town a patrol, a mediator and an on-call unit, and for each grid a worker: `patrol_west`, `grid_1`…"""
    for name, path in (("west", WEST), ("east", EAST)):
        yield _force(f"patrol_{name}", kind="patrol", mode="car", patch=found[path])
        yield _force(
            f"mediator_{name}",
            kind="mediator",
            mode="ebike",
            patch=found[path],
            specialities=["dispute.family", "dispute.neighbour"],
        )
        yield _force(f"on_call_{name}", kind="on_call", mode="car", patch=found[path], duty="on_call")
    grids = sorted(path for path, patch in found.items() if patch.level == "grid")
    for i, path in enumerate(grids, start=1):
        yield _force(f"grid_{i}", kind="grid_worker", mode="ebike", patch=found[path])


def _force(
    code: str, *, kind: str, mode: str, patch: Patch, specialities: list[str] | None = None, duty: str = "on"
) -> Force:
    return Force(
        code=code,
        name=f"Force {code}",
        kind=kind,
        organisation="Testing County",
        specialities=specialities or [],
        languages=[],
        mode=mode,
        home=from_shape(shapely.box(*patch.square).centroid, srid=4326),
        device_id=f"device-{code}",
        duty=duty,
        division_path=patch.path,
        version=1,
    )


def _cameras(found: Mapping[str, Patch]) -> Iterator[Camera]:
    """One in each grid, a little south of its middle and looking north."""
    grids = sorted(path for path, patch in found.items() if patch.level == "grid")
    for i, path in enumerate(grids, start=1):
        west, south, east, _ = found[path].square
        yield Camera(
            code=f"3205090{i}001311{i:06d}",
            name=f"Camera {i}",
            owner="police",
            heading=0.0,
            fov_deg=60.0,
            range_m=150.0,
            geom=from_shape(shapely.Point((west + east) / 2, south + 0.004), srid=4326),
            division_path=path,
        )


def _centre(found: Mapping[str, Patch]) -> Place:
    middle = shapely.box(*found[ROOT].square).centroid
    return Place(
        code="centre", kind="centre", name="Testing Centre", geom=from_shape(middle, srid=4326), division_path=ROOT
    )


def _users(forces: Mapping[str, int], *, now: datetime) -> Iterator[User]:
    """One user of each role for the whole county, operators and clerks of each town, a patrol in each town's car."""
    for role in (
        "operator",
        "planner",
        "clerk",
        "interviewer",
        "supervisor",
        "admin",
        "auditor",
        "source",
        "gateway",
        "wall",
    ):
        yield _user(role, role=role, scope=ROOT, now=now)
    for name, path in (("west", WEST), ("east", EAST)):
        yield _user(f"operator_{name}", role="operator", scope=path, now=now)
        yield _user(f"clerk_{name}", role="clerk", scope=path, now=now)
        yield _user(f"patrol_{name}", role="patrol", scope=path, now=now, force=forces[f"patrol_{name}"])


def _user(username: str, *, role: str, scope: str, now: datetime, force: int | None = None) -> User:
    return User(
        username=username,
        display_name=username.replace("_", " ").title(),
        role=role,
        scope_path=scope,
        force_id=force,
        password_hash=PASSWORD_HASH,
        created_at=now,
        sources=sorted(PACK.reports.codes) if role == "source" else [],
    )


def _token(user: User, secret: str, *, now: datetime) -> Session:
    return Session(
        digest=digest_of(secret),
        kind="token",
        user_id=user.id,
        label="test",
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(days=3650),
    )


async def user_named(session: AsyncSession, username: str) -> User:
    return (await session.scalars(select(User).where(User.username == username))).one()


async def until_a_transaction_waits(store: Store) -> None:
    """Wait until a transaction waits for another one's lock."""
    async with asyncio.timeout(30), store.transaction(Reach(scope=ROOT)) as session:
        while not await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            pass
