"""What a bench needs around what it measures: a cluster, the county at its reported scale, a server, and a meter.

The cluster is a private one in a temporary folder, as crash-safe as a real one: figures that a power cut would undo are
no figures. The server runs in a process of its own. The meter reads processor time from /proc: on a machine that does
other things as well, seconds on the clock tell of the neighbours, processor seconds of us.
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

from api.keeping.commands.demo_county import prepare
from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import Urls, connect, make_database, urls_of
from api.place.pack import Pack, load_pack
from api.settings import Settings
from tests.browser.server import Server

COUNTY = "wujiang"
TICKS = os.sysconf("SC_CLK_TCK")
TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A migrated database in a cluster of its own, and the folder that all of it lies in."""

    folder: Path
    cluster: Cluster
    database: str

    @property
    def urls(self) -> Urls:
        return urls_of(self.cluster.socket, self.database)

    @property
    def postmaster(self) -> int:
        """The process that all backends are children of."""
        return int((self.cluster.layout.data / "postmaster.pid").read_text().split()[0])

    def analyze(self) -> None:
        """Bring the planner's statistics up to date, as they are on a server that has run for a while."""
        with connect(self.cluster.socket, self.database) as superuser:
            superuser.execute("VACUUM (ANALYZE)")


@contextmanager
def staged(*, durable: bool = True) -> Iterator[Stage]:
    """An empty stage, gone after the block."""
    with tempfile.TemporaryDirectory(prefix="maplebridge-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)  # The database server's account has to get through.
        cluster = Cluster(folder / "state", durable=durable)
        with cluster.held():
            make_database(cluster.socket, "bench")
            stage = Stage(folder, cluster, "bench")
            migrate(stage.urls.owner)
            yield stage


@dataclass(frozen=True, slots=True)
class Staged:
    """The county in the store, the tokens of a source, a gateway and an operator by these names, and the passwords."""

    pack: Pack
    tokens: Mapping[str, str]
    passwords: Mapping[str, str]


async def settle_county(stage: Stage) -> Staged:
    """The county as a demo has it: lines, places, cameras, forces, accounts."""
    settings, pack = Settings(data_dir=stage.folder), load_pack(COUNTY)
    prepared = await prepare(settings, pack, stage.urls)
    stage.analyze()
    return Staged(pack, prepared.tokens, prepared.secrets.passwords)


@asynccontextmanager
async def served(stage: Stage) -> AsyncIterator[Server]:
    """`maplebridge serve` over the stage, in a process of its own."""
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
    """Asks for a path and answers the body, through one kept connection. httpx would take 3 ms for each answer."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)) as line:

        def get(path: str) -> bytes:
            line.request("GET", path, headers={"Authorization": f"Bearer {token}"})
            answer = line.getresponse()
            body = answer.read()
            assert answer.status == HTTPStatus.OK, body
            return body

        yield get


@dataclass(slots=True)
class Meter:
    """Seconds on the clock, and processor seconds of the server, of PostgreSQL and of ourselves, of a `with` block."""

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

    def told(self, *, per: int, unit: str) -> str:
        """Processor time per thousand units, by who spent it."""
        each = ", ".join(f"{name} {1e6 * seconds / per:.0f} ms" for name, seconds in self.spent.items())
        return f"processor time per 1,000 {unit}: {each}"

    def _read(self) -> dict[str, float]:
        read = {"PostgreSQL": tree_seconds(self.stage.postmaster), "bench": sum(os.times()[:2])}
        return read if self.server is None else {"server": tree_seconds(self.server.pid), **read}


def tree_seconds(root: int) -> float:
    """Processor seconds of a process, of its children, and of those of them that have ended."""
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


def told(name: str, took: list[float]) -> str:
    """Percentiles of milliseconds as a line."""
    cuts = quantiles(took, n=100)
    return f"{name:>24}: p50 {cuts[49]:7.2f} ms, p95 {cuts[94]:7.2f} ms"


def machine() -> str:
    """What else the machine does, to be read beside every figure."""
    return f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}"
