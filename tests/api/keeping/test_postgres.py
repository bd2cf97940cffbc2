"""The private cluster: found or created, shared by its holders, stopped by the last of them."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Event

import psycopg
import pytest

from api.keeping.commands.serve import allow_connections
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.layout import LONGEST_SOCKET, SOCKET_FILE, create_layout
from api.keeping.postgres.programs import Account, PostgresError, find_programs
from api.keeping.postgres.restarting import Restarter
from api.keeping.postgres.roles import APP, EXTENSIONS, KEYS, OWNER, SUPERUSER, connect, conninfo_of, urls_of

pytestmark = pytest.mark.store

HOLD = """
import sys, time
from pathlib import Path
from api.keeping.postgres.cluster import Cluster

with Cluster(Path(sys.argv[1]), durable=False).held() as urls:
    print(urls.app, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder that the server's account can enter; it cannot enter pytest's own if we are root."""
    with tempfile.TemporaryDirectory(prefix="maplebridge test ", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / ".maplebridge"


def hold(state: Path) -> tuple[subprocess.Popen[str], str]:
    """Start another process that holds the cluster, and return the URL that it got."""
    pipe = subprocess.PIPE
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(state)], stdin=pipe, stdout=pipe, text=True)
    assert holder.stdout
    return holder, holder.stdout.readline().strip()


def answers(url: str) -> bool:
    with psycopg.connect(conninfo_of(url)) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def answered(url: str) -> bool:
    try:
        return answers(url)
    except psycopg.OperationalError:
        return False


def postmaster_of(cluster: Cluster) -> int:
    found = cluster.postmaster()
    assert found
    return found


def becomes_true(condition: Callable[[], bool], *, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_cluster_has_its_two_roles_and_its_extensions(cluster: Cluster) -> None:
    with connect(cluster.socket, "maplebridge") as server:
        roles = set(server.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname !~ '^pg_'"))
        assert roles == {("postgres", True, True), (OWNER, False, False), (APP, False, False)}
        assert {name for (name,) in server.execute("SELECT extname FROM pg_extension")} >= set(EXTENSIONS)
        settings = "SELECT current_setting('server_encoding'), current_setting('data_checksums')"
        assert server.execute(settings).fetchone() == ("UTF8", "on")


def test_a_cluster_has_no_tcp_port(cluster: Cluster) -> None:
    with connect(cluster.socket) as server:
        assert server.execute("SHOW listen_addresses").fetchone() == ("",)


def test_a_cluster_is_crash_safe_except_in_tests(state: Path) -> None:
    with Cluster(state).held(), connect(Cluster(state).socket) as server:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            assert server.execute(f"SHOW {name}").fetchone() == ("on",)


def test_only_its_account_can_enter_its_folder(cluster: Cluster) -> None:
    found = cluster.layout.home.stat()
    assert (found.st_uid, found.st_mode & 0o777) == (Account.of_this_process().uid, 0o700)


@pytest.mark.parametrize("role", [SUPERUSER, OWNER])
def test_the_servers_account_is_no_other_role_than_the_apps(cluster: Cluster, role: str) -> None:
    assert answers(urls_of(cluster.socket).app), "without a password"
    with pytest.raises(psycopg.OperationalError, match="no password"):
        psycopg.connect(host=str(cluster.socket), user=role, dbname="maplebridge", passfile="/dev/null").close()


def test_the_app_role_cannot_enter_other_databases(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="reject"):
        psycopg.connect(host=str(cluster.socket), user=APP, dbname="postgres").close()


def test_the_keys_of_owner_and_superuser_are_for_the_servers_account_only(cluster: Cluster) -> None:
    for folder in (cluster.socket, cluster.layout.data):
        found = (folder / KEYS).stat()
        assert (found.st_uid, found.st_mode & 0o777) == (Account.of_this_process().uid, 0o600)


def test_an_older_cluster_that_trusts_every_connection_gets_keys_at_its_next_start(state: Path) -> None:
    cluster = Cluster(state, durable=False)
    with cluster.held():
        with connect(cluster.socket) as server:
            server.execute(f"ALTER ROLE {SUPERUSER} PASSWORD NULL")
        for folder in (cluster.socket, cluster.layout.data):
            (folder / KEYS).unlink()
        (cluster.layout.data / "pg_hba.conf").write_text("local all all trust\n")
    with cluster.held() as urls:
        assert answers(urls.owner)
        with connect(cluster.socket) as server:
            assert server.execute("SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'trust'").fetchone() == (
                0,
            )
        with pytest.raises(psycopg.OperationalError, match="no password"):
            psycopg.connect(host=str(cluster.socket), user=SUPERUSER, dbname="postgres", passfile="/dev/null").close()


def test_the_last_holder_to_leave_stops_it(state: Path) -> None:
    other, url = hold(state)
    cluster = Cluster(state, durable=False)
    with cluster.held():
        other.communicate("")
        assert answers(url)
    assert not cluster.is_running()


def test_a_killed_holder_leaves_nothing_running(state: Path) -> None:
    holder, _ = hold(state)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert becomes_true(lambda: not Cluster(state, durable=False).is_running())


def test_a_killed_server_restarts_with_all_committed_data(state: Path) -> None:
    cluster = Cluster(state)
    with cluster.held() as urls:
        for n in range(2):
            with connect(cluster.socket, "maplebridge") as server:
                server.execute(f"CREATE TABLE kept_{n} AS SELECT 1 AS n")
            os.kill(postmaster_of(cluster), signal.SIGKILL)
            assert becomes_true(lambda: answered(urls.app))
            with connect(cluster.socket, "maplebridge") as server:
                assert server.execute(f"SELECT n FROM kept_{n}").fetchone() == (1,)
    assert not cluster.is_running()


def test_a_killed_server_restarts_though_a_process_of_it_hangs(state: Path) -> None:
    """As one does that waits for a lock of a killed one."""
    cluster = Cluster(state)
    with cluster.held() as urls, connect(cluster.socket) as hanging:
        os.kill(hanging.info.backend_pid, signal.SIGSTOP)
        os.kill(postmaster_of(cluster), signal.SIGKILL)
        assert becomes_true(lambda: answered(urls.app))


def test_a_shell_in_the_data_folder_is_no_server(state: Path) -> None:
    cluster = Cluster(state, durable=False)
    with cluster.held():
        pass
    with subprocess.Popen(["sleep", "300"], cwd=cluster.layout.data) as shell:
        assert not cluster.is_running()
        shell.kill()


def test_a_killed_server_restarts_while_any_holder_is_left(state: Path) -> None:
    other, url = hold(state)
    cluster = Cluster(state, durable=False)
    with cluster.held():
        os.kill(postmaster_of(cluster), signal.SIGKILL)
    assert becomes_true(lambda: answered(url))
    other.communicate("")
    assert not cluster.is_running()


def test_a_holder_with_many_files_open_still_sees_the_server_end() -> None:
    """`select` knows only the first 1,024 of them."""
    allow_connections()
    revived = Event()
    with ExitStack() as held, subprocess.Popen(["sleep", "300"]) as server:
        for _ in range(1_100):
            held.callback(os.close, os.eventfd(0))
        with Restarter(lambda: server.pid if server.poll() is None else None, revived.set):
            time.sleep(0.2)
            server.kill()
            assert revived.wait(10)


def test_a_process_with_a_dead_servers_pid_does_not_prevent_a_restart(state: Path) -> None:
    cluster = Cluster(state, durable=False)
    with cluster.held():
        pass
    words = [*cluster.account.prefix, "sleep", "300"]
    with subprocess.Popen(words) as stranger:
        for lock in (cluster.layout.data / "postmaster.pid", cluster.socket / f"{SOCKET_FILE}.lock"):
            lock.write_text(f"{stranger.pid}\n{cluster.layout.data}\n0\n5432\n\n\n\nready\n")
            os.chown(lock, cluster.account.uid, cluster.account.gid)
        try:
            with cluster.held() as urls:
                assert answers(urls.app)
        finally:
            stranger.kill()


def test_a_path_too_long_for_a_socket_gets_a_short_one(state: Path) -> None:
    deep = state / ("deep" * 25)
    layout = create_layout(deep, Account.of_this_process())
    assert layout.home.is_relative_to(deep)
    assert len(os.fsencode(layout.socket / SOCKET_FILE)) <= LONGEST_SOCKET
    assert layout == create_layout(deep, Account.of_this_process())
    layout.socket.rmdir()


def test_a_folder_of_another_user_is_refused(state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a stranger's folder")
    (state / "postgres").mkdir(parents=True)
    os.chown(state / "postgres", 12345, 12345)
    with pytest.raises(PostgresError, match="another user"):
        create_layout(state, Account.of_this_process())


def test_a_missing_version_is_reported_with_a_remedy() -> None:
    with pytest.raises(PostgresError, match=r"PostgreSQL 14 .*apt-get install"):
        find_programs(14)
