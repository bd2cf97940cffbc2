"""Lay out the register of a pack on its divisions, with made-up people for a demo, and store it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import numpy as np
from shapely import Point
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api.place.pack import Pack
from console.access.tables import User
from console.access.terms import Account
from console.grids.rules import Verdict
from console.grids.tables import ServiceList
from console.register.actions import put_register
from console.register.laying import Ground, lay_register, lay_units
from console.register.queries import users_of, who_holds
from console.register.rules import Register, UnitRecord
from console.register.terms import RegisterTerms, UnitKind, UnitRule
from geo.terms import Names
from ingest.county.gazetteer import GazetteerEntry
from ingest.county.observations import County, Division
from ingest.county.people import names
from ingest.county.places import Site

PEOPLE_STREAM = 5
VILLAGE = "village"
LAID_LEVELS = frozenset({"city", "county", "town", VILLAGE})
"""Levels that have units; grids have posts of their own."""


def _bare() -> RegisterTerms:
    """Return the register of a pack without one: a centre in each division above the grids."""
    kind = UnitKind(code="centre", names=Names(zh="综治中心", en="Centre"), centre=True)
    called = Names(zh="{name}综治中心", en="{name} Centre")
    rules = tuple(
        UnitRule.model_validate({"code": level, "kind": kind.code, "at": level, "names": called})
        for level in sorted(LAID_LEVELS)
    )
    return RegisterTerms(unit_kinds=(kind,), units=rules)


BARE = _bare()


def sites_on(pack: Pack, divisions: Sequence[Division]) -> list[Site]:
    """List the units of the pack's register that are on the map; a centre in each division without a register."""
    units = lay_units(pack.registry if pack.registry.units else BARE, grounds_of(divisions))
    return [_site(unit) for unit in units if unit.on_map]


def made_register(pack: Pack, divisions: Sequence[Division]) -> Register:
    """Lay out the pack's register with made-up people: the same figures give the same people."""
    seed = pack.demo.generator.seed if pack.demo.generator else 0
    called = names(np.random.default_rng([seed, PEOPLE_STREAM]))
    return lay_register(pack.registry, grounds_of(divisions), names=called)


def grounds_of(divisions: Iterable[Division]) -> list[Ground]:
    """List the divisions that units stand on, as people call them."""
    return [
        Ground(d.code, d.level, _short(d), d.path, english=d.english or "") for d in divisions if d.level in LAID_LEVELS
    ]


def _short(division: Division) -> str:
    return GazetteerEntry(division.code, division.name).short if division.level == VILLAGE else division.name


def _site(unit: UnitRecord) -> Site:
    english = unit.name_en if unit.name_en.isascii() else None
    return Site(unit.code, unit.name, unit.division_path, is_centre=unit.is_centre, english=english)


async def store_register(
    session: AsyncSession, pack: Pack, register: Register, county: County, *, now: datetime
) -> None:
    """Store a laid-out register, and the pack's list of what grids may and may not be given."""
    day = now.astimezone(pack.zone).date()
    points = {place.code: Point(place.lon, place.lat) for place in county.places}
    first_day = min(county.divisions[0].valid_from, day)
    await put_register(session, register, points=points, day=first_day, now=now)
    if tasks := pack.registry.grid_tasks:
        verdicts = {True: Verdict.ALLOWED, False: Verdict.FORBIDDEN}
        session.add(
            ServiceList(
                division_code=pack.root.code,
                division_path=pack.root.code,
                items=[{"title": t.names.zh, "verdict": verdicts[t.allowed], "basis": t.basis} for t in tasks],
                first_day=first_day,
                created_by=0,
                author=pack.names.zh,
                at=now,
            )
        )
        await session.flush()


async def link_accounts(session: AsyncSession, accounts: Iterable[tuple[Account, int]], *, day: date) -> None:
    """Link accounts, each to the first person without one who holds a post of its role in its unit.

    Units with the fewest people choose first: a hall that draws on an office of one person must not take that person.
    """
    choices = [
        (user_id, [post.person_id for post in await who_holds(session, account.role, account.unit, day=day)])
        for account, user_id in accounts
        if account.unit is not None
    ]
    taken = {*await users_of(session, {person for _, people in choices for person in people})}
    for user_id, people in sorted(choices, key=lambda choice: len(choice[1])):
        free = next((person for person in people if person not in taken), None)
        if free is not None:
            taken.add(free)
            await session.execute(update(User).where(User.id == user_id).values(person_id=free))
