"""Cases for the reducer, drawn at random once and kept: the front end's tests run over the same file.

    python -m tests.live.drawn

writes `drawn.json` anew. The expected outcome does not come from a reducer but from the events: of each entity
the first event of the newest version, unless it is gone.
"""

import json
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any

KINDS = {"incident": "incidents", "task": "tasks", "force": "forces"}
"""The kinds in the cases, and their keys in a snapshot. Fixed, so that a new kind of the feed changes no case."""

FILE = Path(__file__).with_name("drawn.json")
SEED = 20260302
CASES = 60
UNKNOWN = "route"
"""A kind that a client of today does not know."""

AT = "2026-03-02T02:00:00Z"
Case = dict[str, Any]


def draw(random: Random) -> Case:
    """A snapshot at some position and frames after it: repeats, old versions, overlaps, and now and then a gap."""
    pos = random.randint(0, 50)
    start: Case = {"epoch": "e1", "pos": pos} | {name: _held(random, kind) for kind, name in KINDS.items()}
    frames = []
    for _ in range(random.randint(0, 6)):
        begin = max(0, pos + random.choice((0, 0, 0, -1, -3, -8)) + (random.random() < 0.04) * random.randint(1, 3))
        length = random.randint(0, 5)
        frames.append(_frame(random, begin, length))
        pos = max(pos, begin + length)
    return {"start": start, "frames": frames, **_outcome(start, frames)}


def _held(random: Random, kind: str) -> list[Case]:
    return [_body(random, kind, key) for key in sorted(random.sample(range(1, 8), random.randint(0, 4)))]


def _body(random: Random, kind: str, key: int) -> Case:
    return {"id": key, "version": random.randint(1, 5), "told": f"{kind} {random.randrange(10**6)}"}


def _frame(random: Random, begin: int, length: int) -> Case:
    items = []
    for step in range(1, length + 1):
        kind = random.choice([*KINDS] * 4 + [UNKNOWN])
        body = _body(random, kind, random.randint(1, 7))
        item = {"pos": begin + step, "at": AT, "kind": kind, "id": body["id"], "version": body["version"]}
        items.append(item | ({"gone": True, "body": None} if random.random() < 0.2 else {"body": body}))
    return {"t": "events", "from": begin, "to": begin + length, "items": items}


def _outcome(start: Case, frames: list[Case]) -> Case:
    """The end, or that there is none because something was missed."""
    for i, frame in enumerate(frames):
        if frame["from"] > max([start["pos"], *(earlier["to"] for earlier in frames[:i])]):
            return {"gap": True}
    heard = [*_heard(start["pos"], frames)]
    end: Case = {"pos": max([start["pos"], *(frame["to"] for frame in frames)])}
    for kind, name in KINDS.items():
        said = [{"id": body["id"], "version": body["version"], "body": body} for body in start[name]]
        end[name] = _newest([*said, *(item for item in heard if item["kind"] == kind)])
    return {"gap": False, "end": end}


def _heard(pos: int, frames: list[Case]) -> Iterator[Case]:
    """The events that lie beyond the position that each frame meets."""
    for frame in frames:
        yield from (item for item in frame["items"] if item["pos"] > pos)
        pos = max(pos, frame["to"])


def _newest(said: list[Case]) -> list[Case]:
    keys = sorted({one["id"] for one in said})
    newest = [max((one for one in said if one["id"] == key), key=itemgetter("version")) for key in keys]
    return [one["body"] for one in newest if one["body"] is not None]


def drawn() -> list[Case]:
    random = Random(SEED)
    return [draw(random) for _ in range(CASES)]


if __name__ == "__main__":
    FILE.write_text(json.dumps(drawn(), separators=(",", ":")) + "\n")
