"""Attacks by somebody who cannot sign in, and what they do to those who can.

Usage: python -m bench.attacks.sign_in [--seconds 60] [--loops 60] [--keys 1600000] [--hold 40]. Needs PostgreSQL with
PostGIS, and an otherwise idle machine. The attacker runs in a process of its own, at addresses of its own
(`X-Forwarded-For`, which the server believes of this machine). Another user's requests are measured meanwhile.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, suppress
from multiprocessing import get_context
from time import perf_counter

from bench.attacks.bystander import Bystander, percentiles, standing_by
from bench.stage import machine, served, staged
from geo.store import Store
from tests.browser.server import Server
from tests.worlds import PASSWORD, World, settle

KEYS_REFUSED_MS, KEYS_OTHERS_MS, LOOPS_OTHERS_MS = 50.0, 200.0, 300.0
HALF_SENT, UNFINISHED = 200, 12
PIECE_BYTES = 1 << 16
SETTLE_SECONDS = 2.0
ATTACKER, GUESSER, ELSEWHERE = "10.9.9.9", "10.9.9.8", "10.8.8.7"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def request_of(body: bytes, *, address: str = ATTACKER, length: int | None = None) -> bytes:
    """A sign-in as bytes; `length` is what its header says, the body's own by default."""
    head = (
        f"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Forwarded-For: {address}\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode() + body


def sign_in(name: str, password: str, *, address: str = ATTACKER) -> bytes:
    return request_of(json.dumps({"username": name, "password": password}).encode(), address=address)


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Read one response; return its status and the bytes of its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next((int(line.split(":")[1]) for line in head.splitlines() if line.startswith("content-length:")), 0)
    left = length
    while left:
        left -= len(await reader.read(min(left, 1 << 20)))
    return int(head.split()[1]), length


def send_keys(port: int, keys: int) -> tuple[int, float, int]:
    """Send an object of many members; return the status, the milliseconds until it came, and the answer's bytes."""

    async def send() -> tuple[int, float, int]:
        request = request_of(b"{" + b",".join(b'"%d":1' % i for i in range(keys)) + b"}")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = perf_counter()
        sending = asyncio.create_task(_send_in_pieces(writer, request))
        status, length = await answer_of(reader)
        took = 1000 * (perf_counter() - began)
        sending.cancel()
        writer.transport.abort()
        return status, took, length

    return asyncio.run(send())


async def _send_in_pieces(writer: asyncio.StreamWriter, request: bytes) -> None:
    """Send a request as fast as it is taken: one write of 18 MB spends the first tens of milliseconds on copies."""
    with suppress(OSError):
        for start in range(0, len(request), PIECE_BYTES):
            writer.write(request[start : start + PIECE_BYTES])
            await writer.drain()


def send_loops(port: int, loops: int, seconds: float) -> Counter[int]:
    """Send wrong sign-ins for unknown names, each loop on a connection of its own; count the statuses."""

    async def one(number: int, until: float, found: Counter[int]) -> None:
        n = 0
        while perf_counter() < until:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                while perf_counter() < until:
                    n += 1
                    writer.write(sign_in(f"nobody-{number}-{n}", "Wrong-pass-1"))
                    status, _ = await answer_of(reader)
                    found[status] += 1
                writer.close()

    async def all_of_them() -> Counter[int]:
        found: Counter[int] = Counter()
        until = perf_counter() + seconds
        await asyncio.gather(*(one(number, until, found) for number in range(loops)))
        return found

    return asyncio.run(all_of_them())


def guess(port: int, name: str) -> tuple[Counter[int], int]:
    """Guess a known name fifty times; then its user signs in elsewhere. Return the statuses, and the user's."""

    async def ask(request: bytes) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        status, _ = await answer_of(reader)
        writer.close()
        return status

    async def guesses() -> tuple[Counter[int], int]:
        found = Counter([await ask(sign_in(name, f"Guess-word-{number}", address=GUESSER)) for number in range(50)])
        return found, await ask(sign_in(name, PASSWORD, address=ELSEWHERE))

    return asyncio.run(guesses())


def hold(port: int, most_seconds: float) -> dict[str, list[float]]:
    """Send half-sent requests and unfinished bodies; return the seconds after which each was closed by the server."""

    async def one(request: bytes, kind: str, held: dict[str, list[float]]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = perf_counter()
        with suppress(OSError, TimeoutError):
            writer.write(request)
            async with asyncio.timeout(most_seconds):
                while await reader.read(1 << 16):
                    pass
        held[kind].append(perf_counter() - began)
        writer.transport.abort()

    async def all_of_them() -> dict[str, list[float]]:
        held: dict[str, list[float]] = {"half-sent": [], "unfinished": []}
        half = b"POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        unfinished = request_of(b"{" * 1_000_000, length=19_000_000)
        await asyncio.gather(
            *(one(half, "half-sent", held) for _ in range(HALF_SENT)),
            *(one(unfinished, "unfinished", held) for _ in range(UNFINISHED)),
        )
        return held

    return asyncio.run(all_of_them())


@asynccontextmanager
async def watched(server: Server, world: World) -> AsyncIterator[Bystander]:
    """Measure another user from a moment before the attack until a moment after it."""
    async with standing_by(server, world.tokens["operator"]) as seen:
        await asyncio.sleep(SETTLE_SECONDS)
        yield seen
        await asyncio.sleep(SETTLE_SECONDS)


async def attack(server: Server, world: World, pool: ProcessPoolExecutor, options: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    async with watched(server, world) as seen:
        await asyncio.sleep(SETTLE_SECONDS)
    say(seen.line("nobody attacks"))
    async with watched(server, world) as seen:
        status, took, length = await loop.run_in_executor(pool, send_keys, server.port, options.keys)
    say(
        f"{options.keys:,} keys: {status} after {took:.0f} ms ({took / KEYS_REFUSED_MS:.2f} of the reach), {length:,} B"
    )
    say(seen.line("meanwhile", reach_ms=KEYS_OTHERS_MS))
    async with watched(server, world) as seen:
        found = await loop.run_in_executor(pool, send_loops, server.port, options.loops, options.seconds)
    say(f"{options.loops} loops for {options.seconds:.0f} s: {dict(found)}")
    say(seen.line("meanwhile", reach_ms=LOOPS_OTHERS_MS))
    async with watched(server, world) as seen:
        guessed, own = await loop.run_in_executor(pool, guess, server.port, "operator")
    say(f"50 guesses of a name: {dict(guessed)}; then its user elsewhere: {own}")
    say(seen.line("meanwhile"))
    async with watched(server, world) as seen:
        held = await loop.run_in_executor(pool, hold, server.port, options.hold)
    for kind, seconds in held.items():
        p50, _ = percentiles(seconds)
        held_for = f"held p50 {p50:.1f} s, longest {max(seconds):.1f} s"
        say(f"{len(seconds)} {kind}: {held_for} (looked for {options.hold:.0f} s)")
    say(seen.line("meanwhile"))


async def run(options: argparse.Namespace) -> None:
    with staged() as stage, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        store = Store(stage.urls.app, pool_size=2)
        world = await settle(store)
        await store.close()
        async with served(stage) as server:
            say(machine())
            await attack(server, world, pool, options)
            faults = server.log.read_text(errors="replace").count('"event":"fault"')
            say(f"faults in the server's log: {faults}; {machine()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--loops", type=int, default=60)
    parser.add_argument("--keys", type=int, default=1_600_000)
    parser.add_argument("--hold", type=float, default=40.0)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
