"""The guide's pages: from the Markdown that the build has laid beside the screens to HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from api.http.language import Lang

NAMES = ("operator", "desk", "patrol", "wall", "planner", "start")
"""In the order in which the pages link to each other."""

SUFFIX: dict[Lang, str] = {"zh": ".zh-CN.md", "en": ".md"}
TAG: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}
OTHER: dict[Lang, tuple[Lang, str]] = {"zh": ("en", "English"), "en": ("zh", "中文")}
CALLED: dict[Lang, str] = {"zh": "使用指南", "en": "Guide"}
IMAGES = "../images/guide/"
"""Where the pictures are from a page of the repository."""

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the guide: its title, and its contents as HTML."""

    title: str
    body: str


def page_of(folder: Path, name: str, lang: Lang, *, prefix: str) -> Page:
    """Render a page. Raises `FileNotFoundError` where the build has laid none there."""
    tokens = MARKDOWN.parse(_text(folder, name, lang))
    _point_to_the_server(tokens, prefix)
    chapters = _number_chapters(tokens)
    titles = {other: _title(folder, other, lang) for other in NAMES}
    article = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    head = _head(titles, name, lang, prefix)
    return Page(titles[name], f"{head}<main>{_contents(chapters, lang)}{article}</main>")


def _text(folder: Path, name: str, lang: Lang) -> str:
    return (folder / f"{name}{SUFFIX[lang]}").read_text("utf-8")


def _title(folder: Path, name: str, lang: Lang) -> str:
    """The first line of a page, its heading."""
    return _text(folder, name, lang).split("\n", 1)[0].lstrip("# ")


def _point_to_the_server(tokens: Sequence[Token], prefix: str) -> None:
    """Turn the addresses of pictures into the server's own."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                child.attrSet("src", str(child.attrGet("src")).replace(IMAGES, f"{prefix}/guide/images/"))
                child.attrSet("loading", "lazy")


def _number_chapters(tokens: Sequence[Token]) -> list[str]:
    """Give each heading of the second order an anchor, and return their words."""
    chapters: list[str] = []
    for heading, words in pairwise(tokens):
        if heading.type == "heading_open" and heading.tag == "h2":
            chapters.append(words.content)
            heading.attrSet("id", f"c{len(chapters)}")
    return chapters


def _contents(chapters: Sequence[str], lang: Lang) -> str:
    links = (f'<li><a href="#c{number}">{escape(words)}</a></li>' for number, words in enumerate(chapters, 1))
    label = {"zh": "目录", "en": "Contents"}[lang]
    return f'<nav class="contents" aria-label="{label}"><ol>{"".join(links)}</ol></nav>' if chapters else ""


def _head(titles: dict[str, str], name: str, lang: Lang, prefix: str) -> str:
    other, called = OTHER[lang]
    links = "".join(
        f'<a href="{prefix}/guide/{one}?lang={lang}"{" aria-current=page" if one == name else ""}>{escape(title)}</a>'
        for one, title in titles.items()
    )
    return (
        f'<header><nav aria-label="{CALLED[lang]}">{links}</nav>'
        f'<a class="language" lang="{TAG[other]}" href="{prefix}/guide/{name}?lang={other}">{called}</a></header>'
    )
