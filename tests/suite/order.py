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
    f"tests/browser/test_{name}.py" for name in ("access", "board", "hall", "reach", "record", "roles", "sending")
)
"""Files whose tests do not mind what those of the others have left: closed incidents. They have one served county."""

UNKNOWN_SECONDS = 3.0
"""What a file is taken for whose folder holds no known one."""


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def read_durations() -> dict[str, float]:
    """Seconds by file."""
    found: dict[str, float] = json.loads(FILE.read_text(encoding="utf8"))
    return found


def put_longest_first(items: list[pytest.Item], durations: Mapping[str, float]) -> None:
    """Sort the tests by the time of their file, descending; those of one file keep their order."""
    averages = averages_of(durations)

    def place(item: pytest.Item) -> tuple[float, str]:
        file = file_of(item.nodeid)
        return -durations.get(file, averages.get(folder_of(file), UNKNOWN_SECONDS)), file

    items.sort(key=place)


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
        return "share a county" if file_of(nodeid) in SHARE_A_COUNTY else super()._split_scope(nodeid)


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
