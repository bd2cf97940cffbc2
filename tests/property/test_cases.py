"""Any sequence of moves, merges, edits, overdue limits and newer flows, by random people in random flows."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.keeping.postgres.roles import Urls
from console.access.rules import Actor
from console.cases.actions import facts_of, locked_case, make_move
from console.cases.casework import Casework
from console.cases.centres import Centres
from console.cases.clocks import CaseClocks
from console.cases.due_moves import DueLimit, make_due_moves
from console.cases.events import body_of
from console.cases.joining import join_cases, part_cases
from console.cases.migrating import Migration, migrate_cases
from console.cases.moving import leave_post, move_cases
from console.cases.opening import open_cases
from console.cases.regrading import regrade
from console.cases.rehoming import rehome_cases
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.cases.writing import Change, write
from console.clocks.terms import ClockTerms
from console.clocks.walking import OfficeHours
from console.feed.tables import OutboxEvent
from console.flow.case_rules import clocks_of, permitted
from console.flow.case_state import CaseState, Charge, Holder, Offer, from_json
from console.flow.case_terms import CaseMove, CaseTerms, MoveKind
from console.flow.forms import form_of
from console.flow.replay import MOVED, replay
from console.flow.seats import Person
from console.follow_ups.actions import CaseFollowUps
from console.incidents import duplicates
from console.incidents.edits import edit
from console.incidents.queries import lock_incident
from console.incidents.rules import Edits
from console.incidents.tables import Incident
from console.notices.rules import Delivery
from geo.errors import MaplebridgeError
from geo.store import Store
from tests.console.clocks.clockwork import limit
from tests.console.flow.flows import flows
from tests.property.depth import examples
from tests.reporting import add_incident
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, World

T = TypeVar("T")
LEVELS = [level.level for level in PACK.root.levels]
PLACES = (0, 1, 8, 15)
CLOCKS = ClockTerms(
    limits=(
        limit(3, "working_day", code="whole", pausable=True),
        limit(1, "working_day", code="answer", starts="hand_over"),
        limit(2, "natural_day", code="called", starts="stage"),
    )
)
DELIVERY = Delivery(OfficeHours(PACK.times))
VILLAGE = f"{WEST}.{WEST[-9:]}200"
PEOPLE = [("operator", ROOT), ("operator", WEST), ("operator", EAST), ("supervisor", VILLAGE), ("supervisor", ROOT)]


POSTS = (1, 2, 3)
"""Posts that people give up while their cases move, of each life's own: those of earlier ones keep their cases."""
LIVES = count(1)


DIFFERING = text("""
    SELECT c.incident_id FROM cases AS c JOIN incidents AS i ON i.id = c.incident_id
    LEFT JOIN case_facts AS f ON f.incident_id = c.incident_id
    WHERE (f.ended_at, f.joined, f.hand_overs, f.reopened, f.source, f.category, f.risk, f.lane, f.level, f.unit,
            f.outcome, f.division_path, f.came_at)
        IS DISTINCT FROM (c.ended_at, i.merged_into_id IS NOT NULL, (c.state ->> 'hand_overs')::smallint,
            (c.state ->> 'reopened')::smallint, i.source, i.category, i.risk, c.lane, c.level, c.unit,
            c.outcome, i.division_path, i.registered_at)
        OR (c.ended_at IS NOT NULL AND NOT f.joined AND f.judged_at = c.ended_at AND f.on_time IS DISTINCT FROM (
            SELECT bool_and(k.stopped_at <= k.due_at) FROM clocks AS k
            WHERE k.incident_id = c.incident_id AND k.unit_code IS NULL AND k.stopped_at = c.ended_at
                AND k.outcome <> 'joined'))
""")
"""Facts of cases that do not say what cases, incidents and clocks say."""


class Killed(Exception):
    """The server is killed before it commits."""


@dataclass(frozen=True, slots=True)
class County:
    """A store with a world in it, and the loop that its connections live in."""

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


class LifeOfCases(RuleBasedStateMachine):
    """A case has an owner and a clock until it ends, and timeline, row and events say the same."""

    def __init__(self, county: County) -> None:
        super().__init__()
        self.county = county
        self.cases: list[int] = []
        self.first_post = 10 * next(LIVES)

    @initialize(terms=flows(first="dispute"))
    def a_place_has_a_flow(self, terms: CaseTerms) -> None:
        centres = Centres(LEVELS, frozenset(terms.level_codes), PACK.zone)
        clocks = CaseClocks(CLOCKS, PACK.times)
        more: Any = {"follow_ups": CaseFollowUps()} if terms.follow_up else {}
        self.work = Casework("place", terms, PACK.incidents, PACK.zone, centres, clocks, **more)

    def _within(self, who: tuple[str, str], work: Any, *, killed: bool = False) -> Any:
        """Do something as a person in one transaction, and answer what it did or its refusal.

        `killed`: the server ends before it commits.
        """
        role, scope = who
        actor = Actor(user_id=PEOPLE.index(who) + 1, username="x", role=role, scope=scope)

        async def done() -> Any:
            async with self.county.store.transaction(actor.reach) as session:
                found = await work(session, actor)
                if killed:
                    raise Killed
                return found

        try:
            return self.county.run(done())
        except (MaplebridgeError, Killed) as error:
            return error

    @rule(
        place=st.sampled_from(PLACES),
        category=st.sampled_from(["dispute.neighbour", "hazard.fire"]),
        risk=st.sampled_from(["low", "high"]),
    )
    def an_incident_comes_in(self, place: int, category: str, risk: str) -> None:
        """It is received where the pack says, which may be below or above the level that decides it."""

        async def register(session: AsyncSession, actor: Actor) -> int:
            path = self.county.world.micro_grids()[place]
            level = PACK.incidents.risk_by_code[risk].level
            said = {"category": category, "risk": risk, "level": level}
            incident_id = await add_incident(session, self.county.world, path, **said)
            await open_cases(session, self.work, [incident_id], actor=actor, now=NOW)
            return incident_id

        self.cases.append(self._within(("operator", ROOT), register))

    @rule(data=st.data(), killed=st.booleans())
    def somebody_makes_a_move(self, data: st.DataObject, killed: bool) -> None:
        if not self.cases:
            return
        incident_id, who = data.draw(st.sampled_from(self.cases)), data.draw(st.sampled_from(PEOPLE))
        moves = self._within(who, lambda session, actor: self._moves(session, actor, incident_id))
        if isinstance(moves, Exception) or not moves:
            return
        move = data.draw(st.sampled_from(moves))
        form = self._form(data, move)
        before = self._state(incident_id)
        found = self._within(
            who,
            lambda session, actor: make_move(
                session, self.work, actor, incident_id, move=move.code, form=form, now=NOW
            ),
            killed=killed,
        )
        if isinstance(found, MaplebridgeError):
            assert found.code == "case.form", (found.code, found.params, move.code)
        if isinstance(found, Exception):
            assert self._state(incident_id) == before, "nothing is done by halves"

    async def _moves(self, session: AsyncSession, actor: Actor, incident_id: int) -> list[CaseMove]:
        incident = await lock_incident(session, incident_id)
        opened = await locked_case(session, self.work, incident)
        assert opened is not None
        seats = await self.work.register.seats_of(session, actor, now=NOW)
        facts = await facts_of(session, self.work, incident, opened.state, user=actor.user_id, now=NOW)
        person = Person(actor.user_id, actor.role, seats)
        return [move for move, refused in permitted(opened.terms, opened.state, person, facts) if refused is None]

    def _form(self, data: st.DataObject, move: CaseMove) -> dict[str, Any]:
        units = st.sampled_from([f"centre.{path.rpartition('.')[2]}" for path in (ROOT, WEST, EAST, VILLAGE)])
        form: dict[str, Any] = {}
        for one in form_of(self.work.terms, move).fields:
            if not one.required and data.draw(st.booleans()):
                continue
            if one.type == "unit":
                form[one.code] = data.draw(units)
            elif one.type == "units":
                form[one.code] = data.draw(st.lists(units, min_size=1, max_size=3))
            elif one.type == "choice":
                form[one.code] = data.draw(st.sampled_from([choice.code for choice in one.choices]))
            elif one.type == "number":
                form[one.code] = one.least
            elif one.type == "yes_no":
                form[one.code] = data.draw(st.booleans())
            else:
                form[one.code] = "because"
        assert move.kind in MoveKind
        return form

    @rule(data=st.data(), post=st.sampled_from(POSTS), killed=st.booleans())
    def a_case_comes_to_a_post(self, data: st.DataObject, post: int, killed: bool) -> None:
        """Somebody who holds it has the case, received it first, is handed it, or took charge of it."""
        if not self.cases:
            return
        incident_id = data.draw(st.sampled_from(self.cases))
        places = data.draw(st.sets(st.sampled_from(["owner", "first_receiver", "offer", "charge"]), min_size=1))

        async def take(session: AsyncSession, actor: Actor) -> None:
            opened = await locked_case(session, self.work, await lock_incident(session, incident_id))
            if opened is not None and opened.state.running:
                held = {name: _at_post(getattr(opened.state, name), self.first_post + post) for name in sorted(places)}
                change = Change("case.post_taken", at=NOW, actor_id=actor.user_id)
                await write(session, self.work, opened, replace(opened.state, **held), change)

        assert isinstance(self._within(("operator", ROOT), take, killed=killed), Killed | None)

    @rule(post=st.sampled_from(POSTS), successor=st.sampled_from([None, *POSTS]), killed=st.booleans())
    def a_post_ends(self, post: int, successor: int | None, killed: bool) -> None:
        """All of its cases are passed on, or none if the server is killed."""
        heir = None if successor in (post, None) else self.first_post + successor
        post += self.first_post
        before = self._with_post(post)

        async def end(session: AsyncSession, actor: Actor) -> int:
            return await leave_post(session, self.work, post, successor=heir, by=actor.user_id, now=NOW)

        passed = self._within(("operator", ROOT), end, killed=killed)
        if killed:
            assert self._with_post(post) == before
        else:
            assert (passed, self._with_post(post)) == (len(before), [])

    def _with_post(self, post: int) -> list[int]:
        """The running cases that name a post."""

        async def read(session: AsyncSession, actor: Actor) -> list[int]:
            cases = await session.scalars(select(Case).where(Case.incident_id.in_(self.cases), Case.ended_at.is_(None)))
            return sorted(case.incident_id for case in cases if post in _posts_of(from_json(case.state)))

        found: list[int] = self._within(("operator", ROOT), read)
        return found

    @rule(data=st.data())
    def two_are_merged_or_parted(self, data: st.DataObject) -> None:
        if len(self.cases) < 2:
            return
        one, other = data.draw(st.permutations(self.cases))[:2]

        async def merge(session: AsyncSession, actor: Actor) -> None:
            merged = await duplicates.merge(session, one, into=other, actor=actor, now=NOW)
            await join_cases(session, self.work, merged, actor=actor, now=NOW)

        async def part(session: AsyncSession, actor: Actor) -> None:
            opened = await duplicates.unmerge(session, one, actor=actor, now=NOW)
            await part_cases(session, self.work, opened, actor=actor, now=NOW)

        self._within(("operator", ROOT), data.draw(st.sampled_from([merge, part])))

    @rule(data=st.data(), risk=st.sampled_from(["low", "medium", "high"]))
    def a_risk_is_corrected(self, data: st.DataObject, risk: str) -> None:
        if not self.cases:
            return
        incident_id = data.draw(st.sampled_from(self.cases))
        unplaced: Any = {"expected": None, "on_division_change": None, "now": NOW}

        async def correct(session: AsyncSession, actor: Actor) -> None:
            incident = await lock_incident(session, incident_id)
            await edit(session, incident, Edits(risk=risk), terms=PACK.incidents, actor=actor, **unplaced)
            await regrade(session, self.work, incident, actor=actor, now=NOW)

        self._within(("operator", ROOT), correct)

    @rule(data=st.data(), place=st.sampled_from(PLACES))
    def a_place_is_corrected(self, data: st.DataObject, place: int) -> None:
        """In whatever division it lies then, a unit there has the case."""
        if not self.cases:
            return
        incident_id = data.draw(st.sampled_from(self.cases))
        path = self.county.world.micro_grids()[place]

        async def correct(session: AsyncSession, actor: Actor) -> None:
            incident = await lock_incident(session, incident_id)
            left_path, incident.division_path = incident.division_path, path
            await session.flush()
            await move_cases(session, {incident_id: path}, left_paths={incident_id: left_path}, now=NOW)
            await rehome_cases(session, self.work, [incident_id], delivery=DELIVERY, actor=actor, now=NOW)

        assert self._within(("operator", ROOT), correct) is None

    @rule(data=st.data(), limit_code=st.sampled_from(["whole", "answer", "called"]))
    def a_limit_is_due(self, data: st.DataObject, limit_code: str) -> None:
        if not self.cases:
            return
        incident_id = data.draw(st.sampled_from(self.cases))

        async def due(session: AsyncSession, actor: Actor) -> int:
            incident = await lock_incident(session, incident_id)
            return await make_due_moves(session, self.work, [DueLimit(incident, limit_code, NOW)], now=NOW)

        assert self._within(("operator", ROOT), due) in (0, 1)

    @rule(stage=st.sampled_from(["extra1", "extra2"]))
    def the_flow_gets_a_newer_version(self, stage: str) -> None:
        """A stage more, which cases may go to from the first one; all running cases go over."""
        said = self.work.terms.model_dump(mode="json")
        if stage in self.work.terms.stage_by_code:
            return
        names = {"zh": "新", "en": "New"}
        first = said["flows"][0]["stages"][0]
        there = {"code": f"to_{stage}", "names": names, "kind": "advance", "leaves": [first], "to": stage}
        said["stages"].append({"code": stage, "names": names})
        said["flows"][0]["stages"].append(stage)
        said["moves"].append({**there, "by": ["at_owner"]})
        said["moves"].append({**there, "code": f"from_{stage}", "leaves": [stage], "to": first, "by": ["at_owner"]})
        self.work = replace(self.work, terms=CaseTerms.model_validate(said))

        async def go_over(session: AsyncSession, actor: Actor) -> list[Migration]:
            return await migrate_cases(session, self.work, dry_run=False, actor=actor, now=NOW)

        found = self._within(("operator", ROOT), go_over)
        assert [one for one in found if one.obstacle and one.incident_id in self.cases] == [], "others had other flows"

    def _state(self, incident_id: int) -> Any:
        async def read(session: AsyncSession, actor: Actor) -> Any:
            return (await session.get_one(Case, incident_id)).state

        return self._within(("operator", ROOT), read)

    @invariant()
    def every_case_has_an_owner_and_a_clock_and_its_record_says_so(self) -> None:
        self._within(("operator", ROOT), self._check)

    async def _check(self, session: AsyncSession, actor: Actor) -> None:
        assert not (await session.execute(DIFFERING)).all(), "the facts say something else"
        wanted = select(Case, Incident).join(Incident, Incident.id == Case.incident_id)
        rows = await session.execute(wanted.where(Case.incident_id.in_(self.cases)))
        events = (await session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "case"))).all()
        told = {event.entity_id: event.body for event in sorted(events, key=lambda event: event.version)}
        running = await self.work.clocks.open_of(session, self.cases, now=NOW)
        for case, incident in rows:
            state = from_json(case.state)
            entries = await entries_of(session, case.incident_id)
            assert replay(entries) == state
            self._check_stages(entries, self.work.terms.flow_for(incident.category))
            self._check_answers(state)
            assert state.running == (case.ended_at is None) == (incident.closed_at is None)
            assert (incident.level, told[case.incident_id]) == (state.level, body_of(case))
            owner = await self.work.register.unit(session, state.owner.unit, now=NOW)
            assert owner is not None and incident.division_path.startswith(owner.path)
            wanted = {limit: code for limit, (code, _) in clocks_of(self.work.terms, state).items()}
            called = {(limit, unit) for limit in wanted.keys() & {"called"} for unit in state.open_calls}
            found = running.get(case.incident_id, ())
            assert {one.limit: one.clock for one in found} == wanted
            bound = {(limit, None) for limit in wanted.keys() - {"called"}} | called
            assert sorted((one.limit, one.unit_code or "") for one in found) == sorted((a, b or "") for a, b in bound)
            assert bool(wanted) == state.running
            assert {one.paused_at is not None for one in found if one.limit == "whole"} <= {case.paused}

    def _check_answers(self, state: CaseState) -> None:
        """What waits for an answer stands where one can be given."""
        moves = self.work.terms.moves
        kinds = {move.kind for move in moves if state.stage in self.work.terms.leaves_of(move, state.flow)}
        assert state.offer is None or MoveKind.ACCEPT in kinds or state.joined_to is not None
        assert not state.open_calls or MoveKind.ANSWER in kinds or state.joined_to is not None

    def _check_stages(self, entries: Sequence[tuple[str, Mapping[str, Any]]], flow: str) -> None:
        """Each move of the record leaves and reaches a stage that the flow allows it, and none is left out between."""
        at = entries[0][1]["set"]["stage"]
        for kind, data in entries[1:]:
            after = data.get("set", {}).get("stage", at)
            if kind == MOVED:
                move = self.work.terms.move_by_code[data["move"]]
                assert data["from"] == at and at in self.work.terms.leaves_of(move, flow)
                assert after == data["to"] and (move.kind is MoveKind.RESUME or after in _led_to(move, at))
            else:
                assert after == at, kind
            at = after


def _led_to(move: CaseMove, at: str) -> set[str]:
    return {move.to or at, *([move.dissatisfied_to] if move.dissatisfied_to else [])}


def _at_post(holder: Any, post: int) -> Any:
    """The holder, hand-over or charge at a post; none where there is none."""
    if isinstance(holder, Holder | Offer | Charge):
        return replace(holder, post=post)
    return holder


def _posts_of(state: CaseState) -> set[int | None]:
    holders = (state.owner, state.first_receiver, state.offer, state.charge)
    return {holder.post for holder in holders if holder is not None}


def test_any_life_of_cases_keeps_owner_clock_and_record(county: County) -> None:
    class Life(LifeOfCases):
        def __init__(self) -> None:
            super().__init__(county)

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples(4),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[*HealthCheck],
        ),
    )
