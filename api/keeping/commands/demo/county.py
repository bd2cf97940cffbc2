"""County, accounts and simulator tokens of a demo."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from api.intake.county import LoadedCounty, load_county
from api.keeping.commands.demo.secrets import DemoSecrets
from api.keeping.postgres.roles import Urls
from api.place.pack import Pack
from api.settings import Settings
from console.access import actions, queries
from console.access.passwords import hash_password
from console.access.rules import NewUser, UnknownUser
from console.forces.tables import Force
from geo.store import Reach, Store

TOKENS_LAST = timedelta(days=30)
PROGRAM_USERS = {
    "source": "demo-source",
    "gateway": "demo-gateway",
    "operator": "demo-seats",
    "planner": "demo-planner",
    "patrol": "demo-patrol",
}
"""Users of the simulator, by role. They have no password and act by token."""
WALKER = "grid_worker"
"""Kind of the force that goes on rounds. A place without one has none."""

SHOWN_AS = {
    "source": "模拟来源",
    "gateway": "模拟终端",
    "operator": "模拟坐席",
    "planner": "模拟规划员",
    "patrol": "模拟网格员",
}
"""What the screens call them, in the language of the place's names."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The prepared county."""

    urls: Urls
    loaded: LoadedCounty
    secrets: DemoSecrets
    tokens: Mapping[str, str]


async def prepare(settings: Settings, pack: Pack, urls: Urls) -> Prepared:
    """Load the county and its accounts, unless they are there, and create tokens for the simulator."""
    kept = DemoSecrets.read(settings.data_dir / "demo.json")
    new = kept.add_missing(account.username for account in pack.demo.accounts)
    hashes = {name: hash_password(kept.passwords[name]) for name in new}
    store = Store(urls.app, pool_size=2)
    now = datetime.now(UTC)
    try:
        loaded = await load_county(store, pack, names=settings.names_dir, passwords=hashes, now=now)
        await _renew_passwords(store, pack, hashes, now=now)
        tokens = await _tokens(store, pack, taken=set(loaded.forces.values()), now=now)
    finally:
        await store.close()
    return Prepared(urls=urls, loaded=loaded, secrets=kept, tokens=tokens)


async def _renew_passwords(store: Store, pack: Pack, hashes: Mapping[str, str], *, now: datetime) -> None:
    """Set new passwords on existing accounts, after their file was deleted."""
    async with store.transaction(Reach(scope=pack.root.code)) as session:
        for username, password_hash in hashes.items():
            await actions.set_password(session, username, password_hash=password_hash, now=now)


async def _tokens(store: Store, pack: Pack, *, taken: Collection[int], now: datetime) -> dict[str, str]:
    """Create a new token for each of the simulator's users, by role. `taken` forces have accounts of people."""
    tokens = {role: secrets.token_urlsafe(32) for role in PROGRAM_USERS}
    async with store.transaction(Reach(scope=pack.root.code)) as session:
        wanted = select(Force.id).where(Force.kind == WALKER, Force.id.not_in(taken)).order_by(Force.id).limit(1)
        walker = await session.scalar(wanted)
        if walker is None:
            del tokens["patrol"]
        for role in tokens:
            username = PROGRAM_USERS[role]
            sources = tuple(sorted(pack.reports.codes)) if role == "source" else ()
            new = NewUser(
                username,
                display_name=SHOWN_AS[role],
                role=role,
                scope=pack.root.code,
                force_id=walker if role == "patrol" else None,
                sources=sources,
            )
            try:
                user_id = (await queries.get_user(session, username)).id
                await actions.set_sources(session, username, sources=sources)
            except UnknownUser:
                user_id = await actions.create_user(session, new, password_hash=None, now=now)
            await actions.open_session(
                session, user_id, secret=tokens[role], kind="token", label="demo", now=now, lasts=TOKENS_LAST
            )
    return tokens
