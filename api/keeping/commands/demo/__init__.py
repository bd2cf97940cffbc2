"""`maplebridge demo`: a county with live traffic on this machine."""

import asyncio
import json
import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import structlog
import typer

from api.keeping.commands.database import bring_up_to_date, open_database
from api.keeping.commands.demo.children import Child
from api.keeping.commands.demo.county import Prepared, prepare
from api.keeping.commands.demo.last_days import live_last_days
from api.keeping.commands.demo.lock import lock_demo
from api.keeping.commands.ports import require_free
from api.keeping.commands.simulate import traffic_of
from api.keeping.words import said
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from layers.current import seen_of
from layers.roads.engines import installed

HISTORY_DAYS = 400
"""A year and five weeks: rises are judged from 54 whole weeks on."""
PATIENCE_SECONDS = 120
POLL_SECONDS = 0.2
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Demo:
    """Settings, pack and speed of one demo, and of how many days it has a history."""

    settings: Settings
    pack: Pack
    speed: float
    history_days: int = HISTORY_DAYS

    @property
    def folder(self) -> Path:
        return self.settings.data_dir

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"


def demo(
    county: Annotated[str | None, typer.Option(help="Name or folder of a pack.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port to serve on.")] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=3600, help="Speed relative to real time.")] = 60.0,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="End after this many minutes; by default, at Ctrl-C.")
    ] = None,
    history_days: Annotated[
        int, typer.Option(min=0, max=730, help="First send closed incidents of this many days.")
    ] = HISTORY_DAYS,
) -> None:
    """Generate a county, serve it, and send live traffic through the HTTP interface, until Ctrl-C."""
    wanted = replace(demo_of(county, port, speed), history_days=history_days)
    with suppress(KeyboardInterrupt), treat_signals_as_interrupt(), running(wanted) as children:
        _wait(children, minutes)


def demo_of(county: str | None, port: int | None, speed: float) -> Demo:
    """Build the demo of these options. A county other than the settings' own gets its own folder, and so its own
    database.
    """
    settings = Settings()
    pack = load_pack(county or settings.county)
    traffic_of(pack)
    own = pack.key == load_pack(settings.county).key
    changes = {
        "county": county or settings.county,
        "port": port or settings.port,
        "host": "127.0.0.1",
        "data_dir": settings.data_dir if own else settings.data_dir / pack.key,
    }
    return Demo(settings=settings.model_copy(update=changes), pack=pack, speed=speed)


@contextmanager
def running(demo: Demo) -> Iterator[list[Child]]:
    """Start all parts of a demo; READY is printed on entering, and all have ended on leaving."""
    require_free(demo.settings.host, demo.settings.port)
    demo.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(lock_demo(demo.folder))
        print_progress(said("starting the database"))
        urls = stack.enter_context(open_database(demo.settings))
        bring_up_to_date(urls)
        print_progress(said("preparing the county: {en} {zh}", en=demo.pack.names.en, zh=demo.pack.names.zh))
        ready = asyncio.run(prepare(demo.settings, demo.pack, urls))
        logs = demo.folder / "logs"
        logs.mkdir(exist_ok=True)
        maps = None
        if lacks_maps(demo):
            maps = stack.enter_context(Child("roads", "make", logs=logs, env=environment(demo, ready)))
        is_new = demo.history_days > 0 and not ready.secrets.has_history
        if is_new:
            print_progress(said("opening the cases of the last days"))
            keep_quiet()
            asyncio.run(live_last_days(demo.settings, demo.pack, ready, now=datetime.now(UTC)))
        print_progress(said("starting the server; logs are in {logs}", logs=logs))
        server = stack.enter_context(Child("serve", logs=logs, env=environment(demo, ready)))
        wait_until_usable(demo, server)
        if is_new:
            send_history(demo, ready, logs)
        if maps is not None:
            wait_for_basemap(demo, maps)
        simulator = stack.enter_context(simulator_of(demo, ready, logs))
        print_ready(demo, ready)
        stack.callback(ignore_signals)
        yield [server, simulator]


def lacks_maps(demo: Demo) -> bool:
    """Whether the county's basemap or roads have to be made up, beside the start.

    Until the roads are there, and where there is no road library, travel times are estimates.
    """
    settings = demo.settings
    if demo.pack.demo.generator is None:
        return False
    lacks_roads = installed() is not None and not settings.roads_url and seen_of(settings.roads_dir) is None
    return lacks_roads or seen_of(settings.basemap_dir) is None


def wait_for_basemap(demo: Demo, maps: Child) -> None:
    """Wait until the basemap is drawn, which takes a few seconds: a page asks for it once. One that fails is not
    waited for: its log says why.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while seen_of(demo.settings.basemap_dir) is None and maps.process.poll() is None:
        if time.monotonic() > deadline:
            return
        time.sleep(POLL_SECONDS)


def keep_quiet() -> None:
    """Log what fails only, and not to standard output, which has the READY line alone."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def environment(demo: Demo, ready: Prepared) -> dict[str, str]:
    """Environment variables of the server and the simulator."""
    tokens = {f"MAPLEBRIDGE_{role.upper()}_TOKEN": token for role, token in ready.tokens.items()}
    return {
        "MAPLEBRIDGE_DATABASE_URL": ready.urls.app,
        "MAPLEBRIDGE_DATA_DIR": str(demo.folder),
        "MAPLEBRIDGE_COUNTY": demo.settings.county,
        "MAPLEBRIDGE_HOST": demo.settings.host,
        "MAPLEBRIDGE_PORT": str(demo.settings.port),
        "MAPLEBRIDGE_DEMO_SPEED": str(demo.speed),
        **tokens,
    }


def wait_until_usable(demo: Demo, server: Child) -> None:
    """Wait until the server is healthy and serves the map. Raises `ChildEnded` or `ChildSilent`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(base_url=demo.url, trust_env=False, timeout=5) as client:
        while not _is_usable(client):
            server.check()
            if time.monotonic() > deadline:
                raise server.silent(demo.url, seconds=PATIENCE_SECONDS)
            time.sleep(POLL_SECONDS)


def _is_usable(client: httpx.Client) -> bool:
    with suppress(httpx.TransportError):
        return client.get("/api/health").is_success and client.get("/").is_success
    return False


def send_history(demo: Demo, ready: Prepared, logs: Path) -> None:
    """Send the incidents of the last days, once, so that hotspots and figures have a past to compare with."""
    days = demo.history_days
    print_progress(said("sending {days} days of closed incidents, for hotspots to compare with", days=days))
    arguments = ("--url", demo.url, "--history-days", str(days), "--once")
    with Child("simulate", *arguments, logs=logs, env=environment(demo, ready)) as past:
        past.wait()
    ready.secrets.has_history = True
    ready.secrets.save()


def simulator_of(demo: Demo, ready: Prepared, logs: Path) -> Child:
    """Start live traffic. The simulator does not move forces that have an account, since people sign in for them."""
    leave = [option for force in ready.loaded.forces.values() for option in ("--leave", str(force))]
    arguments = ("simulate", "--url", demo.url, "--speed", str(demo.speed), *leave)
    return Child(*arguments, logs=logs, env=environment(demo, ready))


def print_ready(demo: Demo, ready: Prepared) -> None:
    """Print the READY line, the only one on standard output: scripts wait for it."""
    accounts = {name: {"username": name, "password": password} for name, password in ready.secrets.passwords.items()}
    line = json.dumps({"url": demo.url, "accounts": accounts}, ensure_ascii=False)
    typer.echo(f"READY {line}")


def print_progress(step: str) -> None:
    """Print progress to standard error."""
    typer.echo(f"maplebridge: {step}", err=True)


def _wait(children: list[Child], minutes: float | None) -> None:
    """Wait until the time is up. A child that was killed is restarted; one that ended raises `ChildEnded`."""
    deadline = time.monotonic() + minutes * 60 if minutes is not None else float("inf")
    while time.monotonic() < deadline:
        for child in children:
            if child.restart_if_killed():
                print_progress(said("{name} was killed; restarting it", name=child.name))
        time.sleep(POLL_SECONDS)


@contextmanager
def treat_signals_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM and a closed terminal as Ctrl-C."""

    def end(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    for number in SIGNALS:
        signal.signal(number, end)
    yield


def ignore_signals() -> None:
    """Ignore signals during clean-up: a second Ctrl-C must not leave processes running."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
