"""Group the problems of a file, so that a report of many rows can be read. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ingest.files.problems import Problem

SHOWN_RANGES = 12


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Problems of one kind in one field."""

    code: str
    field: str | None
    problems: Sequence[Problem]

    @property
    def rows(self) -> list[int]:
        return sorted({problem.row for problem in self.problems if problem.row is not None})

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "field": self.field, "count": len(self.problems), "rows": ranges(self.rows)}


def grouped(problems: Iterable[Problem]) -> list[ProblemGroup]:
    """Group problems by code and field; those of the whole file come first, then the most frequent."""
    groups: dict[tuple[str, str | None], list[Problem]] = defaultdict(list)
    for problem in problems:
        groups[problem.code, problem.field].append(problem)
    found = [ProblemGroup(code, field, some) for (code, field), some in groups.items()]
    return sorted(found, key=lambda group: (bool(group.rows), -len(group.problems)))


def ranges(rows: Sequence[int]) -> str:
    """Return row numbers in ranges, `3–5, 9, 12–200`, at most `SHOWN_RANGES` of them."""
    if not rows:
        return ""
    starts = [rows[0], *(after for before, after in pairwise(rows) if after != before + 1)]
    ends = [*(before for before, after in pairwise(rows) if after != before + 1), rows[-1]]
    texts = [str(a) if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=True)]
    return ", ".join(texts[:SHOWN_RANGES]) + (", …" if len(texts) > SHOWN_RANGES else "")
