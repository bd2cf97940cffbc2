"""Databases as they were at an earlier version, filled by today's program: with the functions that it calls."""

from importlib import import_module

from sqlalchemy import create_engine, text

from api.keeping.migrations.history import migrate

CALLED = ("0048_first_doors", "FIRST_DOORS")
"""The migration that has the function by which cases are opened, and its statement. It replaces what it finds."""


def migrate_for_cases(owner_url: str, *, to: str) -> None:
    """Migrate to an earlier version in which today's program can open cases."""
    migrate(owner_url, to=to)
    module, statement = CALLED
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text(getattr(import_module(f"api.keeping.migrations.versions.{module}"), statement)))
    engine.dispose()
