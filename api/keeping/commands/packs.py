"""`maplebridge packs`: check a pack, and show in words what it says."""

from typing import Annotated

import typer

from api.place.reading import load_pack
from api.place.summary import summary_of

app = typer.Typer(no_args_is_help=True, help="Check a pack, and show what it says.")

Name = Annotated[str, typer.Argument(help="A pack's name, or its folder.", metavar="NAME")]


@app.command()
def check(name: Name) -> None:
    """Say what is wrong with a pack, by file and line, and end with status 1; or say that it is in order."""
    pack = load_pack(name)
    typer.echo(f"{pack.key} is in order")


@app.command()
def show(name: Name) -> None:
    """Show a pack's levels, stages, clocks, limits, forces and roles."""
    typer.echo(summary_of(load_pack(name)))
