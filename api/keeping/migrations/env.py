"""Alembic environment. Runs on the owner's connection, which the caller passes; settings are not read here."""

from collections.abc import Callable
from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql.base import ischema_names

from api.keeping.migrations.tables import metadata
from geo.store import Ltree

is_ours: Callable[..., bool] = alembic_helpers.include_object
ischema_names["ltree"] = Ltree

PARTITIONS = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"


def run(connection: Connection) -> None:
    """Migrate the schema in one transaction, or compare it with the tables declared in the code."""
    partitions = set(connection.execute(text(PARTITIONS)).scalars())

    def include(item: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
        """Leave out PostGIS's own tables, and partitions, which are added and dropped daily."""
        if kind == "table" and name in partitions:
            return False
        return is_ours(item, name, kind, reflected, compared)

    on_step = context.config.attributes.get("on_step")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=include,
        compare_type=True,
        on_version_apply=on_step,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
