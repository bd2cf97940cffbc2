"""What must stand in a database server before the first migration: two roles, a database, its extensions.

The owner makes and owns the tables. The server works as the app role, which owns nothing and is bound by row-level
security. Only a superuser can add the extensions, so migrations never do.
"""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url

OWNER = "maplebridge_owner"
APP = "maplebridge_app"
SUPERUSER = "postgres"
DATABASE = "maplebridge"
EXTENSIONS = ("postgis", "ltree", "btree_gist")
LEAKPROOF = (
    "geometry_overlaps(geometry, geometry)",
    "geography_overlaps(geography, geography)",
    "ltree_isparent(ltree, ltree)",
    "ltree_risparent(ltree, ltree)",
)
"""What `&&` calls: it compares two bounding boxes and has no error to tell them by. And what `@>` and `<@` call on
paths, which have none either: the policies use it, and the planner takes no account of how many rows a policy lets
through unless it may try it on its statistics. It would take one in a hundred, and read all forces to find the nearest.

Row-level security lets only leakproof operators use an index before the policy has spoken; otherwise every look at a
small part of the map reads the whole table. A server whose keeper does not say so is right all the same, and slower.
"""


@dataclass(frozen=True, slots=True)
class Urls:
    """One database, seen as its two roles: SQLAlchemy URLs for psycopg."""

    owner: str
    app: str


def urls_of(folder: Path, database: str = DATABASE) -> Urls:
    """The URLs of a database whose socket lies in `folder`."""
    return Urls(owner=_url(folder, OWNER, database), app=_url(folder, APP, database))


def _url(folder: Path, role: str, database: str) -> str:
    url = URL.create("postgresql+psycopg", username=role, database=database, query={"host": str(folder)})
    return url.render_as_string(hide_password=False)


def conninfo_of(url: str) -> str:
    """A SQLAlchemy URL for PostgreSQL's own programs, which would read a `+` in it as a plus, not as a space."""
    parts = make_url(url)
    named = {"user": parts.username, "password": parts.password, "dbname": parts.database}
    reached = {"host": parts.host, "port": parts.port, **parts.query}
    return make_conninfo("", **{name: str(value) for name, value in {**named, **reached}.items() if value})


def connect(folder: Path, database: str = "postgres") -> psycopg.Connection:
    """A superuser's connection, committing as it goes: roles and databases are made outside transactions."""
    return psycopg.connect(host=str(folder), user=SUPERUSER, dbname=database, autocommit=True)


def make_roles(folder: Path) -> None:
    """Create both roles where they are missing. They have no password: the socket's folder is the door."""
    with connect(folder) as server:
        for role in (OWNER, APP):
            if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                name = sql.Identifier(role)
                server.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE").format(name))


def make_database(folder: Path, database: str = DATABASE) -> None:
    """Create `database` with its extensions where they are missing. Only the two roles may connect."""
    name = sql.Identifier(database)
    with connect(folder) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            server.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, sql.Identifier(OWNER)))
        server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        server.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, sql.Identifier(APP)))
    with connect(folder, database) as inside:
        for extension in EXTENSIONS:
            inside.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        for function in LEAKPROOF:
            inside.execute(sql.SQL("ALTER FUNCTION {} LEAKPROOF").format(sql.SQL(function)))
