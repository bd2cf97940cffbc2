"""PostgreSQL's own programs, and the account that may run them."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from geo.errors import MaplebridgeError

OLDEST = 15
"""`CREATE` on schema `public` is no longer everybody's from 15 on, and the migrations rely on it."""

ACCOUNT_OF_ROOT = "postgres"


class PostgresError(MaplebridgeError):
    """The private cluster cannot be used. `params`: `problem` and `remedy`, sentences for whoever keeps the machine."""

    code: ClassVar[str] = "postgres.unusable"

    def __str__(self) -> str:
        return f"{self.params['problem']} {self.params['remedy']}".strip()


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server: ourselves, or `postgres` where we are root, since PostgreSQL refuses to run as root."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    @classmethod
    def of_this_process(cls) -> "Account":
        if os.geteuid() != 0:
            return cls(uid=os.geteuid(), gid=os.getegid())
        try:
            entry = pwd.getpwnam(ACCOUNT_OF_ROOT)
        except KeyError as error:
            raise PostgresError(
                problem="PostgreSQL cannot run as root, and there is no account `postgres` to run it.",
                remedy="Install the package postgresql, or run this as an ordinary user.",
            ) from error
        switch = ("setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--init-groups", "--")
        return cls(uid=entry.pw_uid, gid=entry.pw_gid, prefix=switch)

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run as this account, from `/` since it need not be able to enter our folder. Output is kept, never shown."""
        words = [*self.prefix, *map(str, command)]
        return subprocess.run(words, cwd="/", capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)

    def can_enter(self, folder: Path) -> bool:
        return self.run("test", "-x", folder).returncode == 0


@dataclass(frozen=True, slots=True)
class Programs:
    """One installed PostgreSQL: where its programs are, and its major version."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> Path:
        return self.folder / name


def find_programs(major: int | None = None) -> Programs:
    """The newest PostgreSQL on this machine that has PostGIS, or the one of that `major`. Raises PostgresError.

    A cluster can only be run by the major version that made it, so an existing one asks for its own.
    """
    for found in sorted(_installed(), key=lambda programs: -programs.major):
        if major in (None, found.major) and found.major >= OLDEST and _has_postgis(found):
            return found
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST} or newer"
    raise PostgresError(
        problem=f"There is no {wanted} with PostGIS on this machine.",
        remedy="On Debian and Ubuntu: apt-get install postgresql postgis postgresql-postgis. Elsewhere install both by "
        "the system's own means, or set MAPLEBRIDGE_DATABASE_URL to a server that has them.",
    )


def find_client(name: str) -> Path:
    """The newest `pg_dump` or the like: an older one refuses a newer server. Raises PostgresError."""
    found = sorted(_installed(), key=lambda programs: -programs.major)
    if found:
        return found[0][name]
    on_path = shutil.which(name)
    if not on_path:
        raise PostgresError(
            problem=f"There is no {name} on this machine.", remedy="Install PostgreSQL's client programs."
        )
    return Path(on_path)


def _installed() -> Iterator[Programs]:
    """Debian's and Red Hat's folders, then whatever is on PATH."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists():
            version = subprocess.run([folder / "initdb", "--version"], capture_output=True, text=True, check=True)
            yield Programs(folder=folder, major=int(version.stdout.split()[2].split(".")[0]))


def _has_postgis(programs: Programs) -> bool:
    shared = subprocess.run([programs["pg_config"], "--sharedir"], capture_output=True, text=True, check=False)
    return (Path(shared.stdout.strip()) / "extension" / "postgis.control").exists()
