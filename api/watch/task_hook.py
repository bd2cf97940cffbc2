"""The keeper's hook: messages about tasks, posted as JSON to a gateway of 政务微信 or of short messages.

Its address is the keeper's own, so it may lie in their network.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
import orjson

from api.settings import Settings
from api.watch.notice_senders import secret_of, signed_headers
from console.messages.rules import Answer, Outcome, Outgoing, hook_said, key_of, meaning_of_hook

TIMEOUT_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class TaskHook:
    """Posts messages signed as Standard Webhooks are; `webhook-id` is the same when one is sent again."""

    url: str
    secret: bytes
    now: Callable[[], datetime]
    name: str = "hook"

    async def send(self, message: Outgoing) -> Answer:
        """Send a message within eight seconds. Any answer of 2xx takes it; redirects are not followed."""
        content = orjson.dumps(hook_said(message))
        headers = signed_headers(key_of(message), content, secret=self.secret, now=self.now())
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                httpx.AsyncClient(timeout=TIMEOUT_SECONDS) as client,
                client.stream("POST", self.url, content=content, headers=headers) as answer,
            ):
                return meaning_of_hook(answer.status_code, answer.headers.get("retry-after"))
        except (httpx.HTTPError, TimeoutError) as error:
            return Answer(Outcome.LATER, type(error).__name__)


def hook_of(settings: Settings, *, now: Callable[[], datetime]) -> TaskHook | None:
    """Return the hook of the settings, None without one."""
    if settings.tasks_hook_url is None or settings.tasks_hook_secret is None:
        return None
    return TaskHook(settings.tasks_hook_url, secret_of(settings.tasks_hook_secret.get_secret_value()), now)
