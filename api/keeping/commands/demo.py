"""`maplebridge demo`: a whole county on this machine, with live traffic."""

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import typer

from api.keeping.commands.children import Child
from api.keeping.commands.database import bring_up_to_date, opened
from api.keeping.commands.demo_alone import alone
from api.keeping.commands.demo_county import Prepared, prepare
from api.keeping.commands.ports import require_free
from api.place.pack import Pack, load_pack
from api.settings import Settings

HISTORY_DAYS = 28
PATIENCE_SECONDS = 120
POLL_SECONDS = 0.2
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo: what it was asked for, and where it keeps its things."""

    settings: Settings
    pack: Pack
    speed: float

    @property
    def folder(self) -> Path:
        return self.settings.data_dir

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"


def demo(
    county: Annotated[str | None, typer.Option(help="A pack's name, or the path of its file.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port to serve on.")] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=3600, help="How many times as fast as a real day.")] = 60.0,
    minutes: Annotated[float | None, typer.Option(min=0, help="End after so many; without it, at Ctrl-C.")] = None,
) -> None:
    """Make a county, serve it, and send live traffic in through its public doors, until Ctrl-C."""
    with suppress(KeyboardInterrupt), told_to_end(), running(asked_for(county, port, speed)) as children:
        _wait(children, minutes)


def asked_for(county: str | None, port: int | None, speed: float) -> Demo:
    """The demo of these options. A county other than the settings' own gets a folder, and so a database, of its own."""
    settings = Settings()
    pack = load_pack(county or settings.county)
    own = pack.key == load_pack(settings.county).key
    changes = {
        "county": county or settings.county,
        "port": port or settings.port,
        "host": "127.0.0.1",
        "data_dir": settings.data_dir if own else settings.data_dir / pack.key,
    }
    return Demo(settings=settings.model_copy(update=changes), pack=pack, speed=speed)


@contextmanager
def running(plan: Demo) -> Iterator[list[Child]]:
    """Everything a demo consists of, READY on entering, gone on leaving."""
    require_free(plan.settings.host, plan.settings.port)
    plan.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(alone(plan.folder))
        say("starting the database")
        urls = stack.enter_context(opened(plan.settings))
        bring_up_to_date(urls)
        say(f"looking after the county: {plan.pack.names.en} {plan.pack.names.zh}")
        ready = asyncio.run(prepare(plan.settings, plan.pack, urls))
        logs = plan.folder / "logs"
        logs.mkdir(exist_ok=True)
        say(f"starting the server; logs are in {logs}")
        server = stack.enter_context(Child("serve", logs=logs, env=environment(plan, ready)))
        wait_until_usable(plan, server)
        if not ready.secrets.has_history:
            send_history(plan, ready, logs)
        simulator = stack.enter_context(simulator_of(plan, ready, logs))
        print_ready(plan, ready)
        stack.callback(ignore_signals)
        yield [server, simulator]


def environment(plan: Demo, ready: Prepared) -> dict[str, str]:
    """What the server and the simulator are told: as any keeper tells them, by variables."""
    tokens = {f"MAPLEBRIDGE_{role.upper()}_TOKEN": token for role, token in ready.tokens.items()}
    return {
        "MAPLEBRIDGE_DATABASE_URL": ready.urls.app,
        "MAPLEBRIDGE_DATA_DIR": str(plan.folder),
        "MAPLEBRIDGE_COUNTY": plan.settings.county,
        "MAPLEBRIDGE_HOST": plan.settings.host,
        "MAPLEBRIDGE_PORT": str(plan.settings.port),
        **tokens,
    }


def wait_until_usable(plan: Demo, server: Child) -> None:
    """Until the server is healthy and serves the map. Raises ChildEnded, or ChildSilent."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(base_url=plan.url, trust_env=False, timeout=5) as client:
        while not _is_usable(client):
            server.check()
            if time.monotonic() > deadline:
                raise server.silent(plan.url, seconds=PATIENCE_SECONDS)
            time.sleep(POLL_SECONDS)


def _is_usable(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/api/health").is_success and client.get("/").is_success
    return False


def send_history(plan: Demo, ready: Prepared, logs: Path) -> None:
    """The last four weeks, once, so that hotspots have a past to compare with."""
    say(f"sending {HISTORY_DAYS} days of closed matters, for hotspots to compare with")
    words = ("--url", plan.url, "--history-days", str(HISTORY_DAYS), "--once")
    with Child("simulate", *words, logs=logs, env=environment(plan, ready)) as past:
        past.finish()
    ready.secrets.has_history = True
    ready.secrets.keep()


def simulator_of(plan: Demo, ready: Prepared, logs: Path) -> Child:
    """Live traffic. The forces that have an account are left to whoever signs in."""
    leave = [word for force in ready.loaded.forces.values() for word in ("--leave", str(force))]
    words = ("simulate", "--url", plan.url, "--speed", str(plan.speed), *leave)
    return Child(*words, logs=logs, env=environment(plan, ready))


def print_ready(plan: Demo, ready: Prepared) -> None:
    """The one line on standard output: what scripts wait for."""
    accounts = {name: {"username": name, "password": word} for name, word in ready.secrets.passwords.items()}
    line = json.dumps({"url": plan.url, "accounts": accounts}, ensure_ascii=False)
    typer.echo(f"READY {line}")


def say(words: str) -> None:
    typer.echo(f"maplebridge: {words}", err=True)


def _wait(children: list[Child], minutes: float | None) -> None:
    """Until the time is up or a child ends, which raises ChildEnded. One that was killed is started again."""
    deadline = time.monotonic() + minutes * 60 if minutes is not None else float("inf")
    while time.monotonic() < deadline:
        for child in children:
            if child.keep():
                say(f"{child.name} was killed, and is started again")
        time.sleep(POLL_SECONDS)


@contextmanager
def told_to_end() -> Iterator[None]:
    """SIGTERM and a closed terminal end the demo as Ctrl-C does."""

    def end(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    for number in SIGNALS:
        signal.signal(number, end)
    yield


def ignore_signals() -> None:
    """From here on things are being put away: a second Ctrl-C must not leave half of them running."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
