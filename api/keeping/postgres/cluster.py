"""Start and stop the private cluster.

Every process that needs the cluster holds a shared lock on one file; the last one to leave stops the server. Each
holder also starts a stopper, a `flock` process that waits for the exclusive lock and gets it once all holders have
ended, however they ended, and then stops the server. So nothing keeps running, not even after `kill -9`, and the server
is never stopped while a process uses it. A server that was itself killed is restarted by one of the holders.
"""

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from api.keeping.postgres.configuration import write_configuration
from api.keeping.postgres.layout import SOCKET_FILE, Layout, create_layout
from api.keeping.postgres.programs import Account, PostgresError, Programs, find_programs
from api.keeping.postgres.restarting import Restarter
from api.keeping.postgres.roles import KEYS, SUPERUSER, Urls, key_of, make_database, make_roles, new_keys, urls_of
from api.keeping.words import said

START_SECONDS = 120
"""After a crash the server replays its log before it accepts connections."""

ORPHANS_SECONDS = 5.0
"""For the other processes of a killed server to end by themselves: as long as PostgreSQL gives them when it stops."""

ORPHANS_PAUSE_SECONDS = 0.2


class Cluster:
    """The private cluster under `state`. `durable=False` trades crash safety for speed, in tests."""

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        self.state = state.resolve()
        self.durable = durable
        self.account = Account.of_this_process()

    @cached_property
    def layout(self) -> Layout:
        return create_layout(self.state, self.account)

    @cached_property
    def programs(self) -> Programs:
        version = self.layout.data / "PG_VERSION"
        return find_programs(int(version.read_text()) if version.exists() else None)

    @property
    def socket(self) -> Path:
        return self.layout.socket

    @contextmanager
    def held(self) -> Iterator[Urls]:
        """Run the database, with its roles, as long as the block lasts. Raises `PostgresError`."""
        with (self.layout.home / "holders").open("a") as holders:
            fcntl.flock(holders, fcntl.LOCK_SH)
            stopper = self._start_stopper()
            try:
                self._start_once()
                with Restarter(self.postmaster, self._start_again):
                    yield urls_of(self.socket)
            finally:
                self._leave(holders, stopper)

    def is_running(self) -> bool:
        """Check whether any process of a server runs in the data folder."""
        return bool(self._processes())

    def _processes(self) -> list[int]:
        """Find PostgreSQL's processes in the data folder by `/proc`: after a crash `postmaster.pid` may name another
        process.
        """
        return [int(process.name) for process in Path("/proc").glob("[0-9]*") if self._is_of_server(process)]

    def _is_of_server(self, process: Path) -> bool:
        program = _link(process / "exe")
        # An upgrade under a running server leaves "postgres (deleted)".
        is_postgres = program is not None and program.name.startswith("postgres")
        return is_postgres and _link(process / "cwd") == self.layout.data

    def postmaster(self) -> int | None:
        """Return the process id of the server's first process, None if it has ended."""
        try:
            number = (self.layout.data / "postmaster.pid").read_text().partition("\n")[0]
        except FileNotFoundError:
            return None
        lives = number.isdigit() and self._is_of_server(Path("/proc") / number)
        return int(number) if lives else None

    def _start_once(self) -> None:
        """Start the server, with its roles, in one of several holders; the others wait."""
        with self._alone():
            if self._ensure_running():
                make_roles(self.socket)
                make_database(self.socket)

    def _start_again(self) -> None:
        """Start the server after it was killed."""
        with self._alone():
            self._ensure_running()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.layout.home / "starting").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            yield

    def _start_stopper(self) -> subprocess.Popen[bytes]:
        stop = [*self.account.prefix, *map(str, self._stop_command())]
        command = ["flock", "--exclusive", str(self.layout.home / "holders"), *stop]
        null = subprocess.DEVNULL
        return subprocess.Popen(command, cwd="/", stdin=null, stdout=null, stderr=null, start_new_session=True)

    def _leave(self, holders: IO[str], stopper: subprocess.Popen[bytes]) -> None:
        stopper.terminate()
        stopper.wait()
        try:
            fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        self.account.run(*self._stop_command())

    def _stop_command(self) -> tuple[str | Path, ...]:
        return (self.programs["pg_ctl"], "stop", "--pgdata", self.layout.data, "--mode=fast", "--wait")

    def _ensure_running(self) -> bool:
        """Return whether the server had to be started."""
        self._end_orphans()
        if self.postmaster() is not None:
            return False
        if not (self.layout.data / "PG_VERSION").exists():
            self._initialise()
        self._configure()
        self._start()
        return True

    def _end_orphans(self) -> None:
        """Wait until a killed server's other processes have ended, and kill those that do not: no server can start
        before, and one that waits for a lock of a killed one never ends.
        """
        patience = monotonic() + ORPHANS_SECONDS
        while (orphans := self._processes()) and self.postmaster() is None:
            if monotonic() > patience:
                for orphan in orphans:
                    with suppress(ProcessLookupError):
                        os.kill(orphan, signal.SIGKILL)
            sleep(ORPHANS_PAUSE_SECONDS)

    def _initialise(self) -> None:
        """Create the cluster in a temporary folder and move it when complete, so that an incomplete one is never
        started.
        """
        temporary = self.layout.home / "making"
        self.account.run("rm", "-rf", temporary)
        options = ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth=reject", "--no-instructions"]
        options += [] if self.durable else ["--no-sync"]
        made = self.account.run(self.programs["initdb"], "--username", SUPERUSER, *options, "--pgdata", temporary)
        if made.returncode:
            raise PostgresError(
                problem=said("initdb failed: {reason}", reason=made.stderr.strip()),
                remedy=said("Fix that and try again."),
            )
        temporary.rename(self.layout.data)

    def _configure(self) -> None:
        """Write settings and keys, and remove what a crash has left."""
        data = self.layout.data
        write_configuration(data, socket=self.socket, accounts=self.account.names(), durable=self.durable)
        for lock in (data / "postmaster.pid", self.socket / f"{SOCKET_FILE}.lock"):
            # A crash leaves these files, and PostgreSQL would take the process id in them, by now another process's
            # or a zombie's, for a running server.
            lock.unlink(missing_ok=True)
        kept = data / KEYS
        if not kept.exists():
            self._write_secret(kept, self._set_keys())
        self._write_secret(self.socket / KEYS, kept.read_text(encoding="utf8"))

    def _set_keys(self) -> str:
        """Give the superuser a new password and return the keys, while no server runs: no one can connect without."""
        keys = new_keys()
        statement = f"ALTER ROLE {SUPERUSER} PASSWORD '{key_of(keys, SUPERUSER)}'\n"
        alone = (self.programs["postgres"], "--single", "-D", self.layout.data, "-c", "log_statement=none")
        done = self.account.run(*alone, "postgres", stdin=statement)
        if done.returncode or "ERROR" in done.stderr:
            raise PostgresError(
                problem=said(
                    "PostgreSQL did not take its superuser's new password: {reason}", reason=done.stderr.strip()[-1000:]
                ),
                remedy=said("Fix that and try again."),
            )
        return keys

    def _write_secret(self, file: Path, text: str) -> None:
        """Write a file of the server's account that nobody else but root can read."""
        part = file.with_name(f"{file.name}.part")
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        part.write_text(text, encoding="utf8")
        os.chown(part, self.account.uid, self.account.gid)
        part.replace(file)

    def _start(self) -> None:
        data = self.layout.data
        log = self.layout.home / "start.log"
        options = ("--wait", f"--timeout={START_SECONDS}", "--silent", "--log", log)
        started = self.account.run(self.programs["pg_ctl"], "start", "--pgdata", data, *options)
        if started.returncode:
            last = log.read_text(encoding="utf8", errors="replace")[-1000:].strip() if log.exists() else ""
            raise PostgresError(
                problem=said("PostgreSQL did not start: {reason}", reason=f"{started.stderr.strip()} {last}"),
                remedy=said("Its log is in {folder}.", folder=self.layout.home / "log"),
            )


def _link(name: Path) -> Path | None:
    """Return where a link of `/proc` leads, or None if the process has ended or is not accessible."""
    try:
        return name.readlink()
    except OSError:
        return None
