"""The accounts of a demo and the people of its register."""

from datetime import datetime

from sqlalchemy import select

from api.intake.registers import link_accounts
from console.access.tables import User
from console.access.terms import Account
from console.register.actions import put_register
from console.register.laying import lay_register
from console.register.queries import posts_of
from console.register.terms import RegisterTerms
from geo.store import Reach, Store
from tests.console.register.registers import GROUNDS, both, names
from tests.worlds import NOW, PASSWORD_HASH, ROOT, World

OFFICE, HALL = f"C{ROOT}.labour", f"C{ROOT}.hall"

TERMS = RegisterTerms.model_validate(
    {
        "unit_kinds": [
            {"code": "centre", "names": both("centre"), "centre": True},
            {"code": "department", "names": both("department")},
            {"code": "room", "names": both("room")},
        ],
        "units": [
            {"code": "centre", "kind": "centre", "at": "root", "names": both("{name}中心")},
            {"code": "labour", "kind": "department", "names": both("人社局"),
             "staff": [{"each": 1, "role": "handler"}]},
            {"code": "police", "kind": "department", "names": both("公安局"),
             "staff": [{"each": 2, "role": "handler"}]},
            {"code": "hall", "kind": "room", "names": both("接待大厅"),
             "staff": [{"each": 3, "role": "clerk", "drawn_from": ["department"]}]},
        ],
    }
)  # fmt: skip


def account(role: str, unit: str) -> Account:
    return Account(username=f"a_{role}", role=role, scope=ROOT, display_name=role, unit=unit)


def user(username: str, role: str, now: datetime) -> User:
    return User(
        username=username, display_name=role, role=role, scope_path=ROOT, password_hash=PASSWORD_HASH, created_at=now
    )


async def test_who_staffs_an_office_alone_stays_its_own_though_the_hall_draws_on_them(
    store: Store, world: World
) -> None:
    """The hall's account comes first, and its first person is the office's only one."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        await put_register(session, lay_register(TERMS, GROUNDS, names=names()), points={}, day=NOW.date(), now=NOW)
        accounts = [account("clerk", HALL), account("handler", OFFICE)]
        session.add_all([user(one.username, one.role, NOW) for one in accounts])
        await session.flush()
        ids = dict((await session.execute(select(User.username, User.id))).all())
        await link_accounts(session, [(one, ids[one.username]) for one in accounts], day=NOW.date())
        held = [{post.unit for post in await posts_of(session, ids[one.username], day=NOW.date())} for one in accounts]
    assert HALL in held[0] and OFFICE in held[1]
