"""The feed's protocol under one seeded scheduler: writers, sequencer, hub, mailboxes, conversations and clients.

Nothing here waits or reads a clock: every step of everybody is drawn from one seed, so that a schedule that breaks a
promise breaks it again. Sequencing is modelled after `console/feed/actions.py`; hub, mailboxes, conversations, pages of
catching up, frames and the batches that two servers carry to each other are the server's own, and clients reduce as
`reducer.py` does, which shares its cases with the page. The network delays, cuts sockets so that what is under way is
lost, and blocks readers; the broker loses, delays, doubles and reorders; servers are killed; the log is pruned; the
database is restored from an earlier copy.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, ClassVar

import orjson

from api.live import frames
from api.live.batches import Batch
from api.live.catching_up import is_far
from api.live.conversation import Action, Close, Conversation, Send, require_resync
from api.live.force_positions import ForcePositions
from api.live.hub import Hub, Member, visible
from api.live.mailbox import SLOW, Mailbox
from console.access.rules import Actor
from console.feed.bodies import Body
from console.feed.kinds import Kind, Kinds
from console.feed.rules import Audience, Cursor, Event, Visibility
from geo.store import lies_within
from tests.live.reducer import Gap, State

ROOT, WEST, EAST = "c", "c.w", "c.e"
VILLAGES = ("c.w.1", "c.w.2", "c.e.1", "c.e.2")
AUDIENCES = (Audience(ROOT), Audience(WEST), Audience(EAST), Audience(ROOT, masked=True))
NOW = datetime(2026, 3, 2, tzinfo=UTC)
RING, PAGE, BATCH, MOST_WAITING = 6, 3, 4, 2
"""Small, so that a schedule of some hundred and fifty steps meets every bound."""
SERVERS = 2
STEPS = 150
SETTLING = 60


def mask(body: Body) -> Body:
    return {**body, "words": ""}


KIND: Kind[Any] = Kind(name="thing", plural="things", table=object, body=dict, mask=mask)  # type: ignore[type-var]
KINDS: Kinds = {"thing": KIND}


class Broken(AssertionError):
    """A promise of the feed was broken."""


@dataclass(frozen=True, slots=True)
class Row:
    version: int
    path: str


@dataclass(frozen=True, slots=True)
class Change:
    """An outbox row: numbered by its transaction before that commits."""

    id: int
    thing: int
    row: Row
    left: str | None


def body_of(thing: int, row: Row) -> Body:
    return {"id": thing, "version": row.version, "path": row.path, "words": f"{thing} in {row.path}"}


@dataclass
class Store:
    """Rows, transactions under way, committed changes without a position, and the log."""

    rows: dict[int, Row] = field(default_factory=dict)
    open: list[list[Change]] = field(default_factory=list)
    outbox: list[Change] = field(default_factory=list)
    log: list[Event] = field(default_factory=list)
    first: int = 1
    head: int = 0
    epoch: int = 0
    last_id: int = 0

    def begin(self, things: Sequence[int], draw: Random) -> None:
        """Change things that no other transaction has locked."""
        locked = {change.thing for work in self.open for change in work}
        work = []
        for thing in things:
            if thing in locked:
                continue
            old = self.rows.get(thing)
            path = draw.choice(VILLAGES) if old is None or draw.random() < 0.4 else old.path
            self.last_id += 1
            row = Row(1 if old is None else old.version + 1, path)
            work.append(Change(self.last_id, thing, row, old.path if old else None))
            locked.add(thing)
        if work:
            self.open.append(work)

    def commit(self, number: int) -> None:
        for change in self.open.pop(number):
            self.rows[change.thing] = change.row
            self.outbox.append(change)

    def sequence(self, limit: int) -> None:
        """Number committed changes in order of id; one that left somebody's sight takes a second position."""
        self.outbox.sort(key=lambda change: change.id)
        taken, self.outbox = self.outbox[:limit], self.outbox[limit:]
        for change in taken:
            self._log(change, body_of(change.thing, change.row), change.row.path, None)
            if change.left is not None and not lies_within(change.row.path, change.left):
                self._log(change, None, change.left, Visibility(change.row.path))

    def _log(self, change: Change, body: Body | None, path: str, kept: Visibility | None) -> None:
        self.head += 1
        event = Event(self.head, NOW, "thing", change.thing, change.row.version, Visibility(path), body, kept)
        self.log.append(event)

    def between(self, after: int, upto: int, *, limit: int) -> list[Event]:
        start = max(after + 1 - self.first, 0)
        return [event for event in self.log[start : start + limit] if event.pos <= upto]

    def prune(self, upto: int) -> None:
        """Drop half of the log, but nothing after `upto`."""
        many = min(len(self.log) // 2, max(upto + 1 - self.first, 0))
        self.log, self.first = self.log[many:], self.first + many

    def shown(self, audience: Audience) -> list[Body]:
        seen = [(thing, row) for thing, row in sorted(self.rows.items()) if lies_within(row.path, audience.scope)]
        bodies = [body_of(thing, row) for thing, row in seen]
        return [mask(body) for body in bodies] if audience.masked else bodies

    def cursor(self) -> Cursor:
        return Cursor(str(self.epoch), self.head)

    def copy(self) -> "Store":
        """A backup: what is committed, without transactions under way."""
        return Store(
            dict(self.rows), [], list(self.outbox), list(self.log), self.first, self.head, self.epoch, self.last_id
        )


@dataclass(eq=False)
class Server:
    """A server's hub, what its publisher has read and not yet published, and the batches on their way to it."""

    hub: Hub
    read: tuple[Sequence[Event], int] | None = None
    way: list[Batch] = field(default_factory=list)


@dataclass(eq=False)
class Socket:
    """One connection: the server's end, and the frames on their way. None on the way is the end."""

    client: "Client"
    server: "Server"
    member: Member
    conversation: Conversation
    pos: int | None = None
    joined: bool = False
    ended: bool = False
    way: deque[bytes | None] = field(default_factory=deque)


class Client:
    """A page: a state, its position, and what it waits for."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.state: State | None = None
        self.epoch = ""
        self.socket: Socket | None = None
        self.asked = False
        self.answers: deque[Body] = deque()
        self.at: int | None = None

    def load(self, snapshot: Body) -> None:
        self.state, self.epoch, self.asked = State(snapshot, KINDS), snapshot["epoch"], False
        self.socket = None

    def receive(self, frame: Body) -> bool:
        """Take a frame; return whether a new snapshot is needed. Raises `Broken` where the server broke a promise."""
        if frame["t"] == "resync":
            return True
        if frame["t"] == "hello":
            self.at = frame["pos"]
            return False
        if frame["t"] != "events":
            return False
        if frame["from"] != self.at:
            raise Broken(f"a frame from {frame['from']} follows {self.at}")
        self.at = frame["to"]
        self._check(frame)
        assert self.state is not None
        try:
            self.state.apply(frame)
        except Gap:
            return True
        return False

    def _check(self, frame: Body) -> None:
        places = [item["pos"] for item in frame["items"]]
        if places != sorted({*places}) or (places and not frame["from"] < places[0] <= places[-1] <= frame["to"]):
            raise Broken(f"positions {places} between {frame['from']} and {frame['to']}")
        for item in frame["items"]:
            body = item.get("body")
            if body is not None and not lies_within(body["path"], self.audience.scope):
                raise Broken(f"{self.audience.scope} is sent {body['path']}")
            if body is not None and self.audience.masked and body["words"]:
                raise Broken("a masked audience is sent words")

    def shown(self) -> list[Body]:
        assert self.state is not None
        return self.state.lists()["things"]


@dataclass(frozen=True)
class Parts:
    """What a fault replaces: how changes are numbered, the hub, mailboxes, and which batches are taken."""

    store: type[Store] = Store
    hub: type[Hub] = Hub
    mailbox: Callable[[], Mailbox] = lambda: Mailbox(most_messages=MOST_WAITING)
    takes: Callable[[Batch, Cursor], bool] = Batch.continues
    remaining: Callable[[Cursor, Sequence[Event], int], Batch | None] = Batch.after


SOUND = Parts()


class Schedule:
    """One schedule, drawn from its seed. `run` raises `Broken`, with the seed, where a promise was broken."""

    def __init__(self, seed: int, parts: Parts = SOUND) -> None:
        self.seed, self.parts = seed, parts
        self.draw = Random(seed)
        self.store = parts.store()
        self.backup = self.store.copy()
        self.clients = [Client(audience) for audience in AUDIENCES]
        self.sockets: list[Socket] = []
        self.servers = [Server(self._started()) for _ in range(SERVERS)]

    ACTIONS: ClassVar[Mapping[str, int]] = {
        "begin": 8, "commit": 8, "abort": 1, "sequence": 5, "publish": 16, "carry": 5, "beat": 2, "ask": 4, "answer": 4,
        "connect": 4, "serve": 8, "write": 6, "deliver": 10, "cut": 2, "kill": 1, "prune": 1,
        "back_up": 1, "restore": 1,
    }  # fmt: skip
    NAMES: ClassVar[Sequence[str]] = [*ACTIONS]
    WEIGHTS: ClassVar[Sequence[int]] = [*ACTIONS.values()]

    def run(self) -> None:
        try:
            for name in self.draw.choices(self.NAMES, self.WEIGHTS, k=STEPS):
                getattr(self, name)()
            self.settle()
        except (Broken, IndexError) as broken:
            raise Broken(f"seed {self.seed}: {broken}") from None

    def settle(self) -> None:
        """Let everything end that is under way: then every client shows what the store shows it."""
        while self.store.open:
            self.store.commit(0)
        for _ in range(SETTLING):
            self._let_everybody_work()
            if self._is_quiet():
                break
        self._check_shown()

    def _check_shown(self) -> None:
        for client in self.clients:
            if client.state is None or client.shown() != self.store.shown(client.audience):
                raise Broken(f"{client.audience.scope} does not show what the store does")
            if client.state.pos != self.store.head:
                raise Broken(f"{client.audience.scope} stands at {client.state.pos}, the store at {self.store.head}")

    def _let_everybody_work(self) -> None:
        self.sequence()
        for server in self.servers:
            while server.way:
                self._take(server, server.way.pop())
            self._publish(server)
            self._publish(server)
            server.hub.beat(NOW)
        for client in self.clients:
            self._ask(client)
            self._answer(client)
            self._connect(client)
        for socket in [*self.sockets]:
            self._serve(socket)
            self._write(socket)
            while socket.way:
                self._deliver(socket)

    def _is_quiet(self) -> bool:
        head = self.store.cursor()
        return not self.store.outbox and all(
            client.state is not None and not client.asked and (client.epoch, client.state.pos) == (head.epoch, head.pos)
            for client in self.clients
        )

    def begin(self) -> None:
        self.store.begin([self.draw.randrange(4) for _ in range(self.draw.randint(1, 2))], self.draw)

    def commit(self) -> None:
        if self.store.open:
            self.store.commit(self.draw.randrange(len(self.store.open)))

    def abort(self) -> None:
        if self.store.open:
            self.store.open.pop(self.draw.randrange(len(self.store.open)))

    def sequence(self) -> None:
        self.store.sequence(BATCH)

    def publish(self) -> None:
        self._publish(self.draw.choice(self.servers))

    def _publish(self, server: Server) -> None:
        """Read from the hub's head on, or publish what was read and carry it, as a server's publisher does."""
        if server.read is None:
            server.read = self._read(server.hub)
            return
        (events, upto), server.read = server.read, None
        batch = self.parts.remaining(server.hub.head, events, upto)
        if batch and batch.events is not None:
            server.hub.publish(batch.events, batch.upto)
            for other in self.servers:
                if other is not server:
                    other.way.append(batch)

    def _read(self, hub: Hub) -> tuple[Sequence[Event], int]:
        head = self.store.cursor()
        if head.epoch != hub.head.epoch:
            hub.restart(head, recent=self._recent())
        events = self.store.between(hub.head.pos, head.pos, limit=BATCH)
        return events, events[-1].pos if len(events) == BATCH else head.pos

    def carry(self) -> None:
        """The broker delivers any of the batches on their way, loses it, or delivers it and will do so again."""
        server = self.draw.choice(self.servers)
        if not server.way:
            return
        batch, fate = self.draw.choice(server.way), self.draw.random()
        if fate < 0.8:
            server.way.remove(batch)
        if fate > 0.2:
            self._take(server, batch)

    def _take(self, server: Server, batch: Batch) -> None:
        if batch.events is not None and self.parts.takes(batch, server.hub.head):
            server.hub.publish(batch.events, batch.upto)

    def beat(self) -> None:
        self.draw.choice(self.servers).hub.beat(NOW)

    def ask(self) -> None:
        self._ask(self.draw.choice(self.clients))

    def _ask(self, client: Client) -> None:
        if client.state is None:
            client.asked = True

    def answer(self) -> None:
        self._answer(self.draw.choice(self.clients))

    def _answer(self, client: Client) -> None:
        """Load a snapshot that came, or answer with one, which first numbers what was committed before."""
        if client.answers:
            client.load(client.answers.popleft())
        elif client.asked:
            while self.store.outbox:
                self.sequence()
            shown = self.store.shown(client.audience)
            client.answers.append({"epoch": str(self.store.epoch), "pos": self.store.head, "things": shown})

    def connect(self) -> None:
        self._connect(self.draw.choice(self.clients))

    def _connect(self, client: Client) -> None:
        if client.state is None or client.socket is not None:
            return
        since = Cursor(client.epoch, client.state.pos)
        member = Member(client.audience, Actor(1, "one", "operator", ROOT), 1, self.parts.mailbox())
        client.socket = Socket(client, self.draw.choice(self.servers), member, Conversation(since))
        self.sockets.append(client.socket)

    def serve(self) -> None:
        if self.sockets:
            self._serve(self.draw.choice(self.sockets))

    def _serve(self, socket: Socket) -> None:
        """One step of the server's task of a socket: open, send one page, or join."""
        if socket.ended or socket.member.mailbox.closing or socket.joined:
            return
        if socket.pos is None:
            self._open(socket)
        elif socket.server.hub.head.epoch != socket.conversation.at.epoch:
            self._do(socket, require_resync("epoch"))
        elif socket.server.hub.head.pos >= socket.pos and socket.member.mailbox._empty.is_set():
            self._catch_up(socket)

    def _open(self, socket: Socket) -> None:
        since, hub = socket.conversation.since, socket.server.hub
        head, kept_from = hub.head, hub.kept_from
        assert since is not None
        if since.epoch == head.epoch and not kept_from - 1 <= since.pos <= head.pos:
            head, kept_from = self.store.cursor(), self.store.first if self.store.log else self.store.head + 1
        self._do(socket, socket.conversation.open(head, kept_from=kept_from, now=NOW))
        if not socket.member.mailbox.closing:
            socket.pos = socket.conversation.at.pos

    def _catch_up(self, socket: Socket) -> None:
        pos, hub = socket.pos, socket.server.hub
        assert pos is not None
        if not is_far(hub, pos, page=PAGE):
            hub.join(socket.member, pos)
            socket.joined = True
            return
        if pos + 1 >= hub.kept_from:
            items = hub.recent(pos, limit=PAGE)
            upto = items[-1].pos
        else:
            events = self.store.between(pos, hub.head.pos, limit=PAGE)
            if not events or events[0].pos != pos + 1:
                self._do(socket, require_resync("too_old"))
                return
            items, upto = [*map(hub.item, events)], events[-1].pos if len(events) == PAGE else hub.head.pos
        socket.member.mailbox.put(frames.events(pos, upto, visible(items, socket.member.audience)))
        socket.pos = upto

    @staticmethod
    def _do(socket: Socket, actions: Sequence[Action]) -> None:
        for action in actions:
            if isinstance(action, Send):
                socket.member.mailbox.put(action.frame)
            elif isinstance(action, Close):
                socket.member.mailbox.close(action.code, action.reason)

    def write(self) -> None:
        if self.sockets:
            self._write(self.draw.choice(self.sockets))

    def _write(self, socket: Socket) -> None:
        """The reader takes what waits; a slow one has not been drawn for long. After the last frames comes the end."""
        if socket.ended:
            return
        closing = socket.member.mailbox.closing
        if closing is None or closing.code != SLOW:
            socket.way.extend(socket.member.mailbox.remaining_frames())
        if closing is not None:
            self._end(socket)

    def deliver(self) -> None:
        if self.sockets:
            self._deliver(self.draw.choice(self.sockets))

    def _deliver(self, socket: Socket) -> None:
        """One frame reaches the page, unless it has another socket by now."""
        if not socket.way:
            return
        frame, client = socket.way.popleft(), socket.client
        if frame is None:
            self.sockets.remove(socket)
        if client.socket is not socket:
            return
        if frame is None:
            client.socket = None
        elif client.receive(orjson.loads(frame)):
            client.asked = True

    def cut(self) -> None:
        """The network drops a socket: what is under way is lost. The server ends its side at the same time."""
        if self.sockets:
            self._lose(self.draw.choice(self.sockets))

    def _lose(self, socket: Socket) -> None:
        self._end(socket)
        socket.way.clear()
        socket.way.append(None)

    def _end(self, socket: Socket) -> None:
        if not socket.ended:
            socket.ended = True
            socket.server.hub.leave(socket.member)
            socket.way.append(None)

    def kill(self) -> None:
        """A server is killed with all its sockets and what it had in memory; another starts in its place."""
        number = self.draw.randrange(SERVERS)
        for socket in self.sockets:
            if socket.server is self.servers[number]:
                self._lose(socket)
        for client in self.clients:
            client.answers.clear()
        self.servers[number] = Server(self._started())

    def _started(self) -> Hub:
        hub = self.parts.hub(ForcePositions(), kinds=KINDS, ring=RING)
        hub.restart(self.store.cursor(), recent=self._recent())
        return hub

    def _recent(self) -> list[Event]:
        return self.store.between(self.store.head - RING, self.store.head, limit=RING)

    def prune(self) -> None:
        """Days are dropped that every server has long published."""
        heads = [server.hub.head for server in self.servers]
        self.store.prune(min(head.pos if head.epoch == str(self.store.epoch) else 0 for head in heads))

    def back_up(self) -> None:
        self.backup = self.store.copy()

    def restore(self) -> None:
        """The database comes back as it was, under a new epoch; what was under way is lost with it."""
        if self.draw.random() < 0.5:
            return
        epoch = self.store.epoch + 1
        self.store = self.backup.copy()
        self.store.epoch = epoch


class SkipsLateCommits(Store):
    """Numbers by the highest id seen, as a reader of a sequence does: a commit that comes late is passed over."""

    highest = 0

    def sequence(self, limit: int) -> None:
        self.outbox = [change for change in self.outbox if change.id > self.highest]
        self.highest = max([self.highest, *(change.id for change in self.outbox)])
        super().sequence(max(limit, len(self.outbox)))

    def copy(self) -> "SkipsLateCommits":
        copied = SkipsLateCommits(**{name: getattr(Store.copy(self), name) for name in Store.__dataclass_fields__})
        copied.highest = self.highest
        return copied


class JoinsOneLate(Hub):
    """A socket that joins misses the first of the events that it lacks."""

    def recent(self, after: int, *, limit: int) -> list[frames.Item]:
        items = super().recent(after, limit=limit)
        return items[1:] if len(items) == limit > 1 else items


class DropsWhenFull(Mailbox):
    """A full mailbox leaves a frame out instead of closing."""

    def __init__(self) -> None:
        super().__init__(most_messages=MOST_WAITING)

    def close(self, code: int, reason: str) -> None:
        if code != SLOW:
            super().close(code, reason)


class TellsEverybody(Hub):
    """Makes one frame for all audiences."""

    def publish(self, events: Sequence[Event], upto: int) -> None:
        wide = [event if event.body is None else _seen_by_all(event) for event in events]
        super().publish(wide, upto)


def _seen_by_all(event: Event) -> Event:
    paths = {WEST, EAST}
    path = next((one for one in paths if not lies_within(event.visibility.division_path, one)), ROOT)
    return Event(event.pos, event.at, event.kind, event.entity_id, event.version, Visibility(path), event.body)


def takes_with_a_gap(batch: Batch, head: Cursor) -> bool:
    """Whether a batch is newer, be there a gap before it or not."""
    return batch.epoch == head.epoch and batch.upto > head.pos


def takes_of_any_epoch(batch: Batch, head: Cursor) -> bool:
    return batch.start == head.pos


def published_as_read(head: Cursor, events: Sequence[Event], upto: int) -> Batch | None:
    """All that was read, though another server may have carried some of it here meanwhile."""
    return Batch(head.epoch, head.pos, upto, events) if upto > head.pos else None


FAULTS: Mapping[str, Parts] = {
    "late commits are passed over": Parts(store=SkipsLateCommits),
    "a joining socket misses one": Parts(hub=JoinsOneLate),
    "a full mailbox drops": Parts(mailbox=DropsWhenFull),
    "a frame goes to a sister town": Parts(hub=TellsEverybody),
    "a batch is taken over a gap": Parts(takes=takes_with_a_gap),
    "a batch of another epoch is taken": Parts(takes=takes_of_any_epoch),
    "a batch is published again": Parts(remaining=published_as_read),
}


def broken_by(parts: Parts, *, seeds: range) -> Iterator[Broken]:
    """Yield each broken promise among the schedules of `seeds`."""
    for seed in seeds:
        try:
            Schedule(seed, parts).run()
        except Broken as broken:
            yield broken
