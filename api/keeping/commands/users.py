"""`maplebridge users`: user accounts, and tokens of programs."""

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from api.keeping.commands.database import open_store
from api.keeping.words import said
from api.place.reading import load_pack
from api.settings import Settings
from console.access import actions, queries
from console.access.passwords import hash_password
from console.access.rules import ROLES, NewUser, check_label
from console.forces.queries import codes_of, find_id
from geo.errors import MaplebridgeError
from geo.store import Reach
from layers.divisions.queries import find_by_code

app = typer.Typer(no_args_is_help=True, help="Manage users, and tokens of programs.")

Username = Annotated[str, typer.Argument(help="Lower case; can never be given to another person later.")]
Answer = TypeVar("Answer")


class UnknownDivision(MaplebridgeError):
    """No division has the code today. `params`: `code`."""

    code: ClassVar[str] = "division.unknown"

    def __str__(self) -> str:
        return said("no division has the code {code}; load the county before adding its users", **self.params)


class UnknownForce(MaplebridgeError):
    """No force has the code. `params`: `code`."""

    code: ClassVar[str] = "force.unknown"

    def __str__(self) -> str:
        return said(
            "no force has the code {code}: use a code of an imported force, or import it first with "
            "`maplebridge import forces`",
            **self.params,
        )


class UnknownSource(MaplebridgeError):
    """The pack has no source of the code. `params`: `source`, and `sources`, those there are."""

    code: ClassVar[str] = "source.unknown"

    def __str__(self) -> str:
        known = ", ".join(self.params["sources"]) or "–"
        return said(
            "the pack has no source {source} (it has: {known}); add it to [[reports.sources]] in its place.toml",
            source=self.params["source"],
            known=known,
        )


@app.command()
def add(
    username: Username,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    name: Annotated[str, typer.Option(help="Display name.")] = "",
    scope: Annotated[
        str | None, typer.Option(help="Code of the division they work in; the whole county by default.")
    ] = None,
    force: Annotated[
        str | None, typer.Option(help="Code of a patrol's force, whose tasks it receives; required for a patrol.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="Code of a source that it may report under; repeat it for several. See `users sources`."),
    ] = None,
    no_password: Annotated[bool, typer.Option("--no-password", help="For a program, which uses a token.")] = False,
) -> None:
    """Add a user. Prompts for the password, or reads it from standard input if that is no terminal."""
    sources = _known_sources(source or [])
    password_hash = None if no_password else hash_password(_new_password())

    async def work(session: AsyncSession, root: str, now: datetime) -> None:
        new = NewUser(
            username=username,
            display_name=name or username,
            role=role,
            scope=await _path(session, scope, root, now),
            force_id=None if force is None else await _force_id(session, force),
            sources=sources,
        )
        await actions.create_user(session, new, password_hash=password_hash, now=now)

    _in_transaction(work)
    typer.echo(said("{username} added", username=username))


@app.command("list")
def list_all() -> None:
    """List all users: name, role, division, whether disabled, a patrol's force, and the sources they report under."""

    async def work(session: AsyncSession, _root: str, _now: datetime) -> list[str]:
        found = await queries.list_users(session)
        codes = await codes_of(session, [u.force_id for u in found if u.force_id is not None])
        rows = [
            (
                u.username,
                u.role,
                u.scope_path,
                said("disabled") if u.disabled_at else "",
                codes.get(u.force_id or 0, ""),
                ",".join(u.sources),
            )
            for u in found
        ]
        return ["\t".join(row).rstrip() for row in rows]

    typer.echo("\n".join(_in_transaction(work)))


@app.command()
def passwd(username: Username) -> None:
    """Change a user's password and sign them out everywhere."""
    password_hash = hash_password(_new_password())

    async def work(session: AsyncSession, _root: str, now: datetime) -> None:
        await actions.set_password(session, username, password_hash=password_hash, now=now)

    _in_transaction(work)
    typer.echo(said("{username} has a new password", username=username))


@app.command("force")
def set_force(
    username: Username, force: Annotated[str, typer.Argument(help="The force's code.", metavar="CODE")]
) -> None:
    """Assign a patrol to another force and sign its screens out; its tokens stay valid."""

    async def work(session: AsyncSession, _root: str, now: datetime) -> None:
        await actions.set_force(session, username, force_id=await _force_id(session, force), now=now)

    _in_transaction(work)
    typer.echo(said("{username} belongs to force {force}", username=username, force=force))


@app.command("sources")
def set_sources(
    username: Username,
    codes: Annotated[
        list[str] | None, typer.Argument(help="Codes of the pack's sources; none takes all away.", metavar="[CODE]...")
    ] = None,
) -> None:
    """Set the sources that a user may report under. Reports under any other are refused."""
    sources = _known_sources(codes or [])

    async def work(session: AsyncSession, _root: str, _now: datetime) -> None:
        await actions.set_sources(session, username, sources=sources)

    _in_transaction(work)
    known = ", ".join(sources)
    text = said("{username} reports as {sources}", username=username, sources=known)
    typer.echo(text if sources else said("{username} has no sources", username=username))


@app.command()
def disable(username: Username) -> None:
    """Disable a user at once. Records of their work keep their name."""

    async def work(session: AsyncSession, _root: str, now: datetime) -> None:
        await actions.disable_user(session, username, now=now)

    _in_transaction(work)
    typer.echo(said("{username} is disabled", username=username))


@app.command()
def enable(username: Username) -> None:
    """Enable a disabled or locked-out user."""

    async def work(session: AsyncSession, _root: str, _now: datetime) -> None:
        await actions.enable_user(session, username)

    _in_transaction(work)
    typer.echo(said("{username} is enabled", username=username))


@app.command()
def token(
    username: Username,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days until it expires.")] = 365,
    label: Annotated[str, typer.Option(help="A note on its purpose.")] = "",
) -> None:
    """Print a bearer token for a program. It is shown only once; only a digest is stored."""
    check_label(username, label)
    secret = secrets.token_urlsafe(32)

    async def work(session: AsyncSession, _root: str, now: datetime) -> None:
        user = await queries.get_user(session, username)
        lasts = timedelta(days=days)
        await actions.open_session(session, user.id, secret=secret, kind="token", label=label, now=now, lasts=lasts)

    _in_transaction(work)
    typer.echo(secret)


def _known_sources(codes: list[str]) -> tuple[str, ...]:
    """Return the codes, each once. Raises `UnknownSource`."""
    known = load_pack(Settings().county).reports.codes
    for code in codes:
        if code not in known:
            raise UnknownSource(source=code, sources=sorted(known))
    return tuple(sorted(set(codes)))


def _new_password() -> str:
    if sys.stdin.isatty():
        typed: str = typer.prompt(said("Password"), hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\n")


async def _path(session: AsyncSession, code: str | None, root: str, now: datetime) -> str:
    if code is None or code == root:
        return root
    found = await find_by_code(session, code, day=now.date())
    if not found:
        raise UnknownDivision(code=code)
    return found.division_path


async def _force_id(session: AsyncSession, code: str) -> int:
    found = await find_id(session, code)
    if found is None:
        raise UnknownForce(code=code)
    return found


def _in_transaction(work: Callable[[AsyncSession, str, datetime], Awaitable[Answer]]) -> Answer:
    """Run `work` in one transaction that sees the whole county, and return its result."""

    async def run() -> Answer:
        settings = Settings()
        root = load_pack(settings.county).root.code
        async with open_store(settings) as store, store.transaction(Reach(scope=root)) as session:
            return await work(session, root, datetime.now(UTC))

    return asyncio.run(run())
