"""Starting and stopping the private cluster.

Every process that needs it holds a shared lock on one file; the last one to leave stops the server. Beside each holder
waits a keeper, a `flock` process that gets the lock once all holders are gone, however they went, and then stops the
server. So nothing stays running, not even after `kill -9`, and nobody has the server stopped under them. A server that
was itself killed is started again by whichever holder comes first.
"""

import fcntl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO

from api.keeping.postgres.configuration import write_configuration
from api.keeping.postgres.layout import SOCKET_FILE, Layout, lay_out
from api.keeping.postgres.programs import Account, PostgresError, Programs, find_programs
from api.keeping.postgres.reviving import Reviver
from api.keeping.postgres.roles import SUPERUSER, Urls, make_database, make_roles, urls_of

START_SECONDS = 120
"""After a crash the server replays its log before it answers."""


class Cluster:
    """The private cluster under `state`. `durable=False` trades crash safety for speed, in tests."""

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        self.state = state.resolve()
        self.durable = durable
        self.account = Account.of_this_process()

    @cached_property
    def layout(self) -> Layout:
        return lay_out(self.state, self.account)

    @cached_property
    def programs(self) -> Programs:
        version = self.layout.data / "PG_VERSION"
        return find_programs(int(version.read_text()) if version.exists() else None)

    @property
    def socket(self) -> Path:
        return self.layout.socket

    @contextmanager
    def held(self) -> Iterator[Urls]:
        """The database, running and with its roles, as long as the block lasts. Raises PostgresError."""
        with (self.layout.home / "holders").open("a") as holders:
            fcntl.flock(holders, fcntl.LOCK_SH)
            keeper = self._set_keeper()
            try:
                self._start_once()
                with Reviver(self.postmaster, self._start_once):
                    yield urls_of(self.socket)
            finally:
                self._leave(holders, keeper)

    def is_running(self) -> bool:
        """Whether a server lives in the data folder, by `/proc`: after a crash `postmaster.pid` may name a stranger."""
        return any(_working_folder(process) == self.layout.data for process in Path("/proc").glob("[0-9]*"))

    def postmaster(self) -> int | None:
        """The number of the server's first process, None where it has ended."""
        try:
            number = (self.layout.data / "postmaster.pid").read_text().partition("\n")[0]
        except FileNotFoundError:
            return None
        lives = number.isdigit() and _working_folder(Path("/proc") / number) == self.layout.data
        return int(number) if lives else None

    def _start_once(self) -> None:
        """Of several holders one starts the server, and the others wait for it."""
        with (self.layout.home / "starting").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            self._ensure_running()

    def _set_keeper(self) -> subprocess.Popen[bytes]:
        stop = [*self.account.prefix, *map(str, self._stop_command())]
        words = ["flock", "--exclusive", str(self.layout.home / "holders"), *stop]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(words, cwd="/", stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)

    def _leave(self, holders: IO[str], keeper: subprocess.Popen[bytes]) -> None:
        keeper.terminate()
        keeper.wait()
        try:
            fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        self.account.run(*self._stop_command())

    def _stop_command(self) -> tuple[str | Path, ...]:
        return (self.programs["pg_ctl"], "stop", "--pgdata", self.layout.data, "--mode=fast", "--wait")

    def _ensure_running(self) -> None:
        if self.is_running():
            return
        if not (self.layout.data / "PG_VERSION").exists():
            self._initialise()
        self._start()
        make_roles(self.socket)
        make_database(self.socket)

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there whole, so that a half-made one is never started."""
        making = self.layout.home / "making"
        self.account.run("rm", "-rf", making)
        options = ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth=trust", "--no-instructions"]
        options += [] if self.durable else ["--no-sync"]
        made = self.account.run(self.programs["initdb"], "--username", SUPERUSER, *options, "--pgdata", making)
        if made.returncode:
            raise PostgresError(problem=f"initdb failed: {made.stderr.strip()}", remedy="Mend that and try again.")
        making.rename(self.layout.data)

    def _start(self) -> None:
        data = self.layout.data
        write_configuration(data, socket=self.socket, durable=self.durable)
        for lock in (data / "postmaster.pid", self.socket / f"{SOCKET_FILE}.lock"):
            # A crash leaves them, and the number in them is a stranger's by now or a dead process' that nobody has
            # buried yet: PostgreSQL would take either for itself.
            lock.unlink(missing_ok=True)
        log = self.layout.home / "start.log"
        options = ("--wait", f"--timeout={START_SECONDS}", "--silent", "--log", log)
        started = self.account.run(self.programs["pg_ctl"], "start", "--pgdata", data, *options)
        if started.returncode:
            last = log.read_text(encoding="utf8", errors="replace")[-1000:].strip() if log.exists() else ""
            raise PostgresError(
                problem=f"PostgreSQL did not start: {started.stderr.strip()} {last}",
                remedy=f"Its log is in {self.layout.home / 'log'}.",
            )


def _working_folder(process: Path) -> Path | None:
    """The folder a process works in, or None where it has ended or is not ours to look at."""
    try:
        return (process / "cwd").readlink()
    except OSError:
        return None
