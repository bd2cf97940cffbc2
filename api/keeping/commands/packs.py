"""`maplebridge packs`: check a pack, and show its content."""

from typing import Annotated

import typer

from api.keeping.words import said
from api.place.reading import load_pack
from api.place.summary import summary_of

app = typer.Typer(no_args_is_help=True, help="Check a pack, and show its content.")

Name = Annotated[str, typer.Argument(help="Name or folder of a pack.", metavar="NAME")]


@app.command()
def check(name: Name) -> None:
    """Report the errors of a pack by file and line, with status 1, or confirm that it is valid."""
    pack = load_pack(name)
    typer.echo(said("{pack} is in order", pack=pack.key))


@app.command()
def show(name: Name) -> None:
    """Show a pack's levels, stages, clocks, limits, forces and roles."""
    typer.echo(summary_of(load_pack(name), said))
