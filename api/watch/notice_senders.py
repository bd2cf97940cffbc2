"""Senders of notices: to a file, and to a webhook."""

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import orjson

from api.settings import Settings
from console.notices.sending import Message, Sender, SendingFailed

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class FileSender:
    """Appends notices to a file, one JSON line each, and returns when they are on the disk."""

    path: Path
    name: str = "file"

    async def send(self, message: Message) -> None:
        try:
            await asyncio.to_thread(self._append, message)
        except OSError as error:
            raise SendingFailed(fault=error.strerror or type(error).__name__) from error

    def _append(self, message: Message) -> None:
        line = orjson.dumps({"key": message.key, **message.body}, option=orjson.OPT_APPEND_NEWLINE)
        with self.path.open("ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Posts notices as JSON, signed as Standard Webhooks are; `webhook-id` is the key under which one is sent again.

    Any answer of 2xx means that the other system has it; redirects are not followed.
    """

    url: str
    secret: bytes
    now: Callable[[], datetime]
    transport: httpx.AsyncBaseTransport | None = None
    name: str = "webhook"

    async def send(self, message: Message) -> None:
        content = orjson.dumps(message.body)
        headers = signed_headers(message.key, content, secret=self.secret, now=self.now())
        try:
            async with httpx.AsyncClient(transport=self.transport, timeout=TIMEOUT_SECONDS) as client:
                answer = await client.post(self.url, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise SendingFailed(fault=type(error).__name__) from error
        if not answer.is_success:
            raise SendingFailed(fault=str(answer.status_code))


def signed_headers(key: str, content: bytes, *, secret: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of a message to another system, with its id by `key` and its signature."""
    message_id = hashlib.sha256(key.encode()).hexdigest()[:32]
    at = str(int(now.timestamp()))
    signed = hmac.new(secret, f"{message_id}.{at}.".encode() + content, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "idempotency-key": message_id,
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def senders_of(settings: Settings, *, now: Callable[[], datetime]) -> tuple[Sender, ...]:
    """Return the senders that the settings name."""
    found: list[Sender] = []
    if settings.notices_file is not None:
        found.append(FileSender(settings.notices_file))
    if settings.notices_webhook_url is not None and settings.notices_webhook_secret is not None:
        found.append(WebhookSender(settings.notices_webhook_url, secret_of(settings.notices_webhook_secret), now))
    return tuple(found)


def secret_of(text: str) -> bytes:
    """Return the bytes of a secret such as `whsec_` and base64."""
    return base64.b64decode(text.removeprefix("whsec_"))
