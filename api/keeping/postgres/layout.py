"""Where the private cluster keeps its files and its socket, and why that keeps strangers out.

Everything lies in one folder that belongs to the server's account and that nobody else may enter. That folder is the
authentication: `pg_hba.conf` trusts the socket, because `peer` would turn root away from the two roles, and whoever can
reach the socket (the account itself, and root) could read the files as well.
"""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from api.keeping.postgres.programs import Account, PostgresError

LONGEST_SOCKET = 107
"""Bytes of a unix socket's path, a limit of the kernel."""

SOCKET_FILE = ".s.PGSQL.5432"
SHORT = "/tmp"  # noqa: S108 - `_make_private` refuses a folder that somebody else has put there.
ELSEWHERE = Path("/var/lib/maplebridge")


@dataclass(frozen=True, slots=True)
class Layout:
    """`home` holds all; `socket` is the folder of the socket, usually the same."""

    home: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.home / "data"


def lay_out(state: Path, account: Account) -> Layout:
    """Make the folders under `state` (`.maplebridge/`) that the account can work in. Raises PostgresError."""
    state.mkdir(mode=0o755, parents=True, exist_ok=True)
    home = state / "postgres"
    if not account.can_enter(state) and not home.is_symlink():
        home.symlink_to(_home_elsewhere())
    home = home.resolve()
    _make_private(home, account)
    socket = _socket_folder(home)
    _make_private(socket, account)
    return Layout(home=home, socket=socket)


def _home_elsewhere() -> Path:
    """A folder outside the checkout, for root's: its server's account cannot enter a home folder such as `/root`."""
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=ELSEWHERE))


def _socket_folder(home: Path) -> Path:
    """`home`, or where its path is too long for a socket, a short one that depends on it alone."""
    if len(os.fsencode(home / SOCKET_FILE)) <= LONGEST_SOCKET:
        return home
    runtime = os.environ.get("XDG_RUNTIME_DIR", "") if os.geteuid() else ""
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(runtime or SHORT) / f"maplebridge-{digest}"


def _make_private(folder: Path, account: Account) -> None:
    """Make `folder` the account's own. One that is somebody else's already is refused: `/tmp` is open to all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
        raise PostgresError(
            problem=f"{folder} belongs to somebody else.",
            remedy="Remove it, or run this as the user who made it.",
        )
    if found.st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
