"""How connections are kept, over a real one."""

import asyncio

ASKING = b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LONGER_THAN_CLIENTS_SECONDS = 6.0
"""httpx lets go after five, which is also what uvicorn waits unless told otherwise."""


async def test_an_idle_connection_is_its_clients_to_end(port: int) -> None:
    """Ended by the server in the moment of a request, it would be a request lost."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for pause in (0, LONGER_THAN_CLIENTS_SECONDS):
        await asyncio.sleep(pause)
        writer.write(ASKING)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert head.startswith(b"HTTP/1.1 ")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
    writer.close()
