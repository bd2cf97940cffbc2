"""The queue of one socket."""

import asyncio
from dataclasses import dataclass

import pytest

from api.live.mailbox import SIGNED_OUT, SLOW, Closing, Mailbox

FRAMES = [b"a", b"b", b"c"]


@dataclass(frozen=True)
class Said:
    """A droppable message that remembers all it stands for."""

    words: tuple[str, ...]

    def text(self) -> bytes:
        return "+".join(self.words).encode()

    def merged(self, newer: "Said") -> "Said":
        return Said(self.words + newer.words)


async def take_all(mailbox: Mailbox) -> list[bytes]:
    found: list[bytes] = []
    while True:
        try:
            async with asyncio.timeout(0.05):
                found.append(await mailbox.get())
        except TimeoutError:
            return found


async def test_frames_come_out_in_their_order() -> None:
    mailbox = Mailbox()
    for frame in FRAMES:
        mailbox.put(frame)
    assert await take_all(mailbox) == FRAMES


async def test_a_reader_waits_for_the_next_frame() -> None:
    mailbox = Mailbox()
    taking = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    mailbox.put(b"a")
    assert await taking == b"a"


async def test_too_many_frames_close_the_mailbox() -> None:
    mailbox = Mailbox(most_messages=2)
    for frame in FRAMES:
        mailbox.put(frame)
    assert await mailbox.closed() == Closing(SLOW, "slow")


async def test_too_many_bytes_close_the_mailbox_but_one_long_frame_does_not() -> None:
    mailbox = Mailbox(most_bytes=10)
    mailbox.put(b"x" * 50)
    assert mailbox.closing is None
    mailbox.put(b"y")
    assert mailbox.closing == Closing(SLOW, "slow")


async def test_taken_frames_no_longer_count() -> None:
    mailbox = Mailbox(most_bytes=10)
    for _ in range(20):
        mailbox.put(b"x" * 9)
        assert await mailbox.get()
    assert mailbox.closing is None


async def test_droppable_messages_merge_and_never_close_the_mailbox() -> None:
    mailbox = Mailbox(most_messages=1, most_bytes=1)
    for number in range(50):
        mailbox.put_latest("fixes", Said((str(number),)))
    mailbox.put_latest("hexes", Said(("h",)))
    assert await take_all(mailbox) == ["+".join(map(str, range(50))).encode(), b"h"]
    assert mailbox.closing is None


async def test_required_frames_go_first() -> None:
    mailbox = Mailbox()
    mailbox.put_latest("fixes", Said(("f",)))
    mailbox.put(b"event")
    assert await take_all(mailbox) == [b"event", b"f"]


async def test_a_closed_mailbox_accepts_nothing_and_keeps_its_first_reason() -> None:
    mailbox = Mailbox()
    mailbox.put(b"before")
    mailbox.close(SIGNED_OUT, "signed_out")
    mailbox.close(SLOW, "slow")
    mailbox.put(b"after")
    mailbox.put_latest("fixes", Said(("f",)))
    assert mailbox.closing == Closing(SIGNED_OUT, "signed_out")
    assert mailbox.remaining_frames() == [b"before"]


@pytest.mark.parametrize("end", ["taken", "closed"])
async def test_waiting_for_an_empty_mailbox_ends(end: str) -> None:
    mailbox = Mailbox()
    mailbox.put(b"a")
    waiting = asyncio.create_task(mailbox.drained())
    await asyncio.sleep(0)
    assert not waiting.done()
    if end == "taken":
        await mailbox.get()
    else:
        mailbox.close(SLOW, "slow")
    async with asyncio.timeout(1):
        await waiting


class Network:
    """An outlet that takes frames while it is open."""

    def __init__(self) -> None:
        self.is_open = True
        self.taken: list[bytes] = []

    def __call__(self, frame: bytes) -> bool:
        if self.is_open:
            self.taken.append(frame)
        return self.is_open


async def idle_taker(mailbox: Mailbox) -> asyncio.Task[bytes]:
    taking = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    return taking


async def test_frames_are_written_directly_while_the_reader_is_idle() -> None:
    mailbox, network = Mailbox(), Network()
    mailbox.outlet = network
    taking = await idle_taker(mailbox)
    mailbox.put(b"a")
    mailbox.put_latest("fixes", Said(("f",)))
    await asyncio.sleep(0)
    assert network.taken == [b"a", b"f"]
    assert not taking.done()
    mailbox.close(SLOW, "slow")
    mailbox.put(b"b")
    assert network.taken == [b"a", b"f"]
    taking.cancel()


async def test_frames_the_network_cannot_take_go_to_the_reader() -> None:
    mailbox, network = Mailbox(), Network()
    mailbox.outlet, network.is_open = network, False
    taking = await idle_taker(mailbox)
    mailbox.put(b"a")
    network.is_open = True
    mailbox.put(b"b")
    assert await taking == b"a"
    assert await take_all(mailbox) == [b"b"]
    assert network.taken == []


async def test_nothing_overtakes_a_frame_taken_by_the_reader() -> None:
    """A taker that has been given a frame has not sent it before it asks for the next."""
    mailbox, network = Mailbox(), Network()
    mailbox.outlet = network
    mailbox.put(b"a")
    assert await mailbox.get() == b"a"
    mailbox.put(b"b")
    assert network.taken == []
    assert await mailbox.get() == b"b"


async def test_a_reader_that_stopped_waiting_is_not_idle() -> None:
    mailbox, network = Mailbox(), Network()
    mailbox.outlet = network
    assert await take_all(mailbox) == []
    mailbox.put(b"a")
    assert network.taken == []
    assert await take_all(mailbox) == [b"a"]
