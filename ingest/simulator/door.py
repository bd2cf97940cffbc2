"""The server's doors as any program outside sees them: HTTP with a bearer token, patient while the server is away."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
FAULT = 500
BUSY = 429


class Door:
    """One role's way in. Calls wait until the server answers; what it answers is the caller's to judge."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    async def send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """One call, repeated with longer and longer pauses until the server answers."""
        wait = FIRST_WAIT_S
        while True:
            answer = await self.send_once(method, path, **parts)
            if answer is not None:
                return answer
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def send_once(self, method: str, path: str, **parts: Any) -> httpx.Response | None:
        """One call, or None when the server is away. For what is stale by the time it is back."""
        headers = {**self.headers, **parts.pop("headers", {})}
        try:
            answer = await self._client.request(method, path, headers=headers, **parts)
        except httpx.TransportError:
            return None
        return None if answer.status_code >= FAULT or answer.status_code == BUSY else answer

    async def read(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON of a GET. Raises HTTPStatusError for a refusal."""
        answer = await self.send("GET", path, params=params)
        answer.raise_for_status()
        return answer.json()
