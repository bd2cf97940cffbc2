"""Read a pack from its folder. An invalid one is refused with every problem, by file and line."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from api.place.checks import find_problems
from api.place.pack import FILES, OPTIONAL, Pack
from api.place.phrases import AS_IT_IS, Phrase
from api.place.problems import Key, LocatedProblem, PackError, Problem, problem_from_pydantic
from api.place.toml_lines import line_of_key, lines_by_key

SHIPPED = Path(str(files("api.place.packs")))
AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a pack: its name in messages, its values, and the line of each key."""

    name: str
    values: Mapping[str, Any]
    lines: Mapping[Key, int] = field(default_factory=dict)

    def locate(self, problem: Problem) -> LocatedProblem:
        return LocatedProblem(self.name, line_of_key(problem.key, self.lines), problem)


def shipped_packs() -> list[str]:
    """List the packs that ship with the program."""
    return sorted(place.parent.name for place in SHIPPED.glob("*/place.toml"))


def load_pack(name: str) -> Pack:
    """Read the shipped pack of that name, or the one in that folder. Raises PackError."""
    if name in shipped_packs():
        return read_pack(SHIPPED / name, label=name)
    folder = Path(name)
    if folder.is_dir():
        return read_pack(folder, label=name)
    if folder.suffix == ".toml":
        folder_wanted = Phrase("a pack is a folder: name the one that holds place.toml and flow.toml")
        raise _refused(name, "pack.unreadable", folder_wanted)
    known = ", ".join(shipped_packs())
    raise _refused(
        name,
        "pack.unknown",
        Phrase("no pack and no folder of that name; the packs that ship: {known}", {"known": known}),
    )


def read_pack(folder: Path, *, label: str) -> Pack:
    """Read the pack in a folder; `label` names the folder in messages. Raises PackError."""
    problems: list[LocatedProblem] = []
    sources = {file: _read(folder / file, label=f"{label}/{file}", problems=problems) for file in FILES}
    for file, source in sources.items():
        if source:
            problems += _schema_problems(file, source)
    if problems:
        raise PackError.of(label, problems)
    values = {key: value for file in FILES if file not in OPTIONAL for key, value in _values(sources[file]).items()}
    parts = {field: _values(sources[file]) for file, field in OPTIONAL.items()}
    pack = Pack.model_validate({**values, **parts})
    if found := [_locate(problem, sources) for problem in find_problems(pack)]:
        raise PackError.of(label, found)
    return pack


def _values(source: Source | None) -> Mapping[str, Any]:
    return source.values if source else {}


def _read(path: Path, *, label: str, problems: list[LocatedProblem]) -> Source | None:
    """Read a file. None for an optional file that is missing, and for an unreadable one, which adds a problem."""
    if path.name in OPTIONAL and not path.exists():
        return None
    try:
        text = path.read_text(encoding="utf8")
        return Source(label, tomllib.loads(text), lines_by_key(text))
    except FileNotFoundError:
        problems.append(_unreadable(label, Phrase("there is no such file: add it")))
    except OSError as error:
        problems.append(_unreadable(label, Phrase(AS_IT_IS, {"text": error.strerror or str(error)})))
    except UnicodeDecodeError:
        problems.append(_unreadable(label, Phrase("this is no UTF-8 text: save it as such")))
    except tomllib.TOMLDecodeError as error:
        problems.append(_unparsed(str(error), label))
    return None


def _unparsed(said: str, label: str) -> LocatedProblem:
    at = AT_LINE.search(said)
    message = Phrase("no TOML: {reason}", {"reason": AT_LINE.sub("", said)})
    return LocatedProblem(label, int(at[1]) if at else None, Problem((), "pack.toml", message))


def _unreadable(label: str, message: Phrase) -> LocatedProblem:
    return LocatedProblem(label, None, Problem((), "pack.unreadable", message))


def _schema_problems(file: str, source: Source) -> Iterator[LocatedProblem]:
    """Yield the problems that the file's model finds."""
    try:
        FILES[file].model_validate(source.values)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            siblings = _siblings(FILES[file], one["loc"][:-1])
            inside, elsewhere = _siblings(FILES[file], one["loc"]), _elsewhere(file, one["loc"])
            yield source.locate(problem_from_pydantic(one, siblings=siblings, inside=inside, elsewhere=elsewhere))


def _elsewhere(file: str, key: Key) -> str | None:
    """Return another file that has this top-level key."""
    others = (other for other, model in FILES.items() if other != file and key[0] in model.model_fields)
    return next(others, None) if len(key) == 1 else None


def _siblings(model: type[BaseModel], key: Key) -> list[str]:
    """List the valid keys at a place in the model; none where keys are free."""
    for step in key:
        if isinstance(step, str):
            held = model.model_fields.get(step)
            inner = next(_models_in(held.annotation), None) if held else None
            if inner is None:
                return []
            model = inner
    return [*model.model_fields]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _locate(problem: Problem, sources: Mapping[str, Source | None]) -> LocatedProblem:
    """Locate a problem of the whole pack in the file that has its first key."""
    file = next(file for file, model in FILES.items() if problem.key[0] in model.model_fields)
    source = sources[file]
    return source.locate(problem) if source else LocatedProblem(file, None, problem)


def _refused(name: str, code: str, message: Phrase) -> PackError:
    return PackError.of(name, [LocatedProblem(name, None, Problem((), code, message))])
