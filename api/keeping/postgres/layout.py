"""Folders of the private cluster and its socket, and how they keep other users out.

All files are in one folder that belongs to the server's account and that other users cannot enter. Inside it each
connection is authenticated once more: see `roles`.
"""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from api.keeping.postgres.programs import Account, PostgresError
from api.keeping.words import said

LONGEST_SOCKET = 107
"""The kernel's limit for the path of a unix socket, in bytes."""

SOCKET_FILE = ".s.PGSQL.5432"
SHORT = "/tmp"  # noqa: S108 - `_make_private` refuses a folder of another user.
ELSEWHERE = Path("/var/lib/maplebridge")


@dataclass(frozen=True, slots=True)
class Layout:
    """`home` holds all files; `socket` is the folder of the socket, usually the same."""

    home: Path
    socket: Path

    @property
    def data(self) -> Path:
        return self.home / "data"


def create_layout(state: Path, account: Account) -> Layout:
    """Create folders under `state` (`.maplebridge/`) that the account can enter. Raises `PostgresError`."""
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
    """Create a folder outside the checkout when root runs it: the server's account cannot enter `/root`."""
    ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=ELSEWHERE))


def _socket_folder(home: Path) -> Path:
    """Return `home`, or a short folder derived from it if its path is too long for a socket."""
    if len(os.fsencode(home / SOCKET_FILE)) <= LONGEST_SOCKET:
        return home
    runtime = os.environ.get("XDG_RUNTIME_DIR", "") if os.geteuid() else ""
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(runtime or SHORT) / f"maplebridge-{digest}"


def _make_private(folder: Path, account: Account) -> None:
    """Make `folder` the account's own. Refuse one that belongs to another user, since `/tmp` is writable by all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (account.uid, os.geteuid()):
        raise PostgresError(
            problem=said("{folder} belongs to another user.", folder=folder),
            remedy=said("Remove it, or run this as its owner."),
        )
    if found.st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
