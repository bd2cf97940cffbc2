"""Refusals of packs and settings, in the terminal's language."""

from pydantic import ValidationError

from api.keeping.words import said
from api.place.phrases import Phrase, phrase_of
from api.place.problems import LocatedProblem, PackError


def pack_refusal(error: PackError) -> str:
    """Return every problem of a pack, by file, line and key."""
    head = said("{pack}: this pack cannot be used", pack=error.params["pack"])
    return "\n".join([head, *map(_problem, error.problems)])


def settings_refusal(error: ValidationError) -> str:
    """Return each variable that is wrong, and why; never its value, which may hold a password."""
    wrong = [
        said("{name}: {reason}", name=f"MAPLEBRIDGE_{one['loc'][0]}".upper(), reason=_translated(phrase_of(one)))
        for one in error.errors(include_input=False)
    ]
    return "\n".join([*wrong, said("docs/settings.md says what each setting may be.")])


def _problem(found: LocatedProblem) -> str:
    text = _translated(found.problem.message) + _translated(found.problem.hint)
    return ": ".join(filter(None, (found.where, found.key, text)))


def _translated(phrase: Phrase) -> str:
    return said(phrase.words).format_map(phrase.values) if phrase.words else ""
