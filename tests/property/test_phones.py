"""Two phones of one force and the server, with a network that loses, repeats and reorders, and clocks a day off.

Whatever happens, in the end the server has every command that was given, done once or kept as evidence, no task has
taken a step that its status did not allow, and the phones have nothing left.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar, get_args
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.commands.receiving import Answer, Receiver
from api.intake.commands.settling import settle
from api.keeping.postgres.roles import Urls
from console.access.rules import Actor
from console.commands.queries import list_unsettled
from console.commands.tables import Command
from console.commands.tables import Phone as PhoneRow
from console.forces.actions import set_duty
from console.forces.rules import Duty
from console.incidents.tables import TimelineEntry
from console.tasks.actions import assign, take_step
from console.tasks.tables import Task
from geo.errors import MaplebridgeError
from geo.store import Reach, Store
from ingest.commands.lines import StepLine
from tests.property.depth import examples
from tests.property.phone_queue import PhoneQueue
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, WEST, World

T = TypeVar("T")
DAY = timedelta(days=1)
AHEAD = st.sampled_from([timedelta(), DAY, -DAY, datetime(1970, 1, 1, tzinfo=UTC) - NOW])
PHONES = st.integers(0, 1)
SPANS = st.sampled_from([timedelta(seconds=40), timedelta(minutes=10), timedelta(hours=3), timedelta(days=7)])
STEPS = get_args(StepLine.model_fields["command"].annotation)
USUAL = ("accept", "depart", "arrive", "finish")
OUTCOMES = ("settled", "handed_over")
NEXT = {
    ("assigned", "task.accepted"): "accepted",
    ("assigned", "task.declined"): "declined",
    ("accepted", "task.departed"): "departed",
    ("departed", "task.arrived"): "arrived",
    ("arrived", "task.finished"): "finished",
    **{(status, "task.given_back"): "declined" for status in ("accepted", "departed", "arrived")},
    **{(status, "task.recalled"): "recalled" for status in ("assigned", "accepted", "departed", "arrived")},
}
MOVES = {move for _, move in NEXT}
EVIDENCE = {None, "task.recalled", "command.conflict"}
"""Codes of commands whose words stand in the timeline: done, or kept beside what holds. Others keep theirs alone."""


@dataclass(frozen=True, slots=True)
class County:
    """The real thing: a store with a world in it, and the loop that its connections live in."""

    store: Store
    world: World
    runner: asyncio.Runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


@pytest.fixture
def county(database: Urls, world: World) -> Iterator[County]:
    with asyncio.Runner() as runner:
        store = Store(database.app)
        yield County(store, world, runner)
        runner.run(store.close())


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it left a phone, whose clock said `at`."""

    phone: PhoneQueue
    lines: tuple[bytes, ...]
    at: datetime


class PhonesAndServer(RuleBasedStateMachine):
    """What the phones give reaches the server in any way, and in the end all of it once."""

    runs = 0

    def __init__(self, county: County) -> None:
        super().__init__()
        type(self).runs += 1
        self.county = county
        self.now = NOW
        world = county.world
        self.force = world.forces["patrol_west"]
        self.patrol = Actor(world.users["patrol_west"], "patrol_west", "patrol", WEST, self.force)
        self.operator = Actor(world.users["operator"], "operator", "operator", ROOT)
        self.phones: list[PhoneQueue] = []
        self.network: list[Sent] = []
        self.given: dict[UUID, tuple[dict[str, Any], datetime]] = {}
        self.inexact: set[UUID] = set()
        self.answers: dict[UUID, Answer] = {}
        self.tasks: list[int] = []

    # What can happen.

    @initialize(ahead=st.tuples(AHEAD, AHEAD), steps=st.tuples(st.integers(1, 4), st.integers(0, 4)))
    def two_phones_are_handed_out(self, ahead: tuple[timedelta, timedelta], steps: tuple[int, int]) -> None:
        """Both see a task, and the work on it begins without a network."""
        for i, each in enumerate(ahead):
            device = UUID(int=self.runs * 2 + i)
            self.phones.append(PhoneQueue(device, self.patrol.user_id, each))
        self._as(self.operator, set_duty, force_id=self.force, duty=Duty.ON, expected=None)
        for left in self._as(self.operator, self._active):  # Earlier runs left theirs in the same store.
            self._as(self.operator, take_step, task_id=left, step="recall", day=self.now.date())
        self.a_task_is_sent(0)
        assert self.tasks
        for which, n in enumerate(steps):
            self._look(self.phones[which])
            self.a_task_is_worked_on(which, n, OUTCOMES[which])

    @rule(place=st.integers(0, 15))
    def a_task_is_sent(self, place: int) -> None:
        async def send(session: AsyncSession, actor: Actor, *, now: datetime) -> int:
            world = self.county.world
            incident = await add_incident(session, world, world.micro_grids()[place], at=now)
            task = await assign(session, actor, incident_id=incident, force_id=self.force, terms=PACK.dispatch, now=now)
            return task.id

        found = self._as(self.operator, send)
        if found == "force.busy":
            assert self._as(self.operator, self._active)
        else:
            self.tasks.append(found)

    @rule(which=PHONES)
    def a_phone_sees_its_tasks(self, which: int) -> None:
        self._look(self.phones[which])

    @rule(which=PHONES, steps=st.integers(1, 4), outcome=st.sampled_from(OUTCOMES))
    def a_task_is_worked_on(self, which: int, steps: int, outcome: str) -> None:
        """One step after the other, as the phone's buttons offer them, with or without a network."""
        phone = self.phones[which]
        if not phone.tasks:
            return
        task = max(phone.tasks)
        given = {entry.line["command"] for entry in phone.entries if entry.line.get("task") == task}
        for step in [step for step in USUAL if step not in given][:steps]:
            self._give(phone, step, task, outcome)

    @rule(data=st.data(), which=PHONES, command=st.sampled_from([*STEPS, "note", "support"]))
    def anything_is_given(self, data: st.DataObject, which: int, command: str) -> None:
        phone = self.phones[which]
        if phone.tasks:
            task = data.draw(st.sampled_from(sorted(phone.tasks)))
            self._give(phone, command, task, data.draw(st.sampled_from(OUTCOMES)))

    @rule(which=PHONES, fate=st.sampled_from(["arrives", "arrives", "answer lost", "lost"]))
    def a_phone_sends(self, which: int, fate: str) -> None:
        phone = self.phones[which]
        sent = self._send(phone)
        if fate == "lost":
            self.inexact |= {entry.id for entry in phone.batch()}  # It may arrive later, with an old clock.
            return
        answers = self._arrive(sent)
        if fate == "arrives":
            phone.take(answers)

    @precondition(lambda self: self.network)
    @rule(data=st.data(), part=st.booleans())
    def an_old_request_arrives(self, data: st.DataObject, *, part: bool) -> None:
        """Late, or once more. A part of it only, its lines turned round: nothing depends on how they are bundled."""
        sent = data.draw(st.sampled_from(self.network[-6:]))
        lines = sent.lines[len(sent.lines) // 2 :][::-1] if part else sent.lines
        self._arrive(Sent(sent.phone, lines, sent.at))

    @rule(which=PHONES, ahead=AHEAD)
    def a_clock_is_set(self, which: int, ahead: timedelta) -> None:
        phone = self.phones[which]
        self.inexact |= {entry.id for entry in phone.entries}
        phone.ahead = ahead

    @rule(span=SPANS)
    def time_goes_by(self, span: timedelta) -> None:
        self.now += span

    @rule(step=st.sampled_from([*USUAL, "recall"]))
    def the_hall_takes_a_step(self, step: Any) -> None:
        """It recalls a task, or enters what the force has said by radio."""
        if self.tasks:
            work = partial(take_step, step=step, relayed=step != "recall", day=self.now.date())
            self._as(self.operator, work, task_id=self.tasks[-1])

    @rule(verdict=st.sampled_from(["restore", "dismiss"]))
    def the_hall_decides(self, verdict: Any) -> None:
        for command in self._unsettled()[:1]:
            self._as(self.operator, settle, command_id=command.id, verdict=verdict)

    @rule(which=PHONES, away=st.booleans())
    def a_person_reads_why(self, which: int, *, away: bool) -> None:
        phone = self.phones[which]
        for entry in phone.of("review"):
            entry.state = "dismissed"
        if not away:
            self._tell(phone)

    # How it ends.

    def teardown(self) -> None:
        if not self.phones:
            return
        for sent in self.network:
            self._arrive(sent)
        for _ in range(2 + sum(len(phone.entries) for phone in self.phones)):
            for phone in self.phones:
                self._tell(phone)
                phone.take(self._arrive(self._send(phone)))
                for entry in phone.of("review"):
                    entry.state = "dismissed"
        assert [entry.line for phone in self.phones for entry in phone.entries] == []
        assert self._unsettled() == []
        before = self._check()
        for sent in reversed(self.network):
            self._arrive(sent)
        assert self._check() == before

    def _check(self) -> object:
        """Check what the server holds in the end, and return it."""
        commands, tasks, entries, phones = self.county.run(self._found())
        assert {command.id for command in commands} == {*self.given}, "each command once"
        for command in commands:
            self._check_command(command, entries)
        heard = {row.device: (row.last_seq, row.heard) for row in phones}
        assert heard == {phone.device: (phone.seq, phone.seq) for phone in self.phones if phone.seq}
        for phone in self.phones:
            times = [command.done_at for command in commands if command.device == phone.device]
            assert times == sorted(times), "in the order of the phone's numbers"
        for task in tasks:
            _check_task(task, [entry for entry in entries if entry.data.get("task") == task.id])
        return [_facts(command) for command in commands], [_facts(task) for task in tasks], len(entries)

    def _check_command(self, command: Command, entries: Sequence[TimelineEntry]) -> None:
        line, given_at = self.given[command.id]
        assert command.body == line
        assert command.device_at == datetime.fromisoformat(line["device_at"])
        assert command.done_at <= command.received_at <= self.now
        if command.device not in {UUID(self.given[one][0]["device"]) for one in self.inexact}:
            assert abs(command.done_at - given_at) <= timedelta(seconds=10)
        said = [
            entry
            for entry in entries
            if entry.data.get("note") == line["note"] and entry.kind != "task.outcome_replaced"
        ]
        assert len(said) == (command.code in EVIDENCE), (command.status, command.code)
        for entry in said:
            assert entry.data["device_at"] and entry.data["done_at"]

    async def _found(self) -> tuple[list[Command], list[Task], list[TimelineEntry], list[PhoneRow]]:
        devices = [phone.device for phone in self.phones]
        async with self.county.store.transaction(Reach(scope=ROOT)) as session:
            tasks = [*await session.scalars(select(Task).where(Task.id.in_(self.tasks)).order_by(Task.id))]
            about = select(TimelineEntry).where(TimelineEntry.incident_id.in_(task.incident_id for task in tasks))
            mine = select(Command).where(Command.device.in_(devices))
            return (
                [*await session.scalars(mine.order_by(Command.device, Command.device_seq))],
                tasks,
                [*await session.scalars(about.order_by(TimelineEntry.id))],
                [
                    *await session.scalars(
                        select(PhoneRow).where(PhoneRow.device.in_(devices)).order_by(PhoneRow.device)
                    )
                ],
            )

    # How it is done.

    async def _active(self, session: AsyncSession, _: Actor, *, now: datetime) -> list[int]:
        wanted = select(Task.id).where(Task.force_id == self.force, Task.active)
        return [*await session.scalars(wanted)]

    def _give(self, phone: PhoneQueue, command: str, task: int, outcome: str) -> None:
        self.now += timedelta(seconds=15)
        said: dict[str, Any] = {"task": task, "note": f"{phone.device.int}.{phone.seq}"}
        if command in STEPS:
            said |= {"base_version": phone.tasks[task]} | ({"reason": outcome} if command == "finish" else {})
        line = phone.give(command, now=self.now, **said)
        self.given[UUID(line["id"])] = (line, self.now)

    def _send(self, phone: PhoneQueue) -> Sent:
        sent = Sent(phone, tuple(orjson.dumps(entry.line) for entry in phone.batch()), phone.clock(self.now))
        self.network.append(sent)
        return sent

    def _arrive(self, sent: Sent) -> list[Answer]:
        """The server takes a request: what it has once answered, it answers in the same way for ever."""
        receiver = Receiver(self.county.store, self.patrol, PACK, None, now=lambda: self.now, sent_at=sent.at)
        answers = self.county.run(receiver.take(sent.lines, unsent=len(sent.phone.entries)))
        for answer in answers:
            assert answer.id is not None and answer.status != "held"
            known = self.answers.setdefault(answer.id, answer)
            if known.status == "waiting":
                self.answers[answer.id] = answer
            else:
                assert answer == known
        return answers

    def _tell(self, phone: PhoneQueue) -> None:
        """The phone tells the server what its owner has read; the hall may have decided before."""
        for entry in phone.of("dismissed"):
            self._as(self.patrol, settle, command_id=entry.id, verdict="dismiss")
        phone.entries = [entry for entry in phone.entries if entry.state != "dismissed"]

    def _look(self, phone: PhoneQueue) -> None:
        phone.tasks = {task.id: task.version for task in self.county.run(self._found())[1]}

    def _unsettled(self) -> list[Command]:
        async def listed(session: AsyncSession, actor: Actor, *, now: datetime) -> list[Command]:
            devices = {phone.device for phone in self.phones}
            return [one for one in await list_unsettled(session, actor) if one.device in devices]

        found: list[Command] = self._as(self.operator, listed)
        return found

    def _as(self, actor: Actor, work: Any, **said: Any) -> Any:
        """The action's answer, or the code of its refusal."""

        async def done() -> Any:
            async with self.county.store.transaction(actor.reach) as session:
                return await work(session, actor, **said, now=self.now)

        try:
            return self.county.run(done())
        except MaplebridgeError as error:
            return error.code


def _check_task(task: Task, entries: Sequence[TimelineEntry]) -> None:
    status, outcome = "assigned", None
    for entry in entries:
        if entry.kind in MOVES:
            status = NEXT[status, entry.kind]
        if entry.kind in ("task.finished", "task.outcome_replaced"):
            outcome = entry.data.get("note")
    assert task.status == status
    assert status != "finished" or task.note == (outcome or "")
    times = [task.assigned_at, task.accepted_at, task.departed_at, task.arrived_at, task.ended_at]
    assert (known := [at for at in times if at is not None]) == sorted(known)


def _facts(row: Command | Task) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def test_phones_and_server_agree_in_the_end_with_no_evidence_lost_and_no_illegal_step(county: County) -> None:
    run_state_machine_as_test(
        lambda: PhonesAndServer(county),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples(10),
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
