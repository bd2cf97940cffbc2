"""`maplebridge simulate`: send a county's traffic through the HTTP interface."""

import asyncio
import contextlib
import logging
import signal
import time
from typing import Annotated, ClassVar

import structlog
import typer

from api.keeping.commands.server_messages import first_refusal, print_trouble
from api.keeping.words import said
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from geo.errors import MaplebridgeError
from ingest.simulator.running import Simulation, Tokens, run
from ingest.simulator.terms import TrafficTerms

SEED = 20_260_301

Token = Annotated[str, typer.Option(envvar="MAPLEBRIDGE_SOURCE_TOKEN", help="Token of a user of role source.")]
Gateway = Annotated[str, typer.Option(envvar="MAPLEBRIDGE_GATEWAY_TOKEN", help="Token of a user of role gateway.")]
Operator = Annotated[
    str | None, typer.Option(envvar="MAPLEBRIDGE_OPERATOR_TOKEN", help="Token of a user of role operator, for --seats.")
]
Planner = Annotated[
    str | None, typer.Option(envvar="MAPLEBRIDGE_PLANNER_TOKEN", help="Token of a user of role planner, for rounds.")
]
Patrol = Annotated[
    str | None, typer.Option(envvar="MAPLEBRIDGE_PATROL_TOKEN", help="Token of a user of role patrol, for rounds.")
]


class NoTraffic(MaplebridgeError):
    """The pack says nothing of made-up reports. `params`: `pack`."""

    code: ClassVar[str] = "county.no_traffic"

    def __str__(self) -> str:
        return said(
            "the pack {pack} has no traffic in a demo.toml, and reports are made up from that: "
            "add it (docs/packs.md), or send recorded ones with `maplebridge replay`",
            **self.params,
        )


def simulate(
    source_token: Token,
    gateway_token: Gateway,
    operator_token: Operator = None,
    planner_token: Planner = None,
    patrol_token: Patrol = None,
    url: Annotated[str, typer.Option(help="Address of the server.")] = "http://127.0.0.1:8000",
    speed: Annotated[float, typer.Option(min=0.1, max=3600, help="Speed relative to real time.")] = 60.0,
    history_days: Annotated[
        int, typer.Option(min=0, max=730, help="First send closed incidents of this many days.")
    ] = 0,
    seats: Annotated[
        int, typer.Option(min=0, max=50, help="Simulated operators, who handle a share of the incidents.")
    ] = 2,
    leave: Annotated[
        list[int] | None, typer.Option(help="Id of a force to leave to a person; may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random traffic.")] = SEED,
    once: Annotated[bool, typer.Option("--once", help="End after the history.")] = False,
) -> None:
    """Send a county's traffic to a server: reports at yearly rates, positions, task steps, operators, and rounds."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    pack = load_pack(Settings().county)
    simulation = Simulation(
        url=url,
        tokens=Tokens(source_token, gateway_token, operator_token, planner_token, patrol_token),
        traffic=traffic_of(pack),
        zone=pack.zone,
        kmh={mode.mode: mode.kmh for mode in pack.dispatch.travel},
        smallest_level=pack.root.levels[-1].level,
        speed=speed,
        seed=seed,
        run=int(time.time()),
        history_days=history_days,
        seats=seats,
        manual_forces=frozenset(leave or ()),
        risks=[risk.code for risk in pack.incidents.risks],
        live=not once,
        on_trouble=print_trouble,
    )
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    try:
        with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
            asyncio.run(_until_terminated(simulation))
    except ExceptionGroup as several:
        raise first_refusal(several) from several


async def _until_terminated(simulation: Simulation) -> None:
    """Run until SIGTERM, and end at once: nothing needs to be finished."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await run(simulation)


def traffic_of(pack: Pack) -> TrafficTerms:
    """Return the pack's rates of incidents. Raises NoTraffic."""
    if pack.demo.traffic is None:
        raise NoTraffic(pack=pack.key)
    return pack.demo.traffic
