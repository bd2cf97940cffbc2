"""Schema of the database, as Alembic migrations."""
