"""Problems of a pack, by file, line and key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar

from geo.errors import MaplebridgeError

Key = tuple[str | int, ...]
"""Path to a value: keys, and indexes from 0 within lists."""
MOST_LISTED = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its key, its `code`, and a message that says what to do."""

    key: Key
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LocatedProblem:
    """A problem with its file, and its line from 1 if known."""

    file: str
    line: int | None
    problem: Problem

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        key = ".".join(map(str, self.problem.key))
        return ": ".join(filter(None, (where, key, self.problem.message)))

    def as_params(self) -> dict[str, Any]:
        key = ".".join(map(str, self.problem.key))
        return {"file": self.file, "line": self.line, "key": key, "code": self.problem.code, "text": str(self)}


class PackError(MaplebridgeError):
    """A pack that cannot be used. `params`: `pack`, and `problems` with `file`, `line`, `key`, `code` and `text`."""

    code: ClassVar[str] = "pack.invalid"

    @classmethod
    def of(cls, pack: str, problems: Iterable[LocatedProblem]) -> "PackError":
        ordered = sorted(problems, key=lambda found: (found.file, found.line or 0))
        return cls(pack=pack, problems=[found.as_params() for found in ordered])

    def __str__(self) -> str:
        lines = [problem["text"] for problem in self.params["problems"]]
        return "\n".join([f"{self.params['pack']}: this pack cannot be used", *lines])


def problem_from_pydantic(
    error: Mapping[str, Any],
    *,
    siblings: Iterable[str] = (),
    inside: Iterable[str] = (),
    elsewhere: str | None = None,
) -> Problem:
    """Convert a validation error to a problem, in terms of keys and values.

    `siblings` are the valid keys at its place, `inside` those below it; `elsewhere` is another file with such a key.
    """
    key = tuple(error["loc"])
    match error["type"]:
        case "extra_forbidden":
            hint = f"; it belongs in {elsewhere}" if elsewhere else suggestion(str(key[-1]), siblings)
            return Problem(key, error["type"], f"there is no such key{hint}")
        case "missing":
            return Problem(key, error["type"], "this key is missing: add it")
        case "model_type":
            return Problem(key, error["type"], f"should be a table: {{ {', '.join(f'{one} = …' for one in inside)} }}")
        case "string_too_short":
            return Problem(key, error["type"], "this is empty: fill it in")
        case kind:
            said = error["msg"].removeprefix("Value error, ").replace("Input should", "should")
            return Problem(key, kind, said)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean …?`, a short list of the known codes, or nothing."""
    codes = list(known)
    if near := get_close_matches(word, codes, n=1):
        return f"; did you mean {near[0]}?"
    return f"; there are: {', '.join(codes)}" if 0 < len(codes) <= MOST_LISTED else ""
