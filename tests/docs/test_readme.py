"""The READMEs' commands exist and work, and their links have targets."""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.keeping.commands import COMMANDS
from layers.roads.engines import installed
from tests.browser.chromium import CHROMIUM
from tests.browser.pictures import Album
from tests.demos import COMMAND, RunningDemo, demo_in, environment, left_running
from tests.docs.walking import walk
from tests.shared import CHECKOUT

FULL = os.environ.get("MAPLEBRIDGE_FAULTS") == "full"
LOCALES = {"README.zh-CN.md": "zh-CN", "README.md": "en-GB"}
ROADS_SECONDS = 60
READMES = ("README.md", "README.zh-CN.md")
PAGES = [*READMES, *sorted(str(page.relative_to(CHECKOUT)) for page in (CHECKOUT / "docs").rglob("*.md"))]


def blocks(readme: str) -> list[str]:
    """The shell blocks of a README."""
    return re.findall(
        r"^```sh\n(.*?)^```", (CHECKOUT / readme).read_text(encoding="utf8"), flags=re.MULTILINE | re.DOTALL
    )


@dataclass(frozen=True, slots=True)
class FirstRun:
    """Result of a demo's first run in an empty folder."""

    folder: Path
    signed_in: dict[str, int]
    reported: dict[str, Any]
    secrets_mode: int
    roads: dict[str, Any] | None
    status: int
    left: list[str]
    walks: int


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """An empty folder that the database's account can enter."""
    with tempfile.TemporaryDirectory(prefix="maplebridge-demo-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o711)
        yield Path(place) / "state"


@pytest.fixture(scope="module")
def first(folder: Path, request: pytest.FixtureRequest) -> FirstRun:
    if not (CHECKOUT / "static" / "dist" / "index.html").exists():
        pytest.skip("the front end is not built: ./maplebridge test builds it")
    with demo_in(folder, "--history-days", "7") as demo:  # A year of them takes a minute more.
        signed_in = {name: sign_in(demo, account) for name, account in demo.said["accounts"].items()}
        reported = {readme: run_block(blocks(readme)[1], demo) for readme in READMES}
        walks = asyncio.run(walked(demo, pictures=request.config.getoption("--pictures")))
        roads = roads_of(demo)
        mode = (folder / "demo.json").stat().st_mode & 0o777
        status = demo.end(signal.SIGTERM)
    return FirstRun(folder, signed_in, reported, mode, roads, status, left_running(folder), walks)


async def walked(demo: RunningDemo, *, pictures: bool) -> int:
    """Walk through the first five minutes with each README's report, as its reader; as often as asked."""
    if not CHROMIUM.exists() or not shutil.which("curl"):
        return 0
    done = 0
    for readme, locale in LOCALES.items() if FULL or pictures else [*LOCALES.items()][:1]:
        report = partial(run_block, blocks(readme)[1], demo)
        album = Album(locale[:2]) if pictures else None
        done += await walk(demo.url, demo.said["accounts"], report, locale=locale, times=5 if FULL else 1, album=album)
    return done


def sign_in(demo: RunningDemo, account: dict[str, str]) -> int:
    return httpx.post(f"{demo.url}/api/session", json=account, headers={"Origin": demo.url}, timeout=30).status_code


def roads_of(demo: RunningDemo) -> dict[str, Any] | None:
    """Return what the demo says of its roads, which are made beside its start: at the latest after ROADS_SECONDS."""
    deadline = time.monotonic() + (ROADS_SECONDS if installed() else 0)
    with httpx.Client(base_url=demo.url, headers={"Origin": demo.url}, timeout=30) as client:
        client.post("/api/session", json=demo.said["accounts"]["operator"]).raise_for_status()
        while True:
            roads: dict[str, Any] | None = client.get("/api/county").json()["roads"]
            if roads is not None or time.monotonic() > deadline:
                return roads
            time.sleep(0.5)


def run_block(block: str, demo: RunningDemo) -> Any:
    """Run a block and return its last output, as JSON. Only the port and the path of the command are replaced."""
    if not shutil.which("curl"):
        return None
    command = " ".join(f"'{word}'" for word in COMMAND)
    script = block.replace("./maplebridge", command).replace("http://127.0.0.1:8000", demo.url)
    words = ["sh", "-euc", script]
    done = subprocess.run(words, env=environment(demo.folder), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_has_a_target(page: str) -> None:
    text = (CHECKOUT / page).read_text(encoding="utf8")
    targets = {target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target}
    assert [
        target for target in sorted(targets) if target and not (CHECKOUT / page).parent.joinpath(target).exists()
    ] == []


def test_both_readmes_have_the_same_commands() -> None:
    quoted = re.compile(r'"title": ".*"')
    english, chinese = ([quoted.sub("", block) for block in blocks(readme)] for readme in READMES)
    assert english == chinese


def test_both_readmes_link_to_all_pages() -> None:
    """Each to the pages of its own language, where there are such."""
    english, chinese = (
        {
            page
            for page in re.findall(r"\]\((docs/[^)\s#]+)", (CHECKOUT / readme).read_text("utf8"))
            if "images" not in page
        }
        for readme in READMES
    )
    assert {in_chinese(page) for page in english} == chinese
    written = (page for page in (CHECKOUT / "docs").glob("*.md") if ".zh-CN" not in page.name)
    assert {f"docs/{page.name}" for page in written} <= english


def in_chinese(page: str) -> str:
    translated = page.replace(".md", ".zh-CN.md")
    return translated if (CHECKOUT / translated).exists() else page


@pytest.mark.parametrize("readme", READMES)
def test_every_command_that_a_readme_names_exists(readme: str) -> None:
    named = set(re.findall(r"maplebridge ([a-z]+)", " ".join(blocks(readme))))
    assert named <= {*COMMANDS, "test"}


@pytest.mark.timeout(600)
def test_every_account_of_the_ready_line_can_sign_in(first: FirstRun) -> None:
    assert first.signed_in
    assert set(first.signed_in.values()) <= {200, 201, 204}


def test_the_passwords_file_is_readable_by_its_owner_only(first: FirstRun) -> None:
    assert first.secrets_mode == 0o600


def test_a_demos_county_has_made_roads(first: FirstRun) -> None:
    if installed() is None:
        assert first.roads is None, "times are estimates"
        return
    assert first.roads is not None and first.roads["origin"] == "made" and first.roads["credit"] is None
    assert first.roads["ways"] > 10_000 and first.roads["built_at"]
    assert (first.folder / "demo" / "county.osm.pbf").exists()


@pytest.mark.parametrize("readme", READMES)
def test_a_readmes_report_becomes_an_incident(first: FirstRun, readme: str) -> None:
    if first.reported[readme] is None:
        pytest.skip("no curl here")
    assert first.reported[readme]["case_code"]


def test_the_first_five_minutes_go_as_written(first: FirstRun) -> None:
    """The walk has been made in the fixture, while the demo ran."""
    if not first.walks:
        pytest.skip("no Chromium or no curl here")
    assert first.walks in (1, 2, 10)


def test_a_terminated_demo_leaves_nothing_running(first: FirstRun) -> None:
    assert (first.status, first.left) == (0, [])


@pytest.mark.timeout(600)
def test_a_second_start_reuses_everything_and_a_killed_demo_leaves_nothing_running(
    first: FirstRun, record_property: Callable[[str, object], None]
) -> None:
    with demo_in(first.folder) as again:
        record_property("second_start_seconds", round(again.seconds, 1))
        assert "sending" not in again.progress
        assert roads_of(again) == first.roads
        again.end(signal.SIGKILL)
    assert left_running(first.folder) == []


@pytest.mark.timeout(600)
def test_a_demo_of_some_minutes_ends_by_itself(first: FirstRun) -> None:
    with demo_in(first.folder, "--minutes", "0.05") as short:
        assert short.process.wait(60) == 0
    assert left_running(first.folder) == []
