"""How connections are kept, over a real one."""

import asyncio
import gc
import socket
import struct

from api.live.transport import HttpProtocol

ASKING = b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LONGER_THAN_CLIENTS_SECONDS = 6.0
"""httpx closes idle connections after five, which is also uvicorn's default."""


async def test_an_idle_connection_is_kept_for_the_client_to_close(port: int) -> None:
    """If the server closed it just as a request arrives, the request would be lost."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for pause in (0, LONGER_THAN_CLIENTS_SECONDS):
        await asyncio.sleep(pause)
        await ask(reader, writer)
    writer.close()


async def test_a_reset_connection_is_dropped_from_memory(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await ask(reader, writer)
    assert kept() == 1
    at_once = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    writer.close()
    async with asyncio.timeout(10):
        while kept():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request, and the whole of its answer."""
    writer.write(ASKING)
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    assert head.startswith(b"HTTP/1.1 ")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))


def kept() -> int:
    """How many connections are in memory, open or not."""
    gc.collect()
    return sum(isinstance(one, HttpProtocol) for one in gc.get_objects())
