"""Environment of benches: a cluster, the county at its reported scale, a server, and a meter.

The cluster is in a temporary folder and as crash-safe as a real one, since figures without fsync would be too good. The
server runs in a process of its own. The meter reads processor time from /proc, which other load on the machine affects
less than elapsed time.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from urllib.parse import urlsplit

import httpx

from api.keeping.commands.demo.county import prepare
from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import Urls, connect, make_database, urls_of
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from tests.browser.server import Server

COUNTY = "wujiang"
TICKS = os.sysconf("SC_CLK_TCK")
TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A migrated database in a cluster of its own, and the folder of both."""

    folder: Path
    cluster: Cluster
    database: str

    @property
    def urls(self) -> Urls:
        return urls_of(self.cluster.socket, self.database)

    @property
    def postmaster(self) -> int:
        """Process id of the parent of all backends."""
        return int((self.cluster.layout.data / "postmaster.pid").read_text().split()[0])

    def analyze(self) -> None:
        """Update the planner's statistics, as on a server that has run for a while."""
        with connect(self.cluster.socket, self.database) as superuser:
            superuser.execute("VACUUM (ANALYZE)")


@contextmanager
def staged(*, durable: bool = True) -> Iterator[Stage]:
    """Yield an empty stage, removed after the block."""
    with tempfile.TemporaryDirectory(prefix="maplebridge-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # The database server's account must be able to enter.
        cluster = Cluster(folder / "state", durable=durable)
        with cluster.held():
            make_database(cluster.socket, "bench")
            stage = Stage(folder, cluster, "bench")
            migrate(stage.urls.owner)
            yield stage


@dataclass(frozen=True, slots=True)
class Staged:
    """The loaded county, tokens of a source, a gateway and an operator by these names, and passwords."""

    pack: Pack
    tokens: Mapping[str, str]
    passwords: Mapping[str, str]


async def settle_county(stage: Stage) -> Staged:
    """Load the county as a demo does: divisions, places, cameras, forces, accounts."""
    settings, pack = Settings(data_dir=stage.folder), load_pack(COUNTY)
    prepared = await prepare(settings, pack, stage.urls)
    stage.analyze()
    return Staged(pack, prepared.tokens, prepared.secrets.passwords)


@asynccontextmanager
async def served(stage: Stage) -> AsyncIterator[Server]:
    """Run `maplebridge serve` on the stage, in a process of its own."""
    server = Server(stage.urls, stage.folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def client_of(server: Server, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT)


@contextmanager
def plain_client(url: str, token: str = "") -> Iterator[Callable[[str], bytes]]:
    """Yield a function from a path to the response body, over one kept connection. httpx would add 3 ms to each."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)) as connection:

        def get(path: str) -> bytes:
            connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == HTTPStatus.OK, body
            return body

        yield get


@dataclass(slots=True)
class Meter:
    """Elapsed seconds, and processor seconds of the server, of PostgreSQL and of the bench, during a `with` block."""

    stage: Stage
    server: Server | None = None
    clock: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)
    began: float = 0.0
    _before: dict[str, float] = field(default_factory=dict)

    def __enter__(self) -> "Meter":
        self._before, self.began = self._read(), perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.clock = perf_counter() - self.began
        self.spent = {name: after - self._before[name] for name, after in self._read().items()}

    def summary(self, *, per: int, unit: str) -> str:
        """Format processor time per thousand units, by process."""
        each = ", ".join(f"{name} {1e6 * seconds / per:.0f} ms" for name, seconds in self.spent.items())
        return f"processor time per 1,000 {unit}: {each}"

    def _read(self) -> dict[str, float]:
        read = {"PostgreSQL": tree_seconds(self.stage.postmaster), "bench": sum(os.times()[:2])}
        return read if self.server is None else {"server": tree_seconds(self.server.pid), **read}


def tree_seconds(root: int) -> float:
    """Return processor seconds of a process, of its children, and of those of them that have ended."""
    total, parents = 0.0, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = (int(words[1]), sum(map(int, words[11:15])) / TICKS)
    for pid, (parent, seconds) in parents.items():
        if root in (pid, parent):
            total += seconds
    return total


def summary(name: str, took: list[float]) -> str:
    """Format percentiles of milliseconds as a line."""
    cuts = quantiles(took, n=100)
    return f"{name:>24}: p50 {cuts[49]:7.2f} ms, p95 {cuts[94]:7.2f} ms"


def machine() -> str:
    """Describe the load of the machine, printed beside every figure."""
    return f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}"
