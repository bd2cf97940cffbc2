"""Problems of a file: codes and params, without messages."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from geo.errors import MaplebridgeError
from ingest.files.limits import Limits


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One problem and its place in the file.

    `row` counts as in the file: the line of a CSV, the row of a sheet, features from 1. Without
    a row, the problem is of the whole file. `field` is our field if known, else the file's column; `cell` is a sheet's
    address such as `Sheet1!C5`.
    """

    code: str
    row: int | None = None
    field: str | None = None
    cell: str | None = None
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


class FileRefused(MaplebridgeError):
    """A refused file, with every problem found. `params`: `problems`, a list in JSON form.

    `drawing` has the faults of a file of grids with their geometries as WKB, the widest first.
    """

    code: ClassVar[str] = "import.refused"

    def __init__(self, problems: Iterable[Problem], drawing: Sequence[Mapping[str, Any]] = ()) -> None:
        self.problems, self.drawing = tuple(problems), tuple(drawing)
        super().__init__(problems=[p.as_json() for p in self.problems])

    def __reduce__(self) -> tuple[type["FileRefused"], tuple[Any, ...]]:
        return FileRefused, (self.problems, self.drawing)


def refuse(code: str, **params: Any) -> FileRefused:
    """Make the refusal of a whole file for one reason."""
    return FileRefused([Problem(code, params=params)])


def too_demanding(limits: Limits, exceeded: str, **params: Any) -> FileRefused:
    """Make the refusal of a file that exceeded a limit of its process: `exceeded` is `memory`, `processor_time`,
    `disk`, `open_files` or `waiting`, and `most` its value."""
    most = {
        "memory": limits.memory_bytes // 1_000_000,
        "processor_time": limits.seconds,
        "disk": limits.unzipped_bytes // 1_000_000,
        "open_files": limits.open_files,
        "waiting": limits.waiting_seconds,
    }[exceeded]
    return refuse("file.too_demanding", limit=exceeded, most=most, **params)
