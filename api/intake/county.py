"""Generate a pack's county and store it: divisions, places, cameras, forces, and the accounts of a demo.

The generator and the features' actions do not import each other; this module connects them.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from shapely import MultiPolygon, Point
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.lists import NationalLists
from api.intake.made_rosters import lay_rosters
from api.intake.moves import follow_forces
from api.intake.registers import link_accounts, made_register, sites_on, store_register
from api.place.pack import Pack
from console.access.actions import create_user
from console.access.rules import NewUser
from console.access.tables import User
from console.access.terms import Account
from console.forces.actions import register_many as register_forces
from console.forces.rules import Duty, ForceRecord
from console.forces.tables import Force
from console.register.rules import Register
from geo.errors import MaplebridgeError
from geo.store import Reach, Store
from ingest.county import observations as generated
from ingest.county.divisions import Root
from ingest.county.forces import TravelAndDuty
from ingest.county.generator import make_county
from ingest.county.observations import County
from ingest.county.terms import Generator
from ingest.county.trees import Land
from layers.cameras.actions import register_many as register_cameras
from layers.cameras.rules import CameraRecord
from layers.divisions.actions import add_many
from layers.divisions.queries import find_by_code, list_named
from layers.divisions.rules import NewDivision
from layers.exposure.actions import put_counts
from layers.exposure.rules import Counted
from layers.hotspots.actions import share_out_exposure
from layers.places.actions import register_many as register_places
from layers.places.rules import PlaceRecord

MADE = "generated"
"""The source of a made-up county's counts."""

MEDIATED_CLASS = "dispute"
"""Class of incidents that mediators specialise in."""


class NothingToGenerate(MaplebridgeError):
    """The pack has no generator: its county has to be imported from files. `params`: `pack`."""

    code: ClassVar[str] = "county.no_generator"

    def __str__(self) -> str:
        return f"the pack {self.params['pack']} has no generator: import its county with `maplebridge import`"


@dataclass(frozen=True, slots=True)
class LoadedCounty:
    """Whether the county was generated now, and the force of each account that has one."""

    created: bool
    forces: Mapping[str, int]


async def load_county(
    store: Store, pack: Pack, *, names: Path, passwords: Mapping[str, str], now: datetime
) -> LoadedCounty:
    """Generate the pack's county if it is missing, and its missing accounts. Repeated calls change nothing.

    `names` is the folder of town and village names; `passwords` are hashes by username, and accounts without one are
    left out. Raises NothingToGenerate if the county is missing and the pack has no generator.
    """
    reach = Reach(scope=pack.root.code)
    async with store.transaction(reach) as session:
        found = await find_by_code(session, pack.root.code, day=now.astimezone(pack.zone).date())
    if found is None:
        county, register = await asyncio.to_thread(generate_all, pack, names=names)
        async with store.transaction(reach) as session:
            await store_county(session, county, now=now)
            await store_register(session, pack, register, county, now=now)
            await lay_rosters(session, pack, now=now)
    async with store.transaction(reach) as session:
        forces = await _add_accounts(session, pack, passwords=passwords, now=now)
    return LoadedCounty(created=found is None, forces=forces)


def generate_all(pack: Pack, *, names: Path) -> tuple[County, Register]:
    """Generate the pack's county at its reported scale, and its register with made-up people."""
    county = generate(pack, NationalLists(names))
    return county, made_register(pack, county.divisions)


def generate(pack: Pack, land: Land) -> County:
    """Generate the pack's county at its reported scale."""
    boundary = pack.root.boundary
    levels = {level.level: level.names for level in pack.root.levels}
    root = Root(
        code=pack.root.code,
        name=pack.root.names.zh,
        source=" ".join(filter(None, (boundary.source.zh, boundary.review_number))),
        level=pack.root.level,
        english=pack.root.names.en,
    )
    if "micro_grid" in levels:
        root = replace(root, micro_grid=levels["micro_grid"].zh)
    return make_county(
        _generator(pack),
        root,
        land=land,
        sites=partial(sites_on, pack),
        ways={kind.code: TravelAndDuty(mode=kind.mode, duty=kind.duty) for kind in pack.forces.kinds},
        mediated=_mediated_per_year(pack),
    )


def _generator(pack: Pack) -> Generator:
    if pack.demo.generator is None:
        raise NothingToGenerate(pack=pack.key)
    return pack.demo.generator


def _mediated_per_year(pack: Pack) -> dict[str, float]:
    """Return incidents a year by category, of those that mediators specialise in."""
    yearly = pack.demo.traffic.yearly if pack.demo.traffic else {}
    categories = pack.incidents.category_by_code
    return {code: float(count) for code, count in yearly.items() if categories[code].class_code == MEDIATED_CLASS}


async def store_county(session: AsyncSession, county: County, *, now: datetime) -> None:
    """Store a new county in the caller's transaction."""
    lines = [_division(division) for division in county.divisions]
    await add_many(session, lines)
    await put_counts(session, _counts(county), day=max(line.valid_from for line in lines))
    await share_out_exposure(session, day=max(line.valid_from for line in lines))
    await register_places(session, [_place(place) for place in county.places])
    await register_cameras(session, [_camera(camera) for camera in county.cameras])
    await register_forces(
        session, [_force(force) for force in county.forces], on_division_change=partial(follow_forces, now=now), now=now
    )


def _division(division: generated.Division) -> NewDivision:
    return NewDivision(
        code=division.code,
        level=division.level,
        name=division.name,
        path=division.path,
        valid_from=division.valid_from,
        geometry=MultiPolygon([division.polygon]),
        generated=division.generated,
        source=division.source,
        households=division.households,
        enterprises=division.enterprises,
        properties=_english(division.english),
    )


def _counts(county: County) -> list[Counted]:
    """List the counts of the smallest divisions, of which those above are the sums."""
    above = {division.parent for division in county.divisions}
    return [
        Counted(
            code=one.code,
            path=one.path,
            counted_on=one.valid_from,
            households=one.households,
            premises=one.premises,
            enterprises=one.enterprises,
            source=MADE,
        )
        for one in county.divisions
        if one.code not in above and one.premises
    ]


def _place(place: generated.Place) -> PlaceRecord:
    return PlaceRecord(
        code=place.code,
        kind=place.kind,
        name=place.name,
        point=Point(place.lon, place.lat),
        division_path=place.path,
        properties=_english(place.english),
    )


def _english(name: str | None) -> dict[str, str]:
    return {"name_en": name} if name else {}


def _camera(camera: generated.Camera) -> CameraRecord:
    return CameraRecord(
        code=camera.code,
        name=camera.name,
        owner=camera.owner,
        point=Point(camera.lon, camera.lat),
        division_path=camera.path,
        heading=camera.heading,
        fov_deg=camera.fov_deg,
        range_m=camera.range_m,
    )


def _force(force: generated.Force) -> ForceRecord:
    return ForceRecord(
        code=force.code,
        name=force.name,
        kind=force.kind,
        mode=force.mode,
        lon=force.lon,
        lat=force.lat,
        division_path=force.path,
        organisation=force.organisation,
        specialities=force.specialities,
        languages=force.languages,
        device_id=force.device_id,
        telephone=force.telephone,
        duty=Duty(force.duty),
    )


async def _add_accounts(
    session: AsyncSession, pack: Pack, *, passwords: Mapping[str, str], now: datetime
) -> dict[str, int]:
    """Add the pack's missing accounts; return the force of each account that has one, new or old."""
    rows = await session.execute(select(User.username, User.force_id))
    known = {row.username: row.force_id for row in rows}
    wanted = [a for a in pack.demo.accounts if a.username not in known and a.username in passwords]
    day = now.astimezone(pack.zone).date()
    paths = {d.code: d.path for d in await list_named(session, day=day)}
    added = []
    for account in wanted:
        force = await _force_of(session, account, path=paths[account.scope], taken=known.values())
        new = NewUser(
            username=account.username,
            display_name=account.display_name,
            role=account.role,
            scope=paths[account.scope],
            force_id=force,
        )
        added.append((account, await create_user(session, new, password_hash=passwords[account.username], now=now)))
        known[account.username] = force
    await link_accounts(session, added, day=day)
    return {a.username: force for a in pack.demo.accounts if (force := known.get(a.username)) is not None}


async def _force_of(session: AsyncSession, account: Account, *, path: str, taken: Iterable[int | None]) -> int | None:
    """Return the first force of the account's kind within its scope that no other account has."""
    if account.force_kind is None:
        return None
    within = Force.division_path.op("<@")(path)
    free = select(Force.id).where(Force.kind == account.force_kind, within)
    used = [force for force in taken if force is not None]
    found: int | None = await session.scalar(free.where(Force.id.not_in(used)).order_by(Force.code).limit(1))
    return found
