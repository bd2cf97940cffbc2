"""Schemathesis over the whole document, against a real server and database: no errors, every response as described.

In the suite a few cases for each operation by an operator, and by others for what is their work. With
`MAPLEBRIDGE_FAULTS=full`, a thousand, and of every operation by every role.
"""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import urls_of
from tests.browser.server import Server
from tests.conftest import Settled, copied
from tests.shared import CHECKOUT
from tests.worlds import World

FULL = os.environ.get("MAPLEBRIDGE_FAULTS") == "full"
EXAMPLES = 1000 if FULL else 4
PHASES = "coverage,fuzzing" if FULL else "fuzzing"
"""Test phases of each operation on its own."""
SECONDS = 6 * 3600 if FULL else 200
WORK = {
    "operator": "",
    "admin": r"^/api/(users|units|posts|staff|change-log|register|checklists|patrol-routes|rosters)",
    "patrol_west": r"^/api/(tasks|commands|presence|push|rounds|positions|attachments|visits|forces|notices|alarms)",
    "source": r"^/api/(incidents|positions|attachments|networks)",
}
"""Regular expressions for the paths of each role's own work, which the suite tries; of a role that does all, none."""
MORE_ROLES = ("gateway", "wall", "auditor", "clerk_west", "supervisor")
SESSION = "/api/session"
"""Signing out would end the session of all other cases, so it is tested with a session of its own."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(
    cluster: Cluster, settled: Settled, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Server, World]]:
    """The small county, served by a process of its own."""
    with copied(cluster, settled.template) as name:
        server = Server(urls_of(cluster.socket, name), tmp_path_factory.mktemp("served"))
        await server.start()
        yield server, settled.world
        await server.stop()


def tried(server: Server, token: str, *options: str, examples: int = EXAMPLES) -> str:
    """Return Schemathesis's report of failures, "" without any."""
    words = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CHECKOUT / "tests/api/schemathesis.toml")]
    words += ["run", f"{server.url}/api/openapi.json", "-H", f"Authorization: Bearer {token}", "--no-color"]
    words += ["--max-examples", str(examples), *options]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=SECONDS)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def faults_in(log: Path) -> list[str]:
    return [line for line in log.read_text(errors="replace").splitlines() if '"level":"error"' in line]


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("user", [*WORK, *MORE_ROLES * FULL])
async def test_every_response_matches_the_document(served: tuple[Server, World], user: str) -> None:
    server, world = served
    # One operation after another, as their links have it, is tested for the roles with most permissions.
    phases = f"{PHASES},stateful" if FULL or user == "operator" else PHASES
    work = "" if FULL else WORK[user]
    paths = ("--include-path-regex", work) if work else ("--exclude-path", SESSION)
    report = tried(server, world.tokens[user], "--phases", phases, *paths)
    assert not report, report
    assert faults_in(server.log) == []


@pytest.mark.timeout(SECONDS)
async def test_sign_in_and_sign_out_match_the_document(served: tuple[Server, World]) -> None:
    server, world = served
    options = ("--phases", PHASES, "--include-path", SESSION)
    report = tried(server, world.tokens["planner"], *options, examples=min(EXAMPLES, 100))
    assert not report, report
    assert faults_in(server.log) == []
