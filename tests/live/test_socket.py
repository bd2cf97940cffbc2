"""The live socket, over a real connection."""

from console.feed.actions import Change, append
from geo.store import Reach, Store
from tests.live.conftest import Dial
from tests.worlds import NOW, World


async def say(store: Store, world: World, *changes: Change) -> None:
    async with store.transaction(Reach(scope=world.root)) as session:
        await append(session, changes, now=NOW)


def matter(number: int, path: str, force: int | None = None) -> Change:
    return Change("incident", number, 1, path, {"id": number, "source": "test", "version": 1}, force)


async def test_a_change_reaches_an_open_socket_with_contiguous_positions(
    dial: Dial, store: Store, world: World
) -> None:
    line = await dial("operator")
    hello = await line.frame("hello")
    await say(store, world, matter(1, world.west), matter(2, world.east))
    frame = await line.frame("events")
    assert frame["from"] == hello["pos"]
    assert frame["to"] == hello["pos"] + 2
    assert [(item["pos"], item["id"]) for item in frame["items"]] == [(1, 1), (2, 2)]
