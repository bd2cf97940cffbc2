"""docs/keeping.md and docs/imports.md list every command and role."""

import re

import pytest

from api.keeping.commands import COMMANDS
from console.access.rules import ROLES
from tests.shared import CHECKOUT

KEEPING = (CHECKOUT / "docs" / "keeping.md").read_text(encoding="utf8")
FILES = (CHECKOUT / "docs" / "imports.md").read_text(encoding="utf8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert re.search(rf"^(\|.*`|## `maplebridge ){command}\b", KEEPING + FILES, flags=re.MULTILINE)


def test_exactly_the_existing_roles_are_documented() -> None:
    table = KEEPING[KEEPING.index("| role | screens | for |") :]
    first_cells = re.findall(r"^\| (`[^|]*)\|", table, flags=re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(first_cells))) == ROLES.keys()
