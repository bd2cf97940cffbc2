"""Check of `doctor` on the broker between several servers."""

import asyncio
from urllib.parse import urlsplit

import nats
import nats.errors

from api.keeping.commands.finding import Finding
from api.keeping.words import said
from api.settings import Settings

PATIENCE_SECONDS = 5
SUBJECT = "maplebridge.doctor"


def check_broker(settings: Settings) -> Finding:
    """Send a message by NATS and wait for it. The address is told by its host alone: it may hold a password."""
    if settings.nats_url is None:
        return Finding("broker", True, said("none, as one server needs none; MAPLEBRIDGE_NATS_URL names one"))
    host = urlsplit(settings.nats_url).hostname
    fault = asyncio.run(_fault(settings.nats_url))
    if fault is None:
        return Finding("broker", True, said("NATS at {host} carries messages", host=host))
    remedy = said("Start nats-server, or check MAPLEBRIDGE_NATS_URL; until then, servers read the database instead.")
    return Finding("broker", False, said("NATS at {host} does not answer: {fault}", host=host, fault=fault), remedy)


async def _fault(url: str) -> str | None:
    """Return the class of what went wrong, None if a message came back."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            client = await nats.connect(url, allow_reconnect=False, connect_timeout=PATIENCE_SECONDS, error_cb=_ignore)
            waiting = await client.subscribe(SUBJECT)
            await client.publish(SUBJECT, b"")
            await waiting.next_msg(PATIENCE_SECONDS)
            await client.close()
    except (nats.errors.Error, OSError, TimeoutError) as error:
        return type(error).__name__
    return None


async def _ignore(_: Exception) -> None:
    """What the client reports is raised as well."""
