"""The guide names the keys of the hall and the words of the screens as they are, and shows what the suite has taken."""

import re
from pathlib import Path
from typing import Literal

import pytest

from api.http.guide import NAMES, SUFFIX
from tests.browser.pictures import FOLDER, MOST_BYTES, PICTURES, file_of
from tests.shared import CHECKOUT

GUIDE = sorted((CHECKOUT / "docs" / "guide").glob("*.md"))
COMMANDS = (CHECKOUT / "static" / "src" / "panels" / "hall" / "commands.ts").read_text("utf-8")
KEYS = set(re.findall(r'^  \{ key: "([^"]+)"', COMMANDS, re.MULTILINE))
PICTURE = re.compile(r"!\[[^\]]+\]\(\.\./images/guide/([^)]+)\)")
ROW = re.compile(r"^\| (`.+?`) \|", re.MULTILINE)
PLANNER = CHECKOUT / "static" / "src" / "panels" / "planner"
OF_PLANNER = re.compile(r'(?:\{ key: |tool\(|sheet\(|^    key: )"([^"]+)"', re.MULTILINE)
"""Commands that are written out, tools, panels, and views."""
CHOICE = {"1", "9"}
"""A figure chooses a candidate; it is no command."""


def words_of(page: Path) -> str:
    """The words of a language: those of the planner and of cases stand in files of their own, of both languages."""
    tables = ["zh.ts" if ".zh-CN" in page.name else "en.ts"]
    if page.name.startswith("planner"):
        tables += ["planner.ts", "plans.ts"]
    if page.name.startswith("patrol"):
        tables += ["casework.ts", "attachments.ts", "closures.ts", "field.ts", "phone.ts", "push.ts", "rounds.ts"]
    if page.name.startswith("desk"):
        tables += ["casework.ts", "board.ts", "figures.ts", "lists.ts", "rounds.ts"]
    if page.name.startswith("operator"):
        tables += ["cameras.ts", "closures.ts", "reviews.ts"]
    if page.name.startswith("start"):
        tables += ["admin.ts", "registry.ts"]
    return "".join((CHECKOUT / "static" / "src" / "i18n" / table).read_text("utf-8") for table in tables)


@pytest.mark.parametrize(
    "page", [page for page in GUIDE if page.name.startswith("operator")], ids=lambda page: page.name
)
def test_the_guide_has_every_key_of_the_hall_and_no_other(page: Path) -> None:
    named = {key for row in ROW.findall(page.read_text("utf-8")) for key in re.findall(r"`([^`]+)`", row)}
    assert named - CHOICE == KEYS


@pytest.mark.parametrize(
    "page", [page for page in GUIDE if page.name.startswith("planner")], ids=lambda page: page.name
)
def test_the_guide_has_every_key_of_the_planner_and_no_other(page: Path) -> None:
    keys = {
        key
        for file in ("commands.ts", "viewcommands.ts")
        for key in OF_PLANNER.findall((PLANNER / file).read_text("utf-8"))
    }
    named = {key for row in ROW.findall(page.read_text("utf-8")) for key in re.findall(r"`([^`]+)`", row)}
    assert named == keys - {"?"}
    assert {"B", "V", "U", "H"} <= keys


@pytest.mark.parametrize("page", GUIDE, ids=lambda page: page.name)
def test_what_the_guide_quotes_stands_on_a_screen(page: Path) -> None:
    quoted = re.findall(r"“([^”]+)”", page.read_text("utf-8"))
    words = words_of(page)
    assert [one for one in quoted if one.lower() not in words.lower()] == []


@pytest.mark.parametrize("lang", SUFFIX)
def test_the_guide_shows_every_picture_that_the_suite_takes_and_no_other(lang: Literal["zh", "en"]) -> None:
    """`--pictures` takes them anew."""
    pages = [(CHECKOUT / "docs" / "guide" / f"{name}{SUFFIX[lang]}").read_text("utf-8") for name in NAMES]
    shown = [picture for page in pages for picture in PICTURE.findall(page)]
    assert sorted(shown) == sorted(file_of(name, lang) for name in PICTURES)


def test_the_pictures_are_there_and_small() -> None:
    sizes = {file.name: file.stat().st_size for file in FOLDER.iterdir()}
    assert set(sizes) == {file_of(name, lang) for name in PICTURES for lang in SUFFIX}
    assert [name for name, size in sizes.items() if size > MOST_BYTES] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_guide_is_the_same_in_both_languages(name: str) -> None:
    """Chapters, keys and pictures, in the same order."""
    english, chinese = (
        (CHECKOUT / "docs" / "guide" / f"{name}{suffix}").read_text("utf-8") for suffix in (".md", ".zh-CN.md")
    )
    assert english.count("\n## ") == chinese.count("\n## ")
    assert ROW.findall(english) == [keys.replace("、", ", ") for keys in ROW.findall(chinese)]
    assert [one.replace("-en.", "-zh.") for one in PICTURE.findall(english)] == PICTURE.findall(chinese)


def test_each_screen_opens_its_own_guide() -> None:
    panels = (CHECKOUT / "static" / "src" / "panels").rglob("*.svelte")
    linked = [name for panel in panels for name in re.findall(r'<GuideLink name="(\w+)"', panel.read_text("utf-8"))]
    assert {*linked} == {*NAMES}
