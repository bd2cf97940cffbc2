"""Prepare a database server for the first migration: two roles, a database, its extensions.

The owner creates and owns the tables. The server connects as the app role, which owns nothing and is bound by row-level
security. Only a superuser can create the extensions, so migrations never do.

In the private cluster the account that runs the server is the app role by the operating system's word (`peer`). Owner
and superuser have passwords, in a file beside the socket that only migrations, backups and the start of the cluster
read: whoever makes the server run SQL of their own, or open a connection, gets no further than the app role.
"""

import secrets
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
"""Functions behind `&&`, which compares two bounding boxes, and behind `@>` and `<@` on paths. None of them can leak a
value by an error.

Row-level security evaluates only leakproof operators before the policy; without them every query of a small part of the
map reads the whole table. The policies use the path operators, whose selectivity the planner estimates from statistics
only if they are leakproof; otherwise it assumes one row in a hundred, and reads all forces to find the nearest. Without
superuser rights to set this, results are the same but slower.
"""


@dataclass(frozen=True, slots=True)
class Urls:
    """SQLAlchemy URLs of one database for its two roles."""

    owner: str
    app: str


KEYS = "keys.pgpass"
"""File beside the socket with the passwords of owner and superuser, in the form that libpq reads."""


def new_keys() -> str:
    """Draw passwords of owner and superuser, as a password file of libpq."""
    return "".join(f"*:*:*:{role}:{secrets.token_hex(32)}\n" for role in (OWNER, SUPERUSER))


def key_of(keys: str, role: str) -> str:
    """Return the password of a role from the contents of a password file."""
    return next(line.rpartition(":")[2] for line in keys.splitlines() if line.split(":")[3] == role)


def urls_of(folder: Path, database: str = DATABASE) -> Urls:
    """Return the URLs of a database whose socket lies in `folder`."""
    app = _url(APP, database, host=str(folder))
    return Urls(owner=_url(OWNER, database, host=str(folder), passfile=str(folder / KEYS)), app=app)


def _url(role: str, database: str, **query: str) -> str:
    url = URL.create("postgresql+psycopg", username=role, database=database, query=query)
    return url.render_as_string(hide_password=False)


def conninfo_of(url: str) -> str:
    """Convert a SQLAlchemy URL for PostgreSQL's own programs, which read a `+` as a plus, not as a space."""
    parts = make_url(url)
    named = {"user": parts.username, "password": parts.password, "dbname": parts.database}
    reached = {"host": parts.host, "port": parts.port, **parts.query}
    return make_conninfo("", **{name: str(value) for name, value in {**named, **reached}.items() if value})


def conninfo_of_superuser(folder: Path, database: str = "postgres") -> str:
    return make_conninfo(host=str(folder), user=SUPERUSER, dbname=database, passfile=str(folder / KEYS))


def connect(folder: Path, database: str = "postgres") -> psycopg.Connection:
    """Connect as superuser with autocommit: roles and databases cannot be created in transactions."""
    return psycopg.connect(conninfo_of_superuser(folder, database), autocommit=True)


def make_roles(folder: Path) -> None:
    """Create both roles if they are missing, and give the owner its password. The app role has none."""
    with connect(folder) as server:
        for role in (OWNER, APP):
            if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                name = sql.Identifier(role)
                server.execute(sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE").format(name))
        password = sql.Literal(key_of((folder / KEYS).read_text(encoding="utf8"), OWNER))
        server.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(OWNER), password))


def make_database(folder: Path, database: str = DATABASE) -> None:
    """Create `database` with its extensions if they are missing. Only the two roles may connect."""
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
