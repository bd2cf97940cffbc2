"""What commands that send to a server say at the terminal when it does not answer."""

import typer

from geo.errors import MaplebridgeError
from ingest.simulator.door import Trouble


def tell(trouble: Trouble) -> None:
    """One line on standard error."""
    if trouble.reason is None:
        typer.echo(f"maplebridge: {trouble.url} answers again", err=True)
    else:
        typer.echo(
            f"maplebridge: {trouble.url} does not answer ({trouble.reason}); trying again in {trouble.again_s:g} s",
            err=True,
        )


def first_refusal(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first refusal in a group of what went wrong at once; the group itself where there is none."""
    for each in several.exceptions:
        found = first_refusal(each) if isinstance(each, BaseExceptionGroup) else each
        if isinstance(found, MaplebridgeError):
            return found
    return several
