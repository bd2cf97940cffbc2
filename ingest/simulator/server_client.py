"""HTTP client with a bearer token that retries while the server does not answer.

It reports at once when the server stops answering, and again when it answers.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

import httpx

from geo.errors import MaplebridgeError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
REMEDIES = {
    HTTPStatus.UNAUTHORIZED: "The token is unknown or has expired: `maplebridge users token NAME` prints a new one.",
    HTTPStatus.FORBIDDEN: "The token's user does not have the required role: `maplebridge users list` shows it.",
}


class NoAnswer(MaplebridgeError):
    """The server did not answer within `patience_s`. `params`: `url`, `reason`, `seconds`."""

    code: ClassVar[str] = "server.no_answer"

    def __str__(self) -> str:
        return "{url} did not answer for {seconds} s: {reason}".format(**self.params)


class RequestRefused(MaplebridgeError):
    """The server refused a request that a retry cannot help. `params`: `url`, `path`, `status`, `reason`."""

    code: ClassVar[str] = "server.refused"

    def __str__(self) -> str:
        said = "{url}{path} refused: {status} {reason}".format(**self.params)
        remedy = REMEDIES.get(self.params["status"])
        return f"{said}. {remedy}" if remedy else said


@dataclass(frozen=True, slots=True)
class Trouble:
    """The server does not answer: the reason, and the seconds until a retry. Without a reason, it answers again."""

    url: str
    reason: str | None
    again_s: float


OnTrouble = Callable[[Trouble], None]


class ServerClient:
    """Client of one role. Requests are retried until the server answers, or `patience_s` have passed; callers judge
    the status, but 401 always raises RequestRefused.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        token: str,
        *,
        on_trouble: OnTrouble = lambda _: None,
        patience_s: float | None = None,
    ) -> None:
        self._client, self._on_trouble, self._patience_s = client, on_trouble, patience_s
        self._reason: str | None = None
        self.headers = {"Authorization": f"Bearer {token}"}

    @property
    def url(self) -> str:
        return str(self._client.base_url)

    async def send(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """Send a request, retried with backoff until the server answers. Raises RequestRefused, NoAnswer."""
        clock = asyncio.get_running_loop().time
        began, wait = clock(), FIRST_WAIT_S
        while True:
            answer = await self._try(method, path, parts, again_s=wait)
            if answer is not None:
                return answer
            if self._patience_s is not None and clock() + wait - began > self._patience_s:
                raise NoAnswer(url=self.url, reason=self._reason, seconds=round(clock() - began, 1))
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def send_once(self, method: str, path: str, **parts: Any) -> httpx.Response | None:
        """Send a request without retry; None when the server is down. For data soon stale. Raises RequestRefused."""
        return await self._try(method, path, parts, again_s=FIRST_WAIT_S)

    async def ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """Send a request that must succeed. Raises RequestRefused for every error status, and NoAnswer."""
        answer = await self.send(method, path, **parts)
        if answer.is_error:
            raise self._refused(answer, path)
        return answer

    async def read(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON of a GET. Raises RequestRefused, NoAnswer."""
        return (await self.ask("GET", path, params=params)).json()

    def report_down(self, reason: str, *, again_s: float) -> None:
        """Report that the server does not answer, once for each reason, however many requests wait."""
        if reason != self._reason:
            self._reason = reason
            self._on_trouble(Trouble(self.url, reason, again_s))

    def report_up(self) -> None:
        """Report that the server answers again, if it did not before."""
        if self._reason is not None:
            self._reason = None
            self._on_trouble(Trouble(self.url, None, 0.0))

    async def _try(self, method: str, path: str, parts: Mapping[str, Any], *, again_s: float) -> httpx.Response | None:
        headers = {**self.headers, **parts.get("headers", {})}
        try:
            answer = await self._client.request(method, path, **{**parts, "headers": headers})
        except httpx.UnsupportedProtocol as error:
            raise NoAnswer(url=self.url, reason=str(error), seconds=0) from error
        except httpx.TransportError as error:
            self.report_down(f"{type(error).__name__} {error}".strip(), again_s=again_s)
            return None
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise self._refused(answer, path)
        if answer.is_server_error or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            self.report_down(_summary_of(answer), again_s=again_s)
            return None
        self.report_up()
        return answer

    def _refused(self, answer: httpx.Response, path: str) -> RequestRefused:
        return RequestRefused(url=self.url.rstrip("/"), path=path, status=answer.status_code, reason=_code_of(answer))


def _summary_of(answer: httpx.Response) -> str:
    return f"{answer.status_code} {_code_of(answer)}"


def _code_of(answer: httpx.Response) -> str:
    """Return the error code of the server's problem body, else the beginning of the body."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(body.get("code", "")) if isinstance(body, dict) else answer.text[:200]
