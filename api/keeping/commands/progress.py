"""Progress of long commands on standard error: a bar on a terminal, else a line now and then."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from api.keeping.words.language import is_chinese

STEPS = {
    "read": ("reading the file", "读取文件"),
    "check": ("checking rows", "核验各行"),
    "store": ("storing rows", "入库"),
    "count": ("counting incidents", "统计事件"),
    "write": ("writing the file", "写出文件"),
    "migrate": ("migrating the database", "升级数据库"),
    "dump": ("writing the backup", "写出备份"),
    "attachments": ("copying attachments", "复制附件"),
    "restore": ("restoring the backup", "恢复备份"),
}
"""Names of steps, in English and Chinese."""

QUIET_SECONDS = 2.0
"""A command that is over sooner prints nothing."""
LINE_SECONDS = 10.0


class Progress:
    """The step that a command is at. `step` may be called from any thread, and as often as there is news."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self._task: Task | None = None
        self._name = ""

    def step(self, name: str, done: int = 0, total: int | None = None) -> None:
        """Show `done` of `total` of a step; without a total only for how long it has run."""
        if self._task is None or name != self._name:
            for task_id in self.bars.task_ids:
                self.bars.remove_task(task_id)
            added = self.bars.add_task(STEPS[name][is_chinese()], total=total)
            self._task = next(task for task in self.bars.tasks if task.id == added)
            self._name = name
        self.bars.update(self._task.id, completed=done, total=total)

    def line(self) -> str:
        """Describe the present step in a line; empty before the first."""
        return line_of(self._task, chinese=is_chinese()) if self._task else ""


def line_of(task: Task, *, chinese: bool) -> str:
    """Return name, counts, seconds so far and the estimate of those left."""
    words = [task.description]
    if task.total:
        words.append(f"{task.completed:,.0f} / {task.total:,.0f}")
    elapsed, left = task.elapsed or 0.0, task.time_remaining
    words.append(f"{elapsed:.0f} 秒" if chinese else f"{elapsed:.0f} s")
    if task.total and left is not None and not task.finished:
        words.append(f"约剩 {left:.0f} 秒" if chinese else f"about {left:.0f} s left")
    return ("，" if chinese else ", ").join(words)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show the steps of the block on standard error, which scripts that read standard output do not see."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    bars = Bars(*columns, *times, console=console, transient=True, disable=not console.is_terminal)
    shown, ended = Progress(bars), Event()
    lines = Thread(target=print_lines, args=(shown, console, ended), daemon=True)
    with bars:
        if not console.is_terminal:
            lines.start()
        try:
            yield shown
        finally:
            ended.set()


def print_lines(shown: Progress, console: Console, ended: Event) -> None:
    """Print a line now and then until the command has ended."""
    wait = QUIET_SECONDS
    while not ended.wait(wait):
        if line := shown.line():
            console.print(line, highlight=False, soft_wrap=True)
        wait = LINE_SECONDS
