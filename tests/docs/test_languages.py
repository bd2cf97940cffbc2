"""What a keeper reads is the same in Chinese and English: sections, rows, commands, names and links."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.shared import CHECKOUT

CHINESE = sorted(CHECKOUT.glob("docs/**/*.zh-CN.md"))
FENCE = re.compile(r"```.*?```", re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")
OF_A_LANGUAGE = re.compile(r"\.zh-CN(?=\.md$)|-(zh|en)(?=\.webp$)")
LINK = re.compile(r"\]\(([^)#]*)(?:#[^)]*)?\)")


def english_of(chinese: Path) -> Path:
    return chinese.with_name(chinese.name.replace(".zh-CN", ""))


def headings(text: str) -> list[int]:
    """The level of each heading, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", FENCE.sub("", text), re.MULTILINE)]


def rows(text: str) -> list[int]:
    """The number of rows of each table, in order."""
    return [block.count("\n") + 1 for block in re.findall(r"(?:^\|.*(?:\n|\Z))+", text, re.MULTILINE)]


def names(text: str) -> Counter[str]:
    """What stands in backticks, which a line may break."""
    return Counter(" ".join(name.split()) for name in INLINE.findall(FENCE.sub("", text)))


def targets(text: str) -> Counter[str]:
    """What is linked to and shown, whose names tell their language."""
    return Counter(OF_A_LANGUAGE.sub("", target) for target in LINK.findall(text) if target)


def test_there_are_chinese_pages() -> None:
    assert {english_of(page).name for page in CHINESE} >= {"keeping.md", "settings.md"}


@pytest.mark.parametrize("chinese", CHINESE, ids=lambda page: page.name)
def test_a_chinese_page_says_what_the_english_one_says(chinese: Path) -> None:
    theirs, ours = english_of(chinese).read_text("utf-8"), chinese.read_text("utf-8")
    assert headings(ours) == headings(theirs)
    assert rows(ours) == rows(theirs)
    assert FENCE.findall(ours) == FENCE.findall(theirs), "commands are the same"
    assert set(names(ours)) == set(names(theirs)), "and so are names"
    assert set(targets(ours)) == set(targets(theirs))
