"""`maplebridge packs`: check a pack, and show its content."""

import asyncio
from typing import Annotated

import typer

from api.keeping.commands.database import open_store
from api.keeping.words import said
from api.place.reading import load_pack
from api.place.summary import summary_of
from api.settings import Settings
from api.watch.cases import keeper_of
from api.watch.clock import SteadyClock
from console.cases.migrating import Migration, migrate_cases
from geo.store import Reach

app = typer.Typer(no_args_is_help=True, help="Check a pack, and show its content.")

Name = Annotated[str, typer.Argument(help="Name or folder of a pack.", metavar="NAME")]


@app.command()
def check(name: Name) -> None:
    """Report the errors of a pack by file and line, with status 1, or confirm that it is valid."""
    pack = load_pack(name)
    typer.echo(said("{pack} is in order", pack=pack.key))


@app.command()
def show(name: Name) -> None:
    """Show a pack's levels, stages, clocks, limits, forces, units, case flow and roles."""
    typer.echo(summary_of(load_pack(name), said))


@app.command()
def migrate(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each case.")] = False
) -> None:
    """Move running cases that began under an older version of the county's flow to its present one."""
    found = asyncio.run(_migrate(Settings(), dry_run=dry_run))
    for one in found:
        typer.echo(_line_of(one))
    stay = sum(one.obstacle is not None for one in found)
    typer.echo(said("{moved} cases fit the present version, {stay} stay", moved=len(found) - stay, stay=stay))


async def _migrate(settings: Settings, *, dry_run: bool) -> list[Migration]:
    pack = load_pack(settings.county)
    if pack.casework is None:
        return []
    root = Reach(scope=pack.root.code)
    async with open_store(settings) as store, store.transaction(root) as session:
        now = SteadyClock()()
        return await migrate_cases(session, pack.casework, dry_run=dry_run, actor=keeper_of(root), now=now)


def _line_of(one: Migration) -> str:
    if one.obstacle is not None:
        name, value = one.obstacle
        return said(
            "{code}: stays, the present version has no {name} {value}", code=one.case_code, name=name, value=value
        )
    limits = ", ".join([*(f"+{limit}" for limit in one.started), *(f"-{limit}" for limit in one.stopped)])
    return f"{one.case_code}: {one.from_version} {limits}".rstrip()
