"""Run the longest files first, so that no worker is left alone with one at the end, and those that share a county one
after another.

`durations.json` holds the seconds that each file took; `pytest --record-durations` writes it anew. A file that is not
in it is taken for an average one of its folder.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import mean

import pytest
from xdist.scheduler.loadfile import LoadFileScheduling

FILE = Path(__file__).with_name("durations.json")
SHARE_A_COUNTY = frozenset(
    f"tests/browser/test_{name}.py"
    for name in (
        "access",
        "board",
        "closures",
        "evidence",
        "hall",
        "phone",
        "reach",
        "record",
        "roles",
        "sending",
    )
)
"""Files whose tests do not mind what those of the others have left: closed incidents. They have one served county."""

SHARED = "share a county"
"""The scope of all these files."""

UNKNOWN_SECONDS = 3.0
"""What a file is taken for whose folder holds no known one."""


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def read_durations() -> dict[str, float]:
    """Seconds by file."""
    found: dict[str, float] = json.loads(FILE.read_text(encoding="utf8"))
    return found


def put_longest_first(items: list[pytest.Item], durations: Mapping[str, float]) -> None:
    """Sort the tests by the time of their file, descending; those of one file keep their order.

    Files of the browser are spread among the others, so that about one worker in three is at one: a browser draws with
    the processor, and two at once take three times as long as one after the other.
    """
    averages = averages_of(durations)
    files = {file_of(item.nodeid) for item in items}
    seconds = {file: durations.get(file, averages.get(folder_of(file), UNKNOWN_SECONDS)) for file in files}
    places = {scope: number for number, scope in enumerate(_spread(seconds))}

    def place(item: pytest.Item) -> tuple[int, float, str]:
        file = file_of(item.nodeid)
        return places[scope_of(file)], -seconds[file], file

    items.sort(key=place)


def scope_of(file: str) -> str:
    """Return what one worker takes at once: a file, or all files that share a county."""
    return SHARED if file in SHARE_A_COUNTY else file


def _spread(seconds: Mapping[str, float]) -> list[str]:
    """Return the scopes, the longest first, with a browser's wherever these have had less than a third of the time."""
    totals: defaultdict[str, float] = defaultdict(float)
    for file, taken in seconds.items():
        totals[scope_of(file)] += taken
    longest_first = sorted(totals, key=lambda scope: (-totals[scope], scope))
    waiting = {is_drawn: [one for one in longest_first if is_browsers(one) is is_drawn] for is_drawn in (True, False)}
    spent, found = {True: 0.0, False: 0.0}, []
    while waiting[True] or waiting[False]:
        is_drawn = bool(waiting[True]) and (not waiting[False] or 2 * spent[True] <= spent[False])
        found.append(scope := waiting[is_drawn].pop(0))
        spent[is_drawn] += totals[scope]
    return found


def is_browsers(scope: str) -> bool:
    return scope == SHARED or "/browser/" in f"/{scope}"


def folder_of(file: str) -> str:
    return file.rpartition("/")[0]


def averages_of(durations: Mapping[str, float]) -> dict[str, float]:
    """The mean time of a folder's files."""
    by_folder: defaultdict[str, list[float]] = defaultdict(list)
    for file, seconds in durations.items():
        by_folder[folder_of(file)].append(seconds)
    return {folder: mean(seconds) for folder, seconds in by_folder.items()}


class OneWorkerForSharing(LoadFileScheduling):
    """Gives workers one file after another, and all that share a county to the same."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(file_of(nodeid))


class Recorder:
    """Adds up how long each file and each worker took."""

    def __init__(self) -> None:
        self.by_file: defaultdict[str, float] = defaultdict(float)
        self.by_worker: defaultdict[str, float] = defaultdict(float)

    def add(self, report: pytest.TestReport) -> None:
        """Count one phase of one test."""
        self.by_file[file_of(report.nodeid)] += report.duration
        node = getattr(report, "node", None)
        if node is not None:
            self.by_worker[node.gateway.id] += report.duration

    def write(self) -> None:
        """Record the files that ran; others keep what they had, if they are still there."""
        known = {file: seconds for file, seconds in read_durations().items() if (FILE.parents[2] / file).exists()}
        merged = known | {file: round(seconds, 1) for file, seconds in self.by_file.items()}
        FILE.write_text(json.dumps(dict(sorted(merged.items())), indent=2) + "\n", encoding="utf8")
