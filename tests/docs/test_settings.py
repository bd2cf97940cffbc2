"""docs/settings.md lists every variable with its default."""

import re
from pathlib import Path

import pytest

from api.settings import Settings
from tests.shared import CHECKOUT

PAGE = (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf8")
DOCUMENTED = dict(re.findall(r"^\| `(MAPLEBRIDGE_\w+)` \| (.*?) \|", PAGE, flags=re.MULTILINE))
ROOMS = ("api", "console", "geo", "ingest", "layers", "tests")
READ_IN = (*ROOMS, "maplebridge", "compose.yaml", "Dockerfile", "static/vite.config.ts")


def variables() -> set[str]:
    found: set[str] = set()
    for name in READ_IN:
        place = CHECKOUT / name
        for file in place.rglob("*.py") if place.is_dir() else [place]:
            found |= set(re.findall(r"MAPLEBRIDGE_[A-Z][A-Z_]*[A-Z]", file.read_text(encoding="utf8")))
    return found


def shown(default: object) -> str:
    """Format a default as the page does."""
    match default:
        case None:
            return "–"
        case bool():
            return f"`{str(default).lower()}`"
        case tuple():
            return f"`{list(default)}`"
        case Path():
            return f"`{default.relative_to(CHECKOUT)}`"
        case _:
            return f"`{default}`"


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_every_setting_is_documented_with_its_default(field: str) -> None:
    assert DOCUMENTED[f"MAPLEBRIDGE_{field.upper()}"] == shown(Settings.model_fields[field].default)


def test_every_variable_that_is_read_is_documented() -> None:
    assert variables() - DOCUMENTED.keys() == set()


def test_no_unused_variable_is_documented() -> None:
    known = variables() | {f"MAPLEBRIDGE_{field.upper()}" for field in Settings.model_fields}
    assert DOCUMENTED.keys() - known == set()
