"""A city that is not Chinese comes in by files and commands alone, and hotspots and dispatch work there."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from api.keeping.postgres.roles import Urls
from tests.cities import made
from tests.shared import CHECKOUT, has_shared_data, shared_data

EXAMPLE = CHECKOUT / "docs" / "examples" / "san-francisco"
PASSWORD = "Golden-Gate-1937"
READY_SECONDS = 60

REAL = ("city_boundaries.gpkg", "sf_fire_dispatch.parquet")
FULL = os.environ.get("MAPLEBRIDGE_FAULTS") == "full"
KINDS = ("made", "real") if FULL else ("real",) if has_shared_data(*REAL) else ("made",)
"""The city's own files where they lie beside the checkout, else a made-up city's; both with `MAPLEBRIDGE_FAULTS=full`.
"""


@dataclass(frozen=True, slots=True)
class Files:
    """The city's files, and how much is in them."""

    folder: Path
    calls: int
    outside: int
    units: int
    neighbourhoods: int


@pytest.fixture(params=KINDS)
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "real":
        folder = {shared_data(name).parent for name in REAL}.pop()
        return Files(folder, calls=9752, outside=6, units=246, neighbourhoods=41)
    made.write_city(tmp_path)
    return Files(tmp_path, made.CALLS, made.OUTSIDE, made.UNITS, made.NEIGHBOURHOODS)


@dataclass
class City:
    """The commands and the server of one city, with a database of its own."""

    env: dict[str, str]
    url: str
    tokens: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, typed: str = "") -> str:
        """What a command prints. A command that fails fails the test with what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "api.keeping.commands", *words],
            env=self.env,
            cwd=CHECKOUT,
            input=typed,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def client(self, username: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.tokens[username]}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def commands_of_the_walkthrough() -> dict[str, list[str]]:
    """The words of each `maplebridge` command in the example's README, by its first two words."""
    text = (EXAMPLE / "README.md").read_text(encoding="utf8").replace("\\\n", " ")
    lines = re.findall(r"\./maplebridge ((?:import|replay) .*)", text)
    return {" ".join(line.split()[:2]): line.split() for line in reversed(lines)}


@pytest.fixture
def city(files: Files, database: Urls, tmp_path: Path) -> Iterator[City]:
    """The city as the walkthrough makes it, and its server."""
    port = free_port()
    env = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "MAPLEBRIDGE_DATABASE_URL": database.app,
        "MAPLEBRIDGE_MIGRATION_DATABASE_URL": database.owner,
        "MAPLEBRIDGE_DATA_DIR": str(tmp_path),
        "MAPLEBRIDGE_COUNTY": str(EXAMPLE),
        "MAPLEBRIDGE_PORT": str(port),
    }
    found = City(env=env, url=f"http://127.0.0.1:{port}")
    walk = commands_of_the_walkthrough()
    for command in ("import grids", "import forces"):
        found.run(*(word.replace("$DATA", str(files.folder)) for word in walk[command]))
    for username, *words in (
        ("operator", "--role", "operator"),
        ("dispatch-log", "--role", "source", "--source", "sffd"),
    ):
        found.run("users", "add", username, *words, "--no-password")
        found.tokens[username] = found.run("users", "token", username).strip()
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "api.keeping.commands", "serve"], env=env, cwd=CHECKOUT, stdout=log
        )
    try:
        wait_for(found.url)
        yield found
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def wait_for(url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/api/health", trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"no server at {url} within {READY_SECONDS} s")


@pytest.mark.timeout(600)
def test_the_walkthrough_brings_the_city_in_and_it_works(files: Files, city: City) -> None:
    words = [
        word.replace("$DATA", str(files.folder))
        for word in commands_of_the_walkthrough()["replay $DATA/sf_fire_dispatch.parquet"]
    ]
    told = city.run(*words, "--url", city.url, "--token", city.tokens["dispatch-log"])
    assert f"created {files.calls - files.outside}" in told
    with city.client("operator") as operator:
        divisions = operator.get("/api/divisions", params={"levels": "grid"}).json()["items"]
        assert len(divisions) == files.neighbourhoods
        snapshot = operator.get("/api/snapshot").json()
        assert len(snapshot["forces"]) == files.units
        fresh = new_calls(city, count=40)
        assert hot_cells(operator), "forty calls at one crossing are a hotspot"
        send_the_first(operator, fresh[0])


def new_calls(city: City, *, count: int) -> list[int]:
    """Calls of this minute at one crossing, as the dispatch log would send them; their ids."""
    with city.client("dispatch-log") as source:
        body = {"source": "sffd", "category": "medical.incident", "title": "Medical Incident"}
        place = {"lon": -122.4195, "lat": 37.7650}
        answers = [
            source.post("/api/incidents", json={**body, **place, "external_no": f"now-{i}"}) for i in range(count)
        ]
    assert {answer.status_code for answer in answers} == {201}
    assert answers[0].json()["grid"] == "mission"
    return [answer.json()["id"] for answer in answers]


def hot_cells(operator: httpx.Client) -> list[str]:
    found = operator.get("/api/hotspots", params={"res": 8, "window": "28d"}).json()
    return [cell["cell"] for cell in found["cells"] if cell["class"] in ("new", "persistent")]


def send_the_first(operator: httpx.Client, incident: int) -> None:
    """Dispatch works: units near the call come first, each with its minutes, and the first can be sent."""
    ranked = operator.get(f"/api/incidents/{incident}/candidates").json()["candidates"]
    assert len(ranked) == 10
    assert ranked[0]["cost_minutes"] <= ranked[-1]["cost_minutes"]
    assert ranked[0]["distance_m"] < 3000
    sent = operator.post(f"/api/incidents/{incident}/tasks", json={"force": ranked[0]["force"]})
    assert sent.status_code == 201
    assert operator.get(f"/api/incidents/{incident}").json()["status"] == "assigned"
