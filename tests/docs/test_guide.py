"""The guide names the keys of the hall and the words of the screens as they are."""

import re
from pathlib import Path

import pytest

from tests.shared import CHECKOUT

GUIDE = sorted((CHECKOUT / "docs" / "guide").glob("*.md"))
COMMANDS = (CHECKOUT / "static" / "src" / "panels" / "hall" / "commands.ts").read_text("utf-8")
KEYS = set(re.findall(r'^  \{ key: "([^"]+)"', COMMANDS, re.MULTILINE))
ROW = re.compile(r"^\| (`.+?`) \|", re.MULTILINE)
CHOICE = {"1", "9"}
"""A figure chooses a candidate; it is no command."""


def words_of(page: Path) -> str:
    table = "zh.ts" if ".zh-CN" in page.name else "en.ts"
    return (CHECKOUT / "static" / "src" / "i18n" / table).read_text("utf-8")


@pytest.mark.parametrize(
    "page", [page for page in GUIDE if page.name.startswith("operator")], ids=lambda page: page.name
)
def test_the_guide_has_every_key_of_the_hall_and_no_other(page: Path) -> None:
    named = {key for row in ROW.findall(page.read_text("utf-8")) for key in re.findall(r"`([^`]+)`", row)}
    assert named - CHOICE == KEYS


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.name)
def test_what_the_guide_quotes_stands_on_a_screen(page: Path) -> None:
    quoted = re.findall(r"“([^”]+)”", page.read_text("utf-8"))
    words = words_of(page)
    assert [one for one in quoted if one.lower() not in words.lower()] == []
