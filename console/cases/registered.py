"""The register of a place as cases see it: units and posts; where it names none, centres by division."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Date, Select, Text, any_, bindparam, cast, exists, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.access.tables import User
from console.cases.casework import KnownUnit, Place
from console.cases.centres import MOVERS, Centres
from console.flow.seats import Seat
from console.register.queries import held_on, is_open, posts_of
from console.register.tables import Post, Unit
from geo.store import Ltree

_OPEN = select(Unit).where(is_open(bindparam("day", type_=Date)))
_BY_CODE = _OPEN.where(Unit.code == any_(bindparam("codes", type_=ARRAY(Text))))
_CENTRES = _OPEN.where(
    Unit.division_path == any_(cast(bindparam("paths", type_=ARRAY(Text)), ARRAY(Ltree))), Unit.is_centre
)
_NAMES = select(Unit.code, Unit.name).where(Unit.code == any_(bindparam("codes", type_=ARRAY(Text))))
"""Queries of each move, made once."""
SEATS = "seats"
"""Where a session keeps the seats of those who act in it."""

_Peopled = tuple[KnownUnit, bool]


@dataclass(frozen=True, slots=True)
class RegisteredUnits:
    """Units and posts of the register. An account without a post sits in the centre of its division.

    `of_centre` are the kinds of units that are parts of a centre: those who receive there sit in the centre as well.
    Posts of the role of the account come first: a clerk who is in a pool of mediators, too, receives as a clerk.
    """

    centres: Centres
    of_centre: frozenset[str] = frozenset()

    async def seats_of(self, session: AsyncSession, actor: Actor, *, now: datetime) -> tuple[Seat, ...]:
        """Return the posts of a person, read once in a transaction: a move asks for them, and so does its answer."""
        known: dict[tuple[int, str, str, date], tuple[Seat, ...]] = session.info.setdefault(SEATS, {})
        key = actor.user_id, actor.role, actor.scope, self._day(now)
        if key not in known:
            known[key] = await self._seats(session, actor, now=now)
        return known[key]

    async def _seats(self, session: AsyncSession, actor: Actor, *, now: datetime) -> tuple[Seat, ...]:
        posts = await posts_of(session, actor.user_id, day=self._day(now))
        codes = [*{post.unit for post in posts}]
        if units := await self._units(session, _BY_CODE, codes=codes, now=now) if codes else ():
            known = {unit.code: unit for unit in units}
            seats = (
                Seat(post.unit, unit.level, unit.kind, post.id, post.title or None, post.duty)
                for post in posts
                if (unit := known.get(post.unit))
            )
            others = {post.id for post in posts if post.role != actor.role}
            own = sorted(
                seats, key=lambda seat: (seat.id in others, not known[seat.unit].is_centre, seat.unit, seat.id)
            )
            return (*own, *await self._seats_in_centres(session, actor, units, now=now))
        centre = await self._units(session, _CENTRES, paths=[actor.scope], now=now)
        if centre:
            return tuple(Seat(unit.code, unit.level, unit.kind) for unit in centre)
        return await self.centres.seats_of(session, actor, now=now)

    async def _seats_in_centres(
        self, session: AsyncSession, actor: Actor, units: Sequence[Unit], *, now: datetime
    ) -> tuple[Seat, ...]:
        """Return the seats in centres of which units are parts, for an account that receives at the door."""
        paths = {unit.division_path for unit in units if unit.kind in self.of_centre}
        if not paths or not actor.may(Permission.REPORT_INCIDENTS):
            return ()
        centres = await self._units(session, _CENTRES, paths=[*paths], now=now)
        held = {unit.code for unit in units}
        return tuple(Seat(unit.code, unit.level, unit.kind) for unit in centres if unit.code not in held)

    async def unit(self, session: AsyncSession, code: str, *, now: datetime) -> KnownUnit | None:
        found = await self._units(session, _BY_CODE, codes=[code], now=now)
        return _known(found[0]) if found else await self.centres.unit(session, code, now=now)

    async def centre(self, session: AsyncSession, path: str, level: str, *, now: datetime) -> KnownUnit:
        return (await self.centres_at(session, [(path, level)], now=now))[path, level]

    async def centres_at(
        self, session: AsyncSession, wanted: Collection[Place], *, now: datetime
    ) -> Mapping[Place, KnownUnit]:
        """Return the centre at a level, or else the nearest above it, whose people have accounts; the highest if none
        have.
        """
        above = {place: self.centres.paths_above(*place) for place in wanted}
        known = await self._centres_by_path(session, {path for paths in above.values() for path in paths}, now=now)
        found = {place: centre for place, paths in above.items() if (centre := _nearest(known, paths))}
        missing = above.keys() - found.keys()
        return found | dict(await self.centres.centres_at(session, missing, now=now)) if missing else found

    async def _centres_by_path(
        self, session: AsyncSession, paths: Collection[str], *, now: datetime
    ) -> Mapping[str, _Peopled]:
        """Return the centres of divisions by path, each with whether its people have accounts."""
        of_paths = Unit.division_path == any_(cast(sorted(paths), ARRAY(Ltree)))
        peopled = or_(_has_account_at_post(self._day(now)), _has_account_of_division())
        rows = await session.execute(
            select(Unit, peopled).where(of_paths, Unit.is_centre, is_open(self._day(now))).order_by(Unit.code.desc())
        )
        return {unit.division_path: (_known(unit), has_people) for unit, has_people in rows}

    async def post_in(self, session: AsyncSession, post_id: int, unit: str, *, now: datetime) -> bool:
        wanted = select(Post.id).join(Unit, Unit.id == Post.unit_id)
        wanted = wanted.where(Post.id == post_id, Unit.code == unit, held_on(self._day(now)))
        return await session.scalar(wanted) is not None

    async def names(self, session: AsyncSession, codes: Collection[str], *, now: datetime) -> Mapping[str, str]:
        rows = await session.execute(_NAMES, {"codes": [*codes]})
        found = dict(rows.all())
        missing = {*codes} - found.keys()
        return found | dict(await self.centres.names(session, missing, now=now)) if missing else found

    async def _units(
        self, session: AsyncSession, wanted: Select[Unit], *, now: datetime, **parameters: Sequence[str]
    ) -> Sequence[Unit]:
        return (await session.scalars(wanted, {**parameters, "day": self._day(now)})).all()

    def _day(self, now: datetime) -> date:
        return now.astimezone(self.centres.zone).date()


def _nearest(known: Mapping[str, _Peopled], paths: Sequence[str]) -> KnownUnit | None:
    """Return the first of these paths' centres that has people, else the last; None if there is none."""
    centres = [known[path] for path in paths if path in known]
    return next((centre for centre, has_people in centres if has_people), centres[-1][0] if centres else None)


def _has_account_at_post(day: date) -> ColumnElement[bool]:
    held = select(User.id).join(Post, Post.person_id == User.person_id)
    return exists(held.where(Post.unit_id == Unit.id, held_on(day), _moves_cases()))


def _has_account_of_division() -> ColumnElement[bool]:
    own = select(User.id).where(User.scope_path == Unit.division_path, User.person_id.is_(None), _moves_cases())
    return exists(own)


def _moves_cases() -> ColumnElement[bool]:
    return User.disabled_at.is_(None) & User.role.in_(MOVERS)


def _known(unit: Unit) -> KnownUnit:
    return KnownUnit(unit.code, unit.level, unit.division_path, unit.kind, unit.hours)
