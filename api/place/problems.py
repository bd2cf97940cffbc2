"""Problems of a pack, by file, line and key."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar

from api.place.phrases import NOTHING, Phrase, phrase_of
from geo.errors import MaplebridgeError

Key = tuple[str | int, ...]
"""Path to a value: keys, and indexes from 0 within lists."""
MOST_LISTED = 10

Value = TypeVar("Value", str, int)
Used = Iterable[tuple[Key, Value]]
"""Codes or numbers, each with its path of keys in the pack."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its key, its `code`, a message that says what to do, and a hint at what is known."""

    key: Key
    code: str
    message: Phrase
    hint: Phrase = NOTHING


@dataclass(frozen=True, slots=True)
class LocatedProblem:
    """A problem with its file, and its line from 1 if known."""

    file: str
    line: int | None
    problem: Problem

    @property
    def where(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"

    @property
    def key(self) -> str:
        return ".".join(map(str, self.problem.key))

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.where, self.key, f"{self.problem.message}{self.problem.hint}")))

    def as_params(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "key": self.key,
            "code": self.problem.code,
            "text": str(self),
        }


class PackError(MaplebridgeError):
    """A pack that cannot be used. `params`: `pack`, and `problems` with `file`, `line`, `key`, `code` and `text`."""

    code: ClassVar[str] = "pack.invalid"
    problems: Sequence[LocatedProblem] = ()

    @classmethod
    def of(cls, pack: str, problems: Iterable[LocatedProblem]) -> "PackError":
        ordered = sorted(problems, key=lambda found: (found.file, found.line or 0))
        error = cls(pack=pack, problems=[found.as_params() for found in ordered])
        error.problems = ordered
        return error

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
            place = Phrase("; it belongs in {file}", {"file": elsewhere}) if elsewhere else None
            hint = place or suggestion(str(key[-1]), siblings)
            return Problem(key, error["type"], Phrase("there is no such key"), hint)
        case "model_type":
            keys = ", ".join(f"{one} = …" for one in inside)
            return Problem(key, error["type"], Phrase("should be a table: {{ {keys} }}", {"keys": keys}))
        case kind:
            return Problem(key, kind, phrase_of(error))


def suggestion(word: str, known: Iterable[str]) -> Phrase:
    """Return the known code that is most like a word, a short list of them, or nothing."""
    codes = list(known)
    if near := get_close_matches(word, codes, n=1):
        return Phrase("; did you mean {code}?", {"code": near[0]})
    return Phrase("; there are: {codes}", {"codes": ", ".join(codes)}) if 0 < len(codes) <= MOST_LISTED else NOTHING


def unknown(used: Used[Value], known: Collection[Value], *, among: str) -> Iterator[Problem]:
    """Yield a problem for each value that is used and not defined."""
    for key, value in used:
        if value not in known:
            hint = suggestion(str(value), map(str, known))
            yield Problem(
                key, "undefined", Phrase("{value} is not among {among}", {"value": value, "among": among}), hint
            )


def repeated(codes: Iterable[tuple[Key, str | int]]) -> Iterator[Problem]:
    """Yield a problem for each code that stands before already."""
    seen = set()
    for key, code in codes:
        if code in seen:
            yield Problem(key, "repeated", Phrase("{code} stands more than once: leave one of them", {"code": code}))
        seen.add(code)
