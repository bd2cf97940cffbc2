"""Parse the texts of options that map one thing to another."""

from collections import defaultdict

import typer

from api.keeping.words import said


def pair(text: str, option: str) -> tuple[str, str]:
    """Split `a=b` into (a, b)."""
    left, equals, right = text.partition("=")
    if not equals or not left.strip():
        raise typer.BadParameter(said("{text} should be A=B", text=repr(text)), param_hint=option)
    return left.strip(), right.strip()


def replacements(texts: list[str]) -> dict[str, dict[str, str]]:
    """Parse `field:old=new` options, by field. The old value may contain colons."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for text in texts:
        field, colon, rest = text.partition(":")
        old, equals, new = rest.rpartition("=")
        if not colon or not equals or not old:
            raise typer.BadParameter(said("{text} should be FIELD:OLD=NEW", text=repr(text)), param_hint="--value")
        found[field.strip()][old.strip()] = new.strip()
    return dict(found)
