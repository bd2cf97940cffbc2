"""PostgreSQL's programs, and the account that runs them."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from api.keeping.words import said
from geo.errors import MaplebridgeError

OLDEST = 15
"""From 15 on, `CREATE` on schema `public` is not granted to all roles; the migrations rely on it."""

ACCOUNT_OF_ROOT = "postgres"


class PostgresError(MaplebridgeError):
    """The private cluster cannot be used. `params`: `problem` and `remedy`, sentences for the administrator."""

    code: ClassVar[str] = "postgres.unusable"

    def __str__(self) -> str:
        return f"{self.params['problem']} {self.params['remedy']}".strip()


@dataclass(frozen=True, slots=True)
class Account:
    """The account that runs the server: our own, or `postgres` if we are root, since PostgreSQL refuses to run as
    root.
    """

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
                problem=said("PostgreSQL cannot run as root, and there is no account `postgres` to run it."),
                remedy=said("Install the package postgresql, or run this as an ordinary user."),
            ) from error
        switch = ("setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--init-groups", "--")
        return cls(uid=entry.pw_uid, gid=entry.pw_gid, prefix=switch)

    def run(self, *command: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as this account, from `/`, since it may not be able to enter our folder. Output is captured."""
        full = [*self.prefix, *map(str, command)]
        return subprocess.run(full, cwd="/", capture_output=True, text=True, input=stdin, check=False)

    def names(self) -> list[str]:
        """Return the names of this account and of our own, which differ only where root runs the server."""
        return sorted({pwd.getpwuid(uid).pw_name for uid in (self.uid, os.geteuid())})

    def can_enter(self, folder: Path) -> bool:
        return self.run("test", "-x", folder).returncode == 0


@dataclass(frozen=True, slots=True)
class Programs:
    """An installed PostgreSQL: the folder of its programs, and its major version."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> Path:
        return self.folder / name


def find_programs(major: int | None = None) -> Programs:
    """Find the newest PostgreSQL on this machine with PostGIS, or the one of that `major`. Raises `PostgresError`.

    A cluster can only be run by the major version that created it.
    """
    for found in sorted(_installed(), key=lambda programs: -programs.major):
        if major in (None, found.major) and found.major >= OLDEST and _has_postgis(found):
            return found
    wanted = said("PostgreSQL {major}", major=major) if major else said("PostgreSQL {major} or newer", major=OLDEST)
    raise PostgresError(
        problem=said("There is no {wanted} with PostGIS on this machine.", wanted=wanted),
        remedy=said(
            "On Debian and Ubuntu: apt-get install postgresql postgis postgresql-postgis. On other systems install "
            "both with the package manager, or set MAPLEBRIDGE_DATABASE_URL to a server that has them."
        ),
    )


def find_client(name: str) -> Path:
    """Find the newest `pg_dump` or other client: an older one refuses a newer server. Raises `PostgresError`."""
    found = sorted(_installed(), key=lambda programs: -programs.major)
    if found:
        return found[0][name]
    on_path = shutil.which(name)
    if not on_path:
        raise PostgresError(
            problem=said("There is no {name} on this machine.", name=name),
            remedy=said("Install PostgreSQL's client programs."),
        )
    return Path(on_path)


def _installed() -> Iterator[Programs]:
    """Search the folders of Debian and Red Hat, then PATH."""
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
