"""What pytest calls: tiers, order and checks beside the tests. `tests/conftest.py` takes these hooks over."""

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvloop
from hypothesis import HealthCheck, settings

from tests.property.depth import examples
from tests.suite.order import OneWorkerForSharing, Recorder, put_longest_first, read_durations
from tests.suite.statements import share_statements
from tests.suite.steps import failed_steps, folder_of_steps, stop_steps
from tests.suite.tiers import mark_tiers

# No property fails by the clock, and each is tried as far as `MAPLEBRIDGE_FAULTS` asks for.
settings.register_profile(
    "suite", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

MOST_WORKERS = 8
"""Each has a PostgreSQL of its own, and some have a browser."""

NEW_OBJECTS = 20_000
"""New objects that start a garbage collection."""

RECORDER = pytest.StashKey[Recorder]()
FAILED = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-durations", action="store_true", help="write tests/suite/durations.json anew")
    parser.addoption("--pictures", action="store_true", help="take the pictures of the guide anew")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RECORDER] = Recorder()
    config.stash[FAILED] = []
    config.pluginmanager.register(Counting(config.stash[RECORDER]))
    share_statements()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One worker more than there are processors: half of the time a test waits, for a database or a browser.

    Not so the quick ones, and each worker imports all tests for itself.
    """
    waiting = config.getoption("markexpr") != "quick"
    return min(len(os.sched_getaffinity(0)) + waiting, MOST_WORKERS)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneWorkerForSharing:
    return OneWorkerForSharing(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The server's event loop, in tests as well."""
    return {"uvloop": uvloop.new_event_loop}


class Counting:
    """Hands each report to the recorder."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._recorder.add(report)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Look for no garbage while tests are collected: nearly all that is made meanwhile stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark before `-m` chooses; sort where workers take files one after another."""
    mark_tiers(items)
    if os.environ.get("PYTEST_XDIST_WORKER"):
        put_longest_first(items, read_durations())


def pytest_collection_finish() -> None:
    """Leave what is loaded out of garbage collection, as the server does: it is there to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Wait for the checks, unless a worker's session or an interrupted one ends."""
    folder = folder_of_steps()
    if hasattr(session.config, "workerinput"):
        return
    if session.config.getoption("--record-durations"):
        session.config.stash[RECORDER].write()
    if folder is None:
        return
    if exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR):
        stop_steps(folder)
        return
    session.config.stash[FAILED] = failed_steps(folder)
    if session.config.stash[FAILED]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what tests measured (figures that fail no test, since they are the machine's too), and what failed."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid}: {name}: {value}")
    for worker, seconds in sorted(config.stash[RECORDER].by_worker.items()):
        terminalreporter.write_line(f"{worker} worked {seconds:.0f} s")
    for name in config.stash[FAILED]:
        terminalreporter.write_line(f"FAILED check {name}: its output stands above, on standard error", red=True)
