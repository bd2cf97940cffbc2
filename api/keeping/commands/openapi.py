"""`maplebridge openapi`: print the OpenAPI document, for client generators."""

import json

import typer

from api.app import create_app
from api.place.reading import load_pack
from api.settings import Settings
from geo.store import Store

UNUSED_DATABASE = "postgresql+psycopg:///nowhere"
"""URL of a database that does not exist: the document needs no connection."""


def openapi() -> None:
    """Print the OpenAPI document. Needs no server and no database."""
    typer.echo(document(), nl=False)


def document() -> str:
    """Return the document as text, always the same for the same code."""
    settings = Settings()
    app = create_app(settings, pack=load_pack(settings.county), store=Store(UNUSED_DATABASE))
    return json.dumps(app.openapi(), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
