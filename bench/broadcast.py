"""The peer of `bench.fanout`: only `websockets.broadcast`, with recorded frames.

Usage: python -m bench.broadcast FRAMES CONSOLES. FRAMES is a JSON list of [second, text]. Prints its port, waits for
that many consoles, sends the frames at their times, and prints when it sent each and the processor time used.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from websockets.asyncio.server import ServerConnection, broadcast, serve

LINGER_SECONDS = 2.0


async def play(frames: list[tuple[float, str]], *, consoles: int) -> None:
    first = json.loads(frames[0][1])["from"]
    here: set[ServerConnection] = set()
    complete = asyncio.Event()

    async def welcome(connection: ServerConnection) -> None:
        await connection.send(json.dumps({"t": "hello", "epoch": "peer", "pos": first}, separators=(",", ":")))
        here.add(connection)
        if len(here) == consoles:
            complete.set()
        await connection.wait_closed()

    async with serve(welcome, "127.0.0.1", 0, compression=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
        await complete.wait()
        await asyncio.sleep(LINGER_SECONDS)
        before, began, sent = time.process_time(), time.monotonic(), []
        for second, text in frames:
            await asyncio.sleep(max(0.0, began + second - time.monotonic()))
            sent.append(time.monotonic())
            broadcast(here, text)
        await asyncio.sleep(LINGER_SECONDS)
        print(json.dumps({"sent": sent, "cpu_seconds": time.process_time() - before}), flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(play(json.loads(Path(sys.argv[1]).read_text()), consoles=int(sys.argv[2])))
