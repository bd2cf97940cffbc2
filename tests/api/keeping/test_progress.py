"""Progress of long commands."""

import io
from threading import Event

import pytest
from rich.console import Console
from rich.progress import Progress as Bars

from api.keeping.commands import progress as progress_module
from api.keeping.commands.progress import STEPS, Progress, progress
from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import make_database, urls_of
from api.keeping.words.language import is_chinese


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("language", "counted", "uncounted"),
    [
        ("en_US.UTF-8", "storing rows, 40,000 / 100,000, 8 s, about 12 s left", "writing the backup, 8 s"),
        ("zh_CN.UTF-8", "入库，40,000 / 100,000，8 秒，约剩 12 秒", "写出备份，8 秒"),
    ],
)
def test_a_line_has_counts_and_an_estimate(
    monkeypatch: pytest.MonkeyPatch, language: str, counted: str, uncounted: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    clock = Clock()
    shown = Progress(Bars(console=Console(file=io.StringIO()), get_time=clock, disable=True))
    assert shown.line() == ""
    for done in (0, 20_000, 40_000):
        shown.step("store", done, 100_000)
        clock.now += 4
    clock.now -= 4
    assert shown.line() == counted
    shown.step("dump")
    clock.now += 8
    assert shown.line() == uncounted
    assert all(len(names) == 2 for names in STEPS.values())


def test_a_command_that_takes_long_prints_lines_on_standard_error_and_a_short_one_none(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with progress() as shown:
        shown.step("read")
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(progress_module, "QUIET_SECONDS", 0.0)
    printed = progress_module.print_lines
    monkeypatch.setattr(progress_module, "LINE_SECONDS", 1.0)
    ended = Event()
    monkeypatch.setattr(ended, "wait", lambda seconds: seconds > 0)
    with progress() as shown:
        shown.step("read")
        printed(shown, Console(stderr=True), ended)
    out, err = capfd.readouterr()
    assert out == "" and STEPS["read"][is_chinese()] in err


def test_a_migration_tells_how_many_steps_are_done(cluster: Cluster) -> None:
    make_database(cluster.socket, "stepwise")
    steps: list[tuple[int, int]] = []
    migrate(urls_of(cluster.socket, "stepwise").owner, to="0004", on_progress=lambda *step: steps.append(step))
    assert steps == [(n, 4) for n in range(5)]
