"""What can be wrong with a file: codes and numbers, no prose. Whoever shows a problem has the words."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from geo.errors import MaplebridgeError
from ingest.files.limits import Limits


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    `row` counts as the file's reader sees it: the line of a CSV, the row of a sheet, the first feature is 1. Without
    a row the whole file is meant. `field` is ours where it is known, else the file's column; `cell` is a sheet's
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
    """A file that is not taken, with every problem found. `params`: `problems`, a list in JSON form."""

    code: ClassVar[str] = "import.refused"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(problems=[p.as_json() for p in self.problems])

    def __reduce__(self) -> tuple[type["FileRefused"], tuple[tuple[Problem, ...]]]:
        return FileRefused, (self.problems,)


def refuse(code: str, **params: Any) -> FileRefused:
    """The refusal of a whole file for one reason."""
    return FileRefused([Problem(code, params=params)])


def too_demanding(limits: Limits, **params: Any) -> FileRefused:
    """The refusal of a file that took more than a file may, wherever that came out."""
    return refuse("file.too_demanding", megabytes=limits.memory_bytes // 1_000_000, seconds=limits.seconds, **params)
