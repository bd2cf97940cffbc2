"""The register of a place that keeps none: each division has a centre, and people sit in that of their division."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Text, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import ROLES, Actor, Permission
from console.access.tables import User
from console.cases.casework import KnownUnit, Place
from console.flow.seats import Seat
from geo.store import Ltree
from layers.divisions.tables import Division

PREFIX = "centre."
CENTRE = "centre"
_NAMES = (
    select(Division.code, func.max(Division.name))
    .where(Division.code == any_(bindparam("codes", type_=ARRAY(Text))))
    .group_by(Division.code)
)
MOVERS = tuple(sorted(role for role, permissions in ROLES.items() if Permission.MOVE_CASES in permissions))


@dataclass(frozen=True, slots=True)
class Centres:
    """Centres by division. `levels` are those of the tree, from the root down; `handling` those that have cases."""

    levels: Sequence[str]
    handling: frozenset[str]
    zone: ZoneInfo

    async def seats_of(self, session: AsyncSession, actor: Actor, *, now: datetime) -> tuple[Seat, ...]:
        level = self._level_of(actor.scope)
        if level not in self.handling:
            return ()
        return (Seat(code_of(actor.scope), level, CENTRE),)

    async def unit(self, session: AsyncSession, code: str, *, now: datetime) -> KnownUnit | None:
        division = code.removeprefix(PREFIX)
        path = await session.scalar(
            select(cast(Division.division_path, Text))
            .where(Division.code == division, Division.valid_from <= self._day(now))
            .order_by(Division.valid_from.desc())
            .limit(1)
        )
        if not code.startswith(PREFIX) or path is None or self._level_of(path) not in self.handling:
            return None
        return self._unit(path)

    async def centre(self, session: AsyncSession, path: str, level: str, *, now: datetime) -> KnownUnit:
        return (await self.centres_at(session, [(path, level)], now=now))[path, level]

    async def centres_at(
        self, session: AsyncSession, wanted: Collection[Place], *, now: datetime
    ) -> Mapping[Place, KnownUnit]:
        above = {place: self.paths_above(*place) for place in wanted}
        paths = sorted({path for paths in above.values() for path in paths})
        moving = select(cast(User.scope_path, Text)).where(
            User.scope_path == any_(cast(paths, ARRAY(Ltree))), User.disabled_at.is_(None), User.role.in_(MOVERS)
        )
        peopled = {*(await session.scalars(moving.distinct()))}
        return {
            place: self._unit(next((one for one in paths if one in peopled), paths[-1]))
            for place, paths in above.items()
        }

    async def post_in(self, session: AsyncSession, post_id: int, unit: str, *, now: datetime) -> bool:
        return False

    async def names(self, session: AsyncSession, codes: Collection[str], *, now: datetime) -> Mapping[str, str]:
        divisions = [code.removeprefix(PREFIX) for code in codes]
        rows = await session.execute(_NAMES, {"codes": divisions})
        return {f"{PREFIX}{code}": name for code, name in rows}

    def paths_above(self, path: str, level: str) -> list[str]:
        """List the paths of the divisions that handle cases, from that of a level up to the root."""
        labels = path.split(".")
        depth = min(self.levels.index(level) + 1, len(labels))
        return [".".join(labels[:n]) for n in range(depth, 0, -1) if self.levels[n - 1] in self.handling]

    def _unit(self, path: str) -> KnownUnit:
        return KnownUnit(code_of(path), self._level_of(path) or self.levels[0], path, CENTRE)

    def _level_of(self, path: str) -> str | None:
        depth = path.count(".")
        return self.levels[depth] if depth < len(self.levels) else None

    def _day(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()


def code_of(path: str) -> str:
    """Return the code of the centre of a division, given by its path."""
    return PREFIX + path.rpartition(".")[2]
