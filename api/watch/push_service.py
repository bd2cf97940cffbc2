"""Web Push: the server's key, and the way to the push services of browsers.

Where a notice goes is said by a browser, so the server goes to known services alone, by https, to no address of its own
network unless the keeper names the host, and follows no redirect.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path

import httpx
import orjson
import structlog

from api.settings import Settings
from console.messages.rules import (
    HTTPS,
    SERVICES,
    Answer,
    Outcome,
    Outgoing,
    PushServiceRefused,
    life_of,
    meaning_of_push,
    push_said,
    service_of,
)
from console.messages.sealing import PushKey, seal

KEY_FILE = "push.key"
TIMEOUT_SECONDS = 8.0

log = structlog.get_logger()


@dataclass(frozen=True)
class PushService:
    """Sends sealed messages to push services. `contact` tells them whom to write to, `hosts` are the keeper's own."""

    key: PushKey
    contact: str
    now: Callable[[], datetime]
    hosts: Sequence[str] = ()
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    name: str = "push"

    @property
    def allowed(self) -> tuple[str, ...]:
        return (*SERVICES, *self.hosts)

    async def send(self, message: Outgoing) -> Answer:
        """Send a message within eight seconds, and read no more of the answer than its head."""
        if message.to is None:
            return Answer(Outcome.REFUSED, "no_subscription")
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._send(message, message.to.endpoint)
        except PushServiceRefused:
            return Answer(Outcome.REFUSED, "service")
        except (httpx.HTTPError, OSError, TimeoutError) as error:
            return Answer(Outcome.LATER, type(error).__name__)

    async def _send(self, message: Outgoing, endpoint: str) -> Answer:
        where = service_of(endpoint, self.allowed)
        url = httpx.URL(endpoint)
        address = await self._address_of(url.host, url.port or HTTPS, is_own=where in self.hosts)
        headers = self._headers(message, endpoint) | {"Host": url.netloc.decode()}
        async with (
            httpx.AsyncClient(verify=self.trust, timeout=TIMEOUT_SECONDS, trust_env=False) as client,
            client.stream(
                "POST",
                url.copy_with(host=address),
                content=self._sealed(message),
                headers=headers,
                extensions={"sni_hostname": url.host},
            ) as answer,
        ):
            return meaning_of_push(answer.status_code, answer.headers.get("retry-after"))

    async def _address_of(self, host: str, port: int, *, is_own: bool) -> str:
        """Resolve a host, once for the check and for the call. Raises PushServiceRefused for an address that is not
        public.
        """
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = sorted({str(each[4][0]) for each in found}, key=lambda each: (":" in each, each))
        if not is_own and not all(ip_address(each).is_global for each in addresses):
            raise PushServiceRefused(host=host)
        return addresses[0]

    def _headers(self, message: Outgoing, endpoint: str) -> dict[str, str]:
        now = self.now()
        return {
            "Authorization": self.key.authorization(endpoint, contact=self.contact, now=now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(life_of(message, now=now).total_seconds())),
            "Topic": "test" if message.task is None else f"task-{message.task.id}",
            "Urgency": "high",
        }

    def _sealed(self, message: Outgoing) -> bytes:
        assert message.to is not None
        said = push_said(message, token=self.key.token_of(message.id))
        return seal(orjson.dumps(said), p256dh=message.to.p256dh, auth=message.to.auth)


def push_key_of(folder: Path) -> PushKey | None:
    """Return the server's key, made when there is none yet; None where it cannot be kept."""
    file = folder / KEY_FILE
    try:
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write_new(file, PushKey.made().pem())
        return PushKey.read(file.read_bytes())
    except (OSError, ValueError) as error:
        log.warning("push_key_unusable", fault=type(error).__name__)
        return None


def _write_new(file: Path, content: bytes) -> None:
    """Write a file that appears whole; the first of two processes wins."""
    part = file.with_name(f"{file.name}.{id(content)}.part")
    try:
        part.touch(mode=0o600)
        part.write_bytes(content)
        file.hardlink_to(part)
    except FileExistsError:
        pass
    finally:
        part.unlink(missing_ok=True)


def push_of(settings: Settings, *, now: Callable[[], datetime]) -> PushService | None:
    """Return the way to push services, None where the keeper has named no contact or the key cannot be kept."""
    if settings.push_contact is None:
        return None
    key = push_key_of(settings.data_dir)
    return None if key is None else PushService(key, settings.push_contact, now, settings.push_hosts)
