"""A TCP proxy that is cut, or whose connections go mute as behind a NAT: open at both ends, and nothing passes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

BYTES = 65_536


class MutingProxy:
    """Passes connections on to a port of this machine, until they are muted. New ones pass."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._muted = asyncio.Event()
        self._links: set[asyncio.Task[None]] = set()
        self._is_cut = False
        self.url = ""

    def mute(self) -> None:
        """Mute every connection there is. Neither end is told, now or when the other closes."""
        self._muted.set()
        self._muted = asyncio.Event()

    async def cut(self) -> None:
        """Cut the network: what there is breaks off, and new connections are refused at once."""
        self._is_cut = True
        await self.end()

    def mend(self) -> None:
        """Let connections pass again."""
        self._is_cut = False

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.close()
            return
        link = asyncio.create_task(self._link(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        muted = self._muted
        to, back = await asyncio.open_connection("127.0.0.1", self._port)
        ways = (asyncio.create_task(_pass(reader, back, muted)), asyncio.create_task(_pass(to, writer, muted)))
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.close()
            back.close()

    async def end(self) -> None:
        links = tuple(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, muted: asyncio.Event) -> None:
    while data := await reader.read(BYTES):
        if muted.is_set():
            await asyncio.Event().wait()
        writer.write(data)
        await writer.drain()
    if muted.is_set():
        await asyncio.Event().wait()


@asynccontextmanager
async def muting_proxy(port: int) -> AsyncIterator[MutingProxy]:
    """A proxy before a port, as long as the block lasts."""
    proxy = MutingProxy(port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.end()
