"""Carries numbered events between servers on one database by NATS, which may lose, delay, double or reorder them.

The store stays the truth. A batch is taken only by a hub that stands exactly at its beginning; all else makes a server
look into the store, as it does four times a second anyway. So nothing here is acknowledged, repeated or remembered.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

import nats.errors
import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from api import metrics
from api.live.batches import Batch, common_division, decoded, encoded

log = structlog.get_logger()

MOST_BYTES = 900_000
"""NATS takes 1 MiB. A larger batch only says how far the feed is."""
MOST_WAITING = 64
BEAT_SECONDS = 2.0
SILENCE_SECONDS = 7.0
"""A connection that does not bring back our own messages for so long is given up, whatever it says of itself."""
LED_SECONDS = 1.0
CONNECT_SECONDS = 3


class BrokerLost(ConnectionError):
    """NATS does not answer, refuses us, or does not bring back what we send."""


class Broker:
    """One server's connection to NATS. `step` is run by a loop, which connects anew after `BrokerLost`.

    Batches go to `maplebridge.feed.<path>.events`, by the division that all events of the batch lie in, so that a
    consumer's subscription and rights follow the divisions. The servers themselves hear all of `root`.
    """

    def __init__(self, url: str, *, root: str, name: str, receive: Callable[[Batch], None]) -> None:
        self._url, self._root, self._name, self._receive = url, root, name, receive
        self._waiting: asyncio.Queue[Batch] = asyncio.Queue(MOST_WAITING)
        self._client: Client | None = None
        self._heard = self._led_at = float("-inf")

    @property
    def is_connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    @property
    def is_led(self) -> bool:
        """Whether a server whose name comes before ours has just carried events: it numbers them for both."""
        return monotonic() - self._led_at < LED_SECONDS

    def publish(self, batch: Batch) -> None:
        """Send a batch soon, or not at all without a connection or if too many wait."""
        if self.is_connected:
            with suppress(asyncio.QueueFull):
                self._waiting.put_nowait(batch)

    async def step(self) -> None:
        """Connect if necessary, and send the next batch, or a beat. Raises `BrokerLost`."""
        try:
            client = self._client or await self._connect()
            batch = None
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    batch = await self._waiting.get()
            if monotonic() - self._heard > SILENCE_SECONDS:
                raise BrokerLost("silent")
            await client.publish(*(self._beat() if batch is None else self._message(batch)))
        except (nats.errors.Error, OSError, TimeoutError) as error:
            await self.close()
            raise BrokerLost(type(error).__name__) from error

    async def close(self) -> None:
        client, self._client = self._client, None
        self._led_at = float("-inf")
        self._waiting = asyncio.Queue(MOST_WAITING)
        if client:
            with suppress(nats.errors.Error, OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    await client.close()

    async def _connect(self) -> Client:
        self._client = client = Client()
        async with asyncio.timeout(2 * CONNECT_SECONDS):
            await client.connect(
                self._url, allow_reconnect=False, connect_timeout=CONNECT_SECONDS, name="maplebridge", error_cb=_note
            )
            await client.subscribe(self._subject(self._root, ">"), cb=self._take)
        self._heard = monotonic()
        return client

    def _beat(self) -> tuple[str, bytes]:
        return self._subject(self._root, "beat"), orjson.dumps({"by": self._name, "sent": monotonic()})

    def _message(self, batch: Batch) -> tuple[str, bytes]:
        body = {"by": self._name, "sent": monotonic(), **encoded(batch)}
        text = orjson.dumps(body)
        if len(text) > MOST_BYTES:
            text = orjson.dumps(body | {"events": None})
        paths = [event.visibility.division_path for event in batch.events or ()]
        return self._subject(common_division(paths) or self._root, "events"), text

    @staticmethod
    def _subject(path: str, what: str) -> str:
        return f"maplebridge.feed.{path}.{what}"

    async def _take(self, message: Msg) -> None:
        """Take a message, our own as a sign that the connection works. What cannot be read is left to the store."""
        try:
            said = orjson.loads(message.data)
            if said["by"] == self._name:
                self._heard = monotonic()
                metrics.BROKER_LAG.set(self._heard - said["sent"])
                return
            if message.subject.endswith(".beat"):
                return
            batch = decoded(said)
        except (ValueError, TypeError, KeyError):
            log.warning("broker_message_unreadable")
            return
        if said["by"] < self._name:
            self._led_at = monotonic()
        self._receive(batch)


async def _note(error: Exception) -> None:
    """Log what the client reports: a message that it dropped, above all."""
    log.info("broker_error", reason=type(error).__name__)
