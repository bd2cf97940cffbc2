"""Users of the division next to the canary's, one of each role: their requests and responses."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import zip_longest
from select import select

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from console.access.actions import create_user, open_session
from console.access.rules import ROLES, NewUser
from geo.store import NO_REACH
from tests.faults.askings import SCOPE, Asking
from tests.faults.canaries import SOURCE, text_of
from tests.faults.conftest import Site
from tests.worlds import WEST

ANONYMOUS = "nobody"
"""A client without a session."""

AT_ONCE = 6
PATIENCE_SECONDS = 60.0
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
PASSING = re.compile(
    r'"request_id":"[^"]*"|"(?:pos|fix_age_s|used|left|amount)":-?[\d.]+|'
    r"^(?:x-request-id|date|etag|last-modified|content-length): .*$",
    re.MULTILINE,
)
"""Parts of responses that change by themselves, as the minutes of a clock do in working hours, or disclose only that
something happened.
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status and all its text."""

    status: int
    text: str

    @property
    def lasting(self) -> tuple[int, str]:
        """Return the parts that repeat if nothing has changed."""
        return self.status, PASSING.sub("", MOMENT.sub("", self.text))


Answers = dict[tuple[str, Asking], Answer]


@asynccontextmanager
async def client_of(site: Site, token: str | None) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(base_url=site.server.url, headers=headers, timeout=PATIENCE_SECONDS) as client:
        yield client


async def hire(site: Site) -> dict[str, str]:
    """One user of each role who works in the western town; answers their tokens by role."""
    now = datetime.now(UTC)
    tokens = {role: f"token-of-western-{role}" for role in ROLES}
    async with site.store.transaction(NO_REACH) as session:
        for role, token in tokens.items():
            force = site.world.forces["patrol_west"] if role == "patrol" else None
            sources = (SOURCE,) if role == "source" else ()
            new = NewUser(f"western-{role}", f"Western {role}", role, WEST, force, sources)
            user = await create_user(session, new, password_hash=None, now=now)
            await open_session(session, user, secret=token, kind="token", label="", now=now, lasts=timedelta(days=1))
    return tokens


async def ask_all(site: Site, tokens: Mapping[str, str | None], asked: Mapping[str, Sequence[Asking]]) -> Answers:
    """Put the questions of each role, whose tokens these are: some at once, each on a connection that is kept.

    The roles take turns: costly questions of one account wait for each other. Standard threads and connections:
    thousands of requests by `httpx` take as much of a processor as the server.
    """
    answers: Answers = {}
    of_role = [[(role, asking) for asking in some] for role, some in asked.items()]
    waiting = iter([one for turn in zip_longest(*of_role) for one in turn if one is not None])

    def work() -> None:
        line = HTTPConnection("127.0.0.1", site.server.port, timeout=PATIENCE_SECONDS)
        with closing(line):
            for role, asking in waiting:
                answers[role, asking] = ask(line, tokens[role], asking)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(asyncio.to_thread(work))
    return answers


def ask(line: HTTPConnection, token: str | None, asking: Asking) -> Answer:
    query = {name: datetime.now(UTC).isoformat() if value == "now" else value for name, value in asking.query}
    url = httpx.URL(asking.path, params=query)
    headers = {"Accept-Encoding": "gzip, deflate"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if asking.body is not None:
        headers["Content-Type"] = "application/json"
    if line.sock is not None and select([line.sock], [], [], 0)[0]:
        line.close()  # The server has, for want of questions; asking opens another.
    line.request(asking.method.upper(), url.raw_path.decode(), body=asking.body, headers=headers)
    said = line.getresponse()
    heads, content = said.getheaders(), said.read()
    answer = httpx.Response(said.status, headers=heads, content=content, request=httpx.Request(asking.method, url))
    return Answer(answer.status_code, text_of(answer))


@dataclass(slots=True)
class Listener:
    """An open socket, and every frame that came."""

    connection: ClientConnection
    frames: list[str] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        """Take frames for as long as the socket is open."""
        async for frame in self.connection:
            self.frames.append(frame if isinstance(frame, str) else frame.decode())
            self._more.set()

    async def until(self, words: Iterable[str]) -> None:
        """Wait until each of these was in a frame."""
        missing = set(words)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while missing := {word for word in missing if not any(word in frame for frame in self.frames)}:
                self._more.clear()
                await self._more.wait()


async def listeners(site: Site, stack: AsyncExitStack, tokens: Mapping[str, str], *, since: str) -> dict[str, Listener]:
    """A socket of each role that may have one, from an old position on, with hexes watched at the finest."""
    found = {}
    for role, token in tokens.items():
        try:
            connection = await dial(site, token, f"since={since}")
        except InvalidStatus:
            continue
        await connection.send('{"t":"watch","res":10,"window":"1h"}')
        found[role] = Listener(connection)
    listening = await stack.enter_async_context(asyncio.TaskGroup())
    for role, listener in found.items():
        listening.create_task(listener.listen(), name=role)
        stack.push_async_callback(listener.connection.close)
    return found


async def dial(site: Site, token: str, query: str = "") -> ClientConnection:
    url = f"{site.server.url.replace('http', 'ws', 1)}/api/live?{query}"
    return await connect(
        url, max_size=None, additional_headers={"Authorization": f"Bearer {token}"}, open_timeout=PATIENCE_SECONDS
    )


async def refused_socket(site: Site, token: str, query: str = f"scope={SCOPE}") -> int:
    """The status by which a socket is refused."""
    try:
        connection = await dial(site, token, query)
    except InvalidStatus as refusal:
        return refusal.response.status_code
    await connection.close()
    raise AssertionError(query)
