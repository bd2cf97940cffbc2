"""The guide as the server shows it: a page for each screen, in both languages, found under any path prefix."""

from pathlib import Path

import httpx
import pytest

from api.http.guide import NAMES, page_of
from api.settings import Settings

SHELL = """<!doctype html><html lang="zh-CN"><title>Maplebridge 枫桥</title>
<link rel="stylesheet" href="./assets/guide-1a2b.css"><body><div id="guide"></div></body></html>"""
ENGLISH = (
    "# The desk\n\n## Send <b>\n\n![A map](../images/guide/map-en.webp)\n\n| key | does |\n|---|---|\n| `D` | sends |\n"
)


@pytest.fixture
def guide(settings: Settings) -> Path:
    """A built guide of few words."""
    folder = settings.static_dir / "guide"
    (folder / "images").mkdir(parents=True)
    (settings.static_dir / "guide.html").write_text(SHELL, "utf-8")
    (folder / "images" / "map-en.webp").write_bytes(b"RIFF")
    for name in NAMES:
        (folder / f"{name}.md").write_text(ENGLISH if name == "operator" else f"# {name}\n", "utf-8")
        (folder / f"{name}.zh-CN.md").write_text("# 指挥坐席\n\n## 派单\n", "utf-8")
    return folder


async def test_each_screen_has_its_guide_in_both_languages_for_anybody(guide: Path, client: httpx.AsyncClient) -> None:
    for name in NAMES:
        chinese = await client.get(f"/guide/{name}?lang=zh")
        assert (chinese.status_code, 'lang="zh-CN"' in chinese.text, "指挥坐席" in chinese.text) == (200, True, True)
    english = await client.get("/guide/operator?lang=en")
    assert "<title>The desk</title>" in english.text
    assert '<html lang="en">' in english.text
    assert '<h2 id="c1">Send &lt;b&gt;</h2>' in english.text
    assert "<td><code>D</code></td>" in english.text
    assert 'href="/guide/operator?lang=zh"' in english.text
    assert 'src="/guide/images/map-en.webp"' in english.text
    assert (await client.get("/guide/images/map-en.webp")).headers["content-type"] == "image/webp"


@pytest.mark.parametrize(("accepted", "title"), [("en-GB,en", "The desk"), ("zh-CN,zh", "指挥坐席"), ("", "指挥坐席")])
async def test_without_a_language_the_guide_speaks_the_browsers(
    guide: Path, client: httpx.AsyncClient, accepted: str, title: str
) -> None:
    answer = await client.get("/guide/operator", headers={"Accept-Language": accepted})
    assert f"<title>{title}</title>" in answer.text


@pytest.mark.parametrize("path", ["/guide/nothing", "/guide/images/nothing.webp", "/guide/images/..%2foperator.md"])
async def test_there_is_no_other_guide(guide: Path, client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_without_a_build_there_is_no_guide(client: httpx.AsyncClient) -> None:
    assert (await client.get("/guide/operator")).status_code == 404


def test_links_and_pictures_of_the_guide_carry_the_path_prefix(guide: Path) -> None:
    body = page_of(guide, "operator", "en", prefix="/maple").body
    assert 'src="/maple/guide/images/map-en.webp"' in body
    assert 'href="/maple/guide/wall?lang=en"' in body
