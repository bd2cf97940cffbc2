"""The queue of one socket."""

import asyncio
from dataclasses import dataclass

import pytest

from api.live.mailbox import SIGNED_OUT, SLOW, Closing, Mailbox


@dataclass(frozen=True)
class Said:
    """A droppable message that remembers all it stands for."""

    words: tuple[str, ...]

    def text(self) -> str:
        return "+".join(self.words)

    def merged(self, newer: "Said") -> "Said":
        return Said(self.words + newer.words)


async def take_all(mailbox: Mailbox) -> list[str]:
    found: list[str] = []
    while True:
        try:
            async with asyncio.timeout(0.05):
                found.append(await mailbox.get())
        except TimeoutError:
            return found


async def test_frames_come_out_in_their_order() -> None:
    mailbox = Mailbox()
    for frame in "abc":
        mailbox.put(frame)
    assert await take_all(mailbox) == ["a", "b", "c"]


async def test_a_taker_waits_for_the_next_frame() -> None:
    mailbox = Mailbox()
    taking = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    mailbox.put("a")
    assert await taking == "a"


async def test_too_many_frames_close_it() -> None:
    mailbox = Mailbox(most_messages=2)
    for frame in "abc":
        mailbox.put(frame)
    assert await mailbox.closed() == Closing(SLOW, "slow")


async def test_too_many_characters_close_it_but_one_long_frame_does_not() -> None:
    mailbox = Mailbox(most_characters=10)
    mailbox.put("x" * 50)
    assert mailbox.closing is None
    mailbox.put("y")
    assert mailbox.closing == Closing(SLOW, "slow")


async def test_what_was_taken_counts_no_more() -> None:
    mailbox = Mailbox(most_characters=10)
    for _ in range(20):
        mailbox.put("x" * 9)
        assert await mailbox.get()
    assert mailbox.closing is None


async def test_droppable_messages_never_close_it_and_merge() -> None:
    mailbox = Mailbox(most_messages=1, most_characters=1)
    for number in range(50):
        mailbox.put_latest("fixes", Said((str(number),)))
    mailbox.put_latest("hexes", Said(("h",)))
    assert await take_all(mailbox) == ["+".join(map(str, range(50))), "h"]
    assert mailbox.closing is None


async def test_frames_that_must_arrive_go_first() -> None:
    mailbox = Mailbox()
    mailbox.put_latest("fixes", Said(("f",)))
    mailbox.put("event")
    assert await take_all(mailbox) == ["event", "f"]


async def test_a_closed_one_takes_nothing_and_keeps_its_first_reason() -> None:
    mailbox = Mailbox()
    mailbox.put("before")
    mailbox.close(SIGNED_OUT, "signed_out")
    mailbox.close(SLOW, "slow")
    mailbox.put("after")
    mailbox.put_latest("fixes", Said(("f",)))
    assert mailbox.closing == Closing(SIGNED_OUT, "signed_out")
    assert mailbox.leftovers() == ["before"]


@pytest.mark.parametrize("end", ["taken", "closed"])
async def test_whoever_waits_for_it_to_drain_is_freed(end: str) -> None:
    mailbox = Mailbox()
    mailbox.put("a")
    waiting = asyncio.create_task(mailbox.drained())
    await asyncio.sleep(0)
    assert not waiting.done()
    if end == "taken":
        await mailbox.get()
    else:
        mailbox.close(SLOW, "slow")
    async with asyncio.timeout(1):
        await waiting
