"""The server's doors as any program outside sees them: HTTP with a bearer token, patient while the server is away.

Patient is not silent: whoever runs the program is told at once that nobody answers, and again when somebody does.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

import httpx

from geo.errors import MaplebridgeError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
WAYS_OUT = {
    HTTPStatus.UNAUTHORIZED: "The token is not known, or is over: `maplebridge users token NAME` prints a new one.",
    HTTPStatus.FORBIDDEN: "The token's user has another role than this takes: `maplebridge users list` shows it.",
}


class NoAnswer(MaplebridgeError):
    """Nobody answered for as long as one was ready to wait. `params`: `url`, `reason`, `seconds`."""

    code: ClassVar[str] = "door.no_answer"

    def __str__(self) -> str:
        return "{url} did not answer for {seconds} s: {reason}".format(**self.params)


class RequestRefused(MaplebridgeError):
    """The server answered, and asking again would change nothing. `params`: `url`, `path`, `status`, `reason`."""

    code: ClassVar[str] = "door.refused"

    def __str__(self) -> str:
        said = "{url}{path} refused: {status} {reason}".format(**self.params)
        way_out = WAYS_OUT.get(self.params["status"])
        return f"{said}. {way_out}" if way_out else said


@dataclass(frozen=True, slots=True)
class Trouble:
    """The server does not answer: why, and in how many seconds it is asked again. No reason: it answers again."""

    url: str
    reason: str | None
    again_s: float


OnTrouble = Callable[[Trouble], None]


class ServerClient:
    """One role's way in. Calls wait until the server answers; what it answers is the caller's to judge.

    With `patience_s` a call gives up after so many seconds without an answer.
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
        """One call, repeated with longer and longer pauses until the server answers. Raises RequestRefused, NoAnswer."""
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
        """One call, or None when the server is away. For what is stale by the time it is back. Raises RequestRefused."""
        return await self._try(method, path, parts, again_s=FIRST_WAIT_S)

    async def ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        """A call that must be accepted. Raises RequestRefused for every answer that is an error, and NoAnswer."""
        answer = await self.send(method, path, **parts)
        if answer.is_error:
            raise self._refused(answer, path)
        return answer

    async def read(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """The JSON of a GET. Raises RequestRefused, NoAnswer."""
        return (await self.ask("GET", path, params=params)).json()

    def report_down(self, reason: str, *, again_s: float) -> None:
        """OnTrouble that the server is away, once for each reason: a hundred callers at one server find the same."""
        if reason != self._reason:
            self._reason = reason
            self._on_trouble(Trouble(self.url, reason, again_s))

    def report_up(self) -> None:
        """OnTrouble that the server answers again, if it did not before."""
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
            self.report_down(_said(answer), again_s=again_s)
            return None
        self.report_up()
        return answer

    def _refused(self, answer: httpx.Response, path: str) -> RequestRefused:
        return RequestRefused(url=self.url.rstrip("/"), path=path, status=answer.status_code, reason=_code_of(answer))


def _said(answer: httpx.Response) -> str:
    return f"{answer.status_code} {_code_of(answer)}"


def _code_of(answer: httpx.Response) -> str:
    """The problem's code where it is one of ours, else the beginning of what was said."""
    try:
        said = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(said.get("code", "")) if isinstance(said, dict) else answer.text[:200]
