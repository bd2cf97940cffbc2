"""The small county of each shipped pack: one town with two villages, under the real names of their divisions, with the
pack's whole register laid out on them, made-up people, and the accounts of its demo.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from types import MappingProxyType

import shapely
from geoalchemy2.shape import from_shape

from api.intake.registers import LAID_LEVELS, link_accounts
from api.place.pack import Pack
from console.access.queries import digest_of
from console.access.tables import Session, User
from console.access.terms import Account
from console.forces.tables import Force
from console.register.actions import put_register
from console.register.laying import Ground, lay_register
from geo.store import Reach, Store
from layers.divisions.tables import Division
from tests.worlds import LAT, LON, PASSWORD_HASH, SIDE, World

NAMES: dict[str, tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]] = {
    "lushui": (
        (("533301", "泸水市"), ("533301002", "六库街道")),
        (("533301002210", "六库村"), ("533301002001", "江西社区")),
    ),
    "heshui": (
        (("621024", "合水县"), ("621024103", "板桥镇")),
        (("621024103206", "板桥村"), ("621024103200", "田瑶村")),
    ),
    "xizhou": ((("532901104", "喜洲镇"),), (("532901104213", "周城村"), ("532901104201", "喜洲村"))),
    "wujiang": (
        (("320509", "吴江区"), ("320509105", "盛泽镇")),
        (("320509105006", "桥北社区"), ("320509105010", "坛丘社区")),
    ),
    "jining": (
        (("3708", "济宁市"), ("370881", "曲阜市"), ("370881001", "鲁城街道")),
        (("370881001002", "西关民族社区"), ("370881001003", "红星社区")),
    ),
}
"""The chain of divisions from the root down to a town, and the town's villages."""

OTHERS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "lushui": (
        ("village", "clerk", "533301002210", "C533301002210"),
        ("resources", "handler", "533301", "C533301.resources"),
    ),
    "heshui": (
        ("village", "clerk", "621024103206", "C621024103206"),
        ("housing", "handler", "621024", "C621024.housing"),
    ),
    "xizhou": (("housing", "handler", "532901104", "C532901104.housing"),),
    "wujiang": (
        ("village", "clerk", "320509105006", ""),
        ("unions", "handler", "320509", "C320509.unions"),
    ),
    "jining": (
        ("village", "clerk", "370881001002", "C370881001002"),
        ("civil", "handler", "3708", "C3708.civil"),
    ),
}
"""People of the small place whom its demo has no accounts for: name, role, scope, and the unit of their post if they
hold one.
"""

PATROL = "patrol_1"
MEDIATOR = "mediator_1"
NAMES_OF_FORCES = {"patrol": "巡防一队", "mediator": "调解员一号"}
WHOLE = (0.0, 0.0, 4.0, 4.0)
HALVES = ((0.0, 0.0, 4.0, 2.0), (0.0, 2.0, 4.0, 4.0))

Square = tuple[float, float, float, float]
Patch = tuple[str, str, str, Square]
"""Path, level, name and square in degrees."""


def patches_of(pack: Pack) -> Iterator[Patch]:
    """Yield the divisions of the small place, parents before children: each village is one grid, and that one of its
    smallest.
    """
    chain, villages = NAMES[pack.key]
    levels = [level.level for level in pack.root.levels]
    path = ""
    for depth, (code, name) in enumerate(chain):
        path = f"{path}.{code}" if path else code
        yield path, levels[depth], name, _degrees(WHOLE)
    for (code, name), half in zip(villages, HALVES, strict=True):
        below = path
        for depth, level in enumerate(levels[len(chain) :]):
            code = code if depth == 0 else f"{code}{'001' if depth == 1 else '01'}"
            below = f"{below}.{code}"
            yield below, level, name if depth == 0 else f"{name}{'一' * depth}网格", _degrees(half)


def _degrees(square: Square) -> Square:
    west, south, east, north = square
    return LON + SIDE * west, LAT + SIDE * south, LON + SIDE * east, LAT + SIDE * north


async def settle_place(store: Store, pack: Pack, *, now: datetime) -> World:
    """Fill an empty, migrated store with the small place of a pack and commit it. `west` is its town."""
    patches = {patch[0]: patch for patch in patches_of(pack)}
    town = next(path for path, level, *_ in patches.values() if level == "town")
    day = now.astimezone(pack.zone).date()
    grounds = [Ground(p.rpartition(".")[2], level, name, p) for p, level, name, _ in patches.values()]
    register = lay_register(
        pack.registry, [one for one in grounds if one.level in LAID_LEVELS], names=(f"王{n}" for n in count(1))
    )
    async with store.transaction(Reach(scope=pack.root.code)) as session:
        session.add_all([_division(patch, now=now) for patch in patches.values()])
        forces = [_force(PATROL, "patrol", town), _force(MEDIATOR, "mediator", town)]
        session.add_all(forces)
        await session.flush()
        await put_register(session, register, points={}, day=day, now=now)
        users = [*_users(pack, patches, now=now), *(_carrier(force, now=now) for force in forces)]
        session.add_all(users)
        await session.flush()
        session.add_all([_token(user, now=now) for user in users])
        ids = {user.username: user.id for user in users}
        accounts = (*pack.demo.accounts, *_others(pack))
        await link_accounts(session, [(one, ids[one.username]) for one in accounts if one.username in ids], day=day)
        sent = {force.code: force.id for force in forces}
    return World(
        root=pack.root.code,
        west=town,
        east=town,
        users=MappingProxyType(ids),
        tokens=MappingProxyType({name: f"token-of-{name}" for name in ids}),
        forces=MappingProxyType(sent),
        cameras=MappingProxyType({}),
        patches=MappingProxyType({}),
    )


def _division(patch: Patch, *, now: datetime) -> Division:
    path, level, name, square = patch
    box = shapely.box(*square)
    above, _, code = path.rpartition(".")
    return Division(
        code=code,
        level=level,
        name=name,
        parent_code=above.rpartition(".")[2] or None,
        division_path=path,
        valid_from=now.date().replace(month=1, day=1),
        geom=from_shape(shapely.MultiPolygon([box]), srid=4326),
        label_point=from_shape(box.centroid, srid=4326),
        area_m2=box.area * 111_320**2 * 0.856,
        generated=True,
        source="test",
    )


def _force(code: str, kind: str, town: str) -> Force:
    """A force of the town, on duty at its middle, that answers disputes of every kind."""
    return Force(
        code=code,
        name=NAMES_OF_FORCES[kind],
        kind=kind,
        organisation="",
        specialities=["dispute"] if kind == "mediator" else [],
        languages=[],
        mode="car",
        home=from_shape(shapely.Point(LON + 2 * SIDE, LAT + 2 * SIDE), srid=4326),
        device_id=f"device-{code}",
        duty="on",
        division_path=town,
        version=1,
    )


def _others(pack: Pack) -> Iterator[Account]:
    for username, role, scope, unit in OTHERS[pack.key]:
        yield Account(username=username, role=role, scope=scope, display_name=username, unit=unit or None)


def _users(pack: Pack, patches: dict[str, Patch], *, now: datetime) -> Iterator[User]:
    """Yield the demo's accounts within the small place, without those of forces, and the others."""
    paths = {path.rpartition(".")[2]: path for path in patches}
    for account in (*pack.demo.accounts, *_others(pack)):
        if account.force_kind is None and account.scope in paths:
            yield _user(account.username, account.role, paths[account.scope], account.display_name, now=now)


def _carrier(force: Force, *, now: datetime) -> User:
    """The account of a force's phone, named after its kind."""
    return _user(force.kind, "patrol", force.division_path, force.name, now=now, force=force.id)


def _user(name: str, role: str, scope: str, called: str, *, now: datetime, force: int | None = None) -> User:
    return User(
        username=name,
        display_name=called,
        role=role,
        scope_path=scope,
        force_id=force,
        password_hash=PASSWORD_HASH,
        created_at=now,
        sources=[],
    )


def _token(user: User, *, now: datetime) -> Session:
    return Session(
        digest=digest_of(f"token-of-{user.username}"),
        kind="token",
        user_id=user.id,
        label="test",
        created_at=now,
        last_seen_at=now,
        expires_at=now.replace(year=now.year + 10),
    )
