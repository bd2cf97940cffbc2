"""The suite itself: tiers, the order of files, and checks beside it that fail the whole."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.shared import CHECKOUT
from tests.suite import memory
from tests.suite.memory import folder_in_memory, own_prefix, remove_left
from tests.suite.order import put_longest_first, read_durations
from tests.suite.orphans import end_with_parent
from tests.suite.tiers import tier_of


@pytest.mark.parametrize(
    ("fixtures", "tier"),
    [
        (set(), "quick"),
        ({"tmp_path"}, "quick"),
        ({"session", "shared_database", "cluster"}, "store"),
        ({"site", "cluster"}, "served"),
        ({"screens", "browser"}, "served"),
    ],
)
def test_a_tests_tier_follows_from_what_it_rests_on(fixtures: set[str], tier: str) -> None:
    assert tier_of(fixtures) == tier


def test_the_longest_files_run_first_and_their_tests_keep_their_order() -> None:
    names = ["a.py::1", "a.py::2", "new.py::1", "b.py::1", "c.py::1", "b.py::2"]
    items = [SimpleNamespace(nodeid=name) for name in names]
    put_longest_first(items, {"a.py": 2.0, "b.py": 60.0, "c.py": 2.0})  # type: ignore[arg-type]
    assert [item.nodeid for item in items] == ["b.py::1", "b.py::2", "new.py::1", "a.py::1", "a.py::2", "c.py::1"]


def test_a_new_file_is_taken_for_an_average_one_of_its_folder() -> None:
    items = [SimpleNamespace(nodeid=f"{name}::1") for name in ("api/a.py", "other/new.py", "browser/new.py")]
    put_longest_first(items, {"api/a.py": 20.0, "browser/a.py": 40.0, "browser/b.py": 20.0})  # type: ignore[arg-type]
    assert [item.nodeid for item in items] == ["browser/new.py::1", "api/a.py::1", "other/new.py::1"]


def test_files_of_the_browser_are_spread_among_the_others() -> None:
    """Two that are at a browser at once take three times as long as one after the other."""
    seconds = {"browser/a.py": 50.0, "browser/b.py": 40.0, "api/a.py": 60.0, "api/b.py": 50.0, "api/c.py": 10.0}
    items = [SimpleNamespace(nodeid=f"{file}::1") for file in sorted(seconds)]
    put_longest_first(items, seconds)  # type: ignore[arg-type]
    files = [item.nodeid.partition("::")[0] for item in items]
    assert files == ["browser/a.py", "api/a.py", "api/b.py", "browser/b.py", "api/c.py"]


def test_databases_lie_on_the_disk_where_memory_has_no_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memory, "MEMORY", tmp_path)
    monkeypatch.setattr(memory, "ROOM_BYTES", 1)
    assert folder_in_memory() == tmp_path
    monkeypatch.setattr(memory, "ROOM_BYTES", 2**80)
    assert folder_in_memory() is None
    monkeypatch.setattr(memory, "MEMORY", tmp_path / "missing")
    assert folder_in_memory() is None


def test_what_a_killed_run_left_in_memory_is_removed(tmp_path: Path) -> None:
    mine, left = tmp_path / f"{own_prefix()}a", tmp_path / f"{memory.PREFIX}99999999-b"
    for folder in (mine, left):
        folder.mkdir()
    remove_left(tmp_path)
    assert mine.exists() and not left.exists()


def wait_for_the_end() -> None:
    end_with_parent()
    time.sleep(60)


@pytest.mark.served
def test_a_forked_process_ends_with_a_killed_run() -> None:
    begin = (
        "import os; from multiprocessing import get_context; from tests.house.test_suite import wait_for_the_end;"
        "child = get_context('forkserver').Process(target=wait_for_the_end); child.start();"
        "print(child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    with subprocess.Popen([sys.executable, "-c", begin], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout
        child = Path("/proc", killed.stdout.readline().strip())
    assert child.name.isdigit()
    for _ in range(300):
        if not child.exists():
            return
        time.sleep(0.1)
    raise AssertionError("it runs on")


def test_recorded_durations_are_of_files_that_exist() -> None:
    assert [file for file in read_durations() if not (CHECKOUT / file).exists()] == []


A_TEST = "tests/house/test_compose.py::test_the_database_of_compose_has_what_migrations_never_add"


@pytest.mark.served
@pytest.mark.parametrize(("failed", "status"), [("", 0), ("eslint\n", 1)])
def test_a_check_that_fails_beside_the_tests_fails_the_whole_and_the_summary_stays_last(
    tmp_path: Path, failed: str, status: int
) -> None:
    if failed:
        (tmp_path / "failed").write_text(failed)
    (tmp_path / "done").touch()
    words = [sys.executable, "-m", "pytest", "-n0", "-p", "no:cacheprovider", A_TEST]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        words, cwd=CHECKOUT, env=environment | {"PYTEST_STEPS": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == status, done.stdout
    assert "1 passed" in done.stdout.splitlines()[-1]
    assert ("check eslint" in done.stdout) == bool(failed)
