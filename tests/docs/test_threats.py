"""docs/threats.md goes through all of ASVS, and what it names exists."""

import re

import pytest

from tests.shared import CHECKOUT

PAGE = (CHECKOUT / "docs" / "threats.md").read_text(encoding="utf8")
NAMED = re.findall(r"`((?:tests|static)/[\w./-]+)`", PAGE)
CHAPTERS = dict(re.findall(r"^### (V\d+) .*\n((?:(?!^##).*\n)*)", PAGE, flags=re.MULTILINE))
ROOMS = ("api", "console")


def rows(chapter: str) -> list[list[str]]:
    """Return the table of a chapter: section, state and tests."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in chapter.splitlines()
        if re.match(r"\| V\d", line)
    ]


def test_every_file_that_the_page_names_exists() -> None:
    assert NAMED and [name for name in NAMED if not (CHECKOUT / name).is_file()] == []


def test_every_chapter_of_asvs_is_there() -> None:
    assert list(CHAPTERS) == [f"V{number}" for number in range(1, 18)]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_section_has_a_test_or_says_that_it_has_none(chapter: str) -> None:
    found = rows(CHAPTERS[chapter])
    assert found or "Not applicable:" in CHAPTERS[chapter]
    for section, state, held in found:
        assert section.startswith(f"{chapter}.")
        assert "`tests/" in held or "`static/" in held or "open: " in state or "not applicable: " in state, section


def test_the_log_has_the_events_that_the_page_tells() -> None:
    table = PAGE.split("## What the log tells")[1].split("\n## ")[0]
    events = re.findall(r"`([\w.]+)`", " ".join(re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE)))
    code = "".join(path.read_text(encoding="utf8") for room in ROOMS for path in (CHECKOUT / room).rglob("*.py"))
    assert events and [event for event in events if f'"{event}"' not in code] == []


def test_the_browser_stores_only_how_the_screen_looks_and_sounds_and_what_was_not_sent() -> None:
    pages = [path for path in (CHECKOUT / "static" / "src").rglob("*") if path.suffix in (".ts", ".svelte")]
    sources = {path: path.read_text(encoding="utf8") for path in pages if ".test." not in path.name}
    storing = {path.name for path, text in sources.items() if re.search(r"\.setItem\(", text)}
    assert storing == {
        "index.svelte.ts",
        "scale.svelte.ts",
        "theme.svelte.ts",
        "underlay.svelte.ts",
        "MapLegend.svelte",
        "attention.svelte.ts",
        "awake.svelte.ts",
        "kept.ts",
    }
    others = re.compile(r"sessionStorage|indexedDB|openDB|document\.cookie|caches\.open")
    storing = {path.name for path, text in sources.items() if others.search(text)}
    assert storing == {"evidencecontext.ts", "platform.ts", "store.ts"}
