"""Let the stores of a worker share what they have compiled, as all requests of one server do.

SQLAlchemy keeps compiled statements by engine and dialect, and each test has a store of its own: it would compile anew
whatever the last test has asked, which takes longer than asking it.
"""

from typing import Any

from sqlalchemy import Engine, util
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg, PGDialectAsync_psycopg

MOST_STATEMENTS = 2000
"""More than a worker's tests put, in most runs."""

_compiled: util.LRUCache[Any, Any] = util.LRUCache(MOST_STATEMENTS)


class OneDialect(PGDialectAsync_psycopg):
    """The dialect of all stores: each sets it up by its own first connection, to the same."""

    supports_statement_cache = True
    _only: "OneDialect | None" = None

    def __new__(cls, **_: Any) -> "OneDialect":
        if OneDialect._only is None:
            OneDialect._only = super().__new__(cls)
        return OneDialect._only

    def __init__(self, **given: Any) -> None:
        if not self.__dict__:
            super().__init__(**given)

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine._compiled_cache = _compiled


def share_statements() -> None:
    """From now on, for the stores that are opened."""
    PGDialect_psycopg.get_async_dialect_cls = classmethod(lambda cls, url: OneDialect)  # type: ignore[method-assign]
