"""Back up and restore the database with PostgreSQL's own programs."""

import subprocess
import tempfile
from pathlib import Path
from typing import ClassVar

from api.keeping.postgres.programs import find_client
from api.keeping.words import said
from geo.errors import MaplebridgeError

PROVIDED = (" SCHEMA - ", " COMMENT - SCHEMA ", " ACL - SCHEMA ", " EXTENSION ")
"""Entries of a dump that only a superuser can create; the target database has them already."""

BYPASS = (
    "A backup must hold every row, and row-level security binds the tables' owner too: on a server of your own, give "
    "the role of MAPLEBRIDGE_MIGRATION_DATABASE_URL the attribute BYPASSRLS."
)


CLEAR = """
SET client_min_messages = warning;
DO $$
DECLARE
    entry record;
BEGIN
    FOR entry IN
        SELECT 'TABLE' AS kind, oid::regclass::text AS name FROM pg_class AS c
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
        UNION ALL
        SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc AS p
        WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
    LOOP
        EXECUTE format('DROP %s %s CASCADE', entry.kind, entry.name);
    END LOOP;
END $$
"""
"""Drops all tables and functions, except those of extensions."""


class ProgramFailed(MaplebridgeError):
    """A PostgreSQL program failed. `params`: `program`, its `message`, and a `hint`."""

    code: ClassVar[str] = "postgres.program"

    def __str__(self) -> str:
        return f"{self.params['program']}: {self.params['message']} {self.params['hint']}"


def dump(conninfo: str, file: Path) -> None:
    """Write a dump beside `file` and move it there once it is complete, readable by its owner only.

    `conninfo` must be of a role that sees every row; otherwise the dump fails instead of being incomplete.
    """
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        options = (
            "--format=custom",
            "--schema=public",
            "--exclude-table=spatial_ref_sys",
            f"--file={part}",
            f"--dbname={conninfo}",
        )
        _run("pg_dump", *options, hint=said(BYPASS))
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def load(conninfo: str, file: Path) -> None:
    """Replace the database's contents by those of `file`, as the owner, in one transaction.

    Row-level security does not block it: a dump enables it after the rows are loaded.
    """
    hint = said("Nothing was changed.")
    entries = _run("pg_restore", "--list", str(file), hint=hint).splitlines()
    with tempfile.TemporaryDirectory() as folder:
        contents, script = Path(folder) / "contents", Path(folder) / "script.sql"
        contents.write_text("\n".join(e for e in entries if not any(word in e for word in PROVIDED)), encoding="utf8")
        _run("pg_restore", "--no-owner", f"--use-list={contents}", f"--file={script}", str(file), hint=hint)
        options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", f"--dbname={conninfo}")
        _run("psql", *options, f"--command={CLEAR}", f"--file={script}", hint=hint)


def _run(program: str, *arguments: str, hint: str) -> str:
    done = subprocess.run([find_client(program), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProgramFailed(program=program, message=done.stderr.strip(), hint=hint)
    return done.stdout
