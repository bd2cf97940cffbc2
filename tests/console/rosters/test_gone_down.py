"""Time that people of an upper centre spend at lower ones is counted, by shifts and by secondment."""

from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from console.register.tables import Post, StaffMember, Unit
from console.rosters.actions import NewLeave, put_leave, put_shift
from console.rosters.gone_down import GoneDown, gone_down
from console.rosters.queries import Period
from console.rosters.rules import NewShift, Span, Who, WhoKind
from geo.store import Reach, Store
from tests.console.clocks.clockwork import ZONE, local
from tests.console.rosters.test_actions import AT, planner
from tests.worlds import NOW, ROOT, WEST, World

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), ZONE)
LATER = local("2026-03-20")


async def person(session: AsyncSession, code: str, path: str) -> int:
    found = StaffMember(code=code, name=code, division_path=path)
    session.add(found)
    await session.flush()
    return found.id


async def counted(session: AsyncSession, world: World, within: str = ROOT) -> list[GoneDown]:
    return [*await gone_down(session, planner(world), MARCH, within=within, now=LATER)]


async def test_shifts_below_the_own_centre_count_by_hours_and_days_without_leave(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        who = Who(WhoKind.PERSON, await person(session, "upper", ROOT))
        home = Who(WhoKind.PERSON, await person(session, "own", WEST))
        times = [("2026-03-03 09:00", "2026-03-03 12:00"), ("2026-03-04 22:00", "2026-03-05 06:00")]
        times.append(("2026-03-19 20:00", "2026-03-20 08:00"))
        for begin, end in times:
            new = NewShift(who, "rotating", Span(local(begin), local(end)), division=WEST.rpartition(".")[2])
            await put_shift(session, planner(world), uuid4(), new, expected=None, at=AT)
        called = Span(local("2026-03-06 09:00"), local("2026-03-06 12:00"))
        await put_shift(
            session,
            planner(world),
            uuid4(),
            NewShift(who, "on_call", called, division=WEST.rpartition(".")[2]),
            expected=None,
            at=AT,
        )
        await put_shift(session, planner(world), uuid4(), NewShift(home, "rotating", called), expected=None, at=AT)
        leave = NewLeave(who, Span(local("2026-03-05 00:00"), local("2026-03-05 12:00")))
        await put_leave(session, planner(world), uuid4(), leave, expected=None, now=NOW)

        [one] = await counted(session, world)
        assert (one.stay.who, one.stay.home, one.stay.division_path, one.stay.by) == (who, ROOT, WEST, "shift")
        assert (one.times, one.hours, one.days) == (3, 3 + 2 + 4, 3), "until now, and not on leave"
        assert await counted(session, world, within=f"{WEST}.x") == []


async def test_a_secondment_counts_by_the_days_that_it_has_lasted(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        unit = Unit(
            code="station", kind="room", is_centre=False, name="station", name_en="station", parent=None, level="town",
            division_path=WEST, geom=None, hours="", telephone="", services=[], specialities=[], attendance="",
            running=True, assumed=False, properties={}, opened_on=NOW.date(), closed_on=None,
        )  # fmt: skip
        session.add(unit)
        await session.flush()
        for home, duty, until in ((ROOT, "seconded", 12), (ROOT, "member", 12), (WEST, "seconded", 12)):
            day = date(2026, 3, 10)
            session.add(Post(
                person_id=await person(session, f"{home} {duty}", home), unit_id=unit.id, division_path=WEST, duty=duty,
                title="", role="", attendance="", managed_by=[], specialities=[], first_day=day,
                until=day + timedelta(days=until), created_by=None, created_at=NOW,
            ))  # fmt: skip
        await session.flush()
        [one] = await counted(session, world)
        assert (one.stay.unit, one.stay.by, one.hours, one.days) == ("station", "post", None, 11)
