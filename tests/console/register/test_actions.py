"""The register in the store: whose centre is whose, who holds a post, and what its end does to open cases."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.access.tables import User
from console.register.actions import Moment, NoOpenCases, end_post, give_post, put_register
from console.register.laying import lay_register
from console.register.queries import UnitFilter, centre_of, posts_of, units_of, users_of, who_holds
from console.register.rules import NewPost, PostHeld, StaffPostEnded, SuccessorUnknown
from console.register.tables import Post, StaffMember
from geo.errors import NotFound
from geo.store import Reach, Store
from tests.console.register.registers import GROUNDS, SOUTH, TERMS, names
from tests.worlds import NOW, ROOT, WEST, World

TODAY = NOW.date()
AT = Moment(NOW, TODAY)
CENTRE, TOWN, VILLAGE = f"C{ROOT}", f"C{WEST[-9:]}", f"C{SOUTH[-12:]}"


@dataclass(slots=True)
class Handed:
    """Keeps cases: says to whom those of a post went."""

    said: list[tuple[int, int | None]] = field(default_factory=list)

    async def leave_post(
        self, session: AsyncSession, post: Post, *, successor: Post | None, by: int | None, now: datetime
    ) -> int:
        self.said.append((post.id, successor.id if successor else None))
        return 3


def admin(world: World) -> Actor:
    return Actor(world.users["admin"], "admin", "admin", ROOT)


async def put(session: AsyncSession) -> None:
    register = lay_register(TERMS, GROUNDS, names=names())
    await put_register(session, register, points={}, day=TODAY, now=NOW)


async def test_a_village_finds_the_centres_above_it_and_none_beside_it(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await put(session)
        await put(session)  # A second time changes nothing.
        count = len((await session.scalars(select(Post.id))).all())
        await session.execute(update(User).where(User.username == "clerk_west").values(person_id=1))
    async with store.transaction(Reach(scope=SOUTH)) as session:
        found = [await centre_of(session, SOUTH, level) for level in ("village", "town", "county", None)]
        assert [unit.code if unit else None for unit in found] == [VILLAGE, TOWN, CENTRE, VILLAGE]
        centres = await units_of(session, UnitFilter(kinds=["centre"]), day=TODAY)
        assert [unit.code for unit in centres] == [CENTRE, TOWN, VILLAGE]
        head = (await who_holds(session, "supervisor", CENTRE, day=TODAY))[0]
        assert (head.duty, head.title) == ("head", "director")
        assert await posts_of(session, world.users["supervisor"], day=TODAY) == []
    async with store.transaction(Reach(scope=ROOT)) as session:
        handles = await units_of(session, UnitFilter(handles="dispute.contract"), day=TODAY)
        assert [unit.code for unit in handles] == [f"{CENTRE}.court"]
        towns = await units_of(session, UnitFilter(level="town", parent=CENTRE, within=WEST), day=TODAY)
        assert [unit.code for unit in towns] == [TOWN]
        assert count == len(lay_register(TERMS, GROUNDS, names=names()).posts)


async def test_a_post_that_ends_hands_its_cases_to_the_successor_or_to_the_queue(store: Store, world: World) -> None:
    actor, cases = admin(world), Handed()
    async with store.transaction(Reach(scope=ROOT)) as session:
        await put(session)
        first, second = await who_holds(session, "clerk", TOWN, day=TODAY)
        await session.execute(update(User).where(User.username == "clerk").values(person_id=first.person_id))
        assert [post.unit for post in await posts_of(session, world.users["clerk"], day=TODAY)] == [TOWN]
        assert await users_of(session, [first.person_id]) == {first.person_id: world.users["clerk"]}
        with pytest.raises(SuccessorUnknown):
            await end_post(session, actor, first.id, successor=first.id, cases=cases, at=AT)
        ended, moved = await end_post(session, actor, first.id, successor=second.id, cases=cases, at=AT)
        assert (ended.until, moved) == (TODAY, 3)
        assert await posts_of(session, world.users["clerk"], day=TODAY) == []
        with pytest.raises(StaffPostEnded):
            await end_post(session, actor, first.id, successor=None, cases=cases, at=AT)
        await end_post(session, actor, second.id, successor=None, cases=cases, at=AT)
        assert cases.said == [(first.id, second.id), (second.id, None)]
        assert await who_holds(session, "clerk", TOWN, day=TODAY) == []


async def test_a_person_holds_several_posts_but_none_twice(store: Store, world: World) -> None:
    actor = admin(world)
    async with store.transaction(Reach(scope=ROOT)) as session:
        await put(session)
        person = (await session.scalars(select(StaffMember.id).order_by(StaffMember.id))).first()
        assert person is not None
        new = NewPost(person, TOWN, TODAY, until=TODAY + timedelta(days=3), duty="seconded", managed_by=(CENTRE, TOWN))
        post = await give_post(session, actor, new, at=AT)
        with pytest.raises(PostHeld):
            await give_post(session, actor, new, at=AT)
        await give_post(session, actor, replace(new, unit=VILLAGE), at=AT)
        with pytest.raises(StaffPostEnded):
            await give_post(session, actor, replace(new, until=TODAY), at=AT)
        with pytest.raises(NotFound):
            await give_post(session, actor, replace(new, unit="C0"), at=AT)
        assert post.managed_by == [CENTRE, TOWN]
    async with store.transaction(Reach(scope=SOUTH)) as session:
        with pytest.raises(NotFound):  # Seen from below, and not theirs to end.
            await end_post(session, actor, post.id, successor=None, cases=NoOpenCases(), at=AT)
