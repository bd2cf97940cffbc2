"""Terminal messages of commands that send to a server."""

import typer

from api.keeping.words import said
from geo.errors import MaplebridgeError
from ingest.simulator.server_client import Trouble


def print_trouble(trouble: Trouble) -> None:
    """Print one line on standard error when the server stops responding, or responds again."""
    if trouble.reason is None:
        typer.echo(said("maplebridge: {url} responds again", url=trouble.url), err=True)
    else:
        text = "maplebridge: {url} does not respond ({reason}); retrying in {seconds:g} s"
        typer.echo(said(text, url=trouble.url, reason=trouble.reason, seconds=trouble.again_s), err=True)


def first_refusal(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first refusal in an exception group, or the group itself if it has none."""
    for each in several.exceptions:
        found = first_refusal(each) if isinstance(each, BaseExceptionGroup) else each
        if isinstance(found, MaplebridgeError):
            return found
    return several
