"""`maplebridge openapi`: the interface's own description, for whoever makes a client of it."""

import json

import typer

from api.app import create_app
from api.place.pack import load_pack
from api.settings import Settings
from geo.store import Store

NOWHERE = "postgresql+psycopg:///nowhere"
"""A store that nobody asks anything: describing the interface needs no database."""


def openapi() -> None:
    """Print the OpenAPI document. No server and no database has to run."""
    typer.echo(document(), nl=False)


def document() -> str:
    """The document as text, always the same for the same code."""
    settings = Settings()
    app = create_app(settings, pack=load_pack(settings.county), store=Store(NOWHERE))
    return json.dumps(app.openapi(), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
