"""A server of raster tiles for tests, on this machine: what it was asked, and answers that the test chooses."""

import asyncio
import struct
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

KEY = "s3cret-key-9f2"


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(colour: tuple[int, int, int, int] = (200, 60, 30, 255)) -> bytes:
    """Return a PNG of 256 pixels in one colour."""
    row = b"\x00" + bytes(colour) * 256
    head = struct.pack(">IIBBBBB", 256, 256, 8, 6, 0, 0, 0)
    parts = _chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(row * 256)), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


PICTURE = picture()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: `status`, a header line or two, and the body; nothing at all when it `hangs`."""

    status: int = 200
    body: bytes = PICTURE
    headers: tuple[str, ...] = ("Content-Type: image/png",)
    hangs: bool = False


@dataclass(slots=True)
class Upstream:
    """The server: `asked` are paths with their queries, `answer` what each of them gets."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    answer: Callable[[str], Answer] = lambda path: Answer()
    busy: int = 0
    busiest: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                await self._answer(line.split()[1].decode(), writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        self.asked.append(path)
        self.busy += 1
        self.busiest = max(self.busy, self.busiest)
        answer = self.answer(path)
        if answer.hangs:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        self.busy -= 1
        head = [f"HTTP/1.1 {answer.status} Said", f"Content-Length: {len(answer.body)}", *answer.headers]
        writer.write("\r\n".join([*head, "", ""]).encode() + answer.body)
        await writer.drain()


@asynccontextmanager
async def upstream() -> AsyncIterator[Upstream]:
    """A server that runs as long as the block."""
    served, tasks = Upstream(), set[asyncio.Task[None]]()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(served.serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield served
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
