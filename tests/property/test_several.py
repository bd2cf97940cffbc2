"""Any sequence of tasks, duty, leave and proposals, each proposal confirmed by two operators at once."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.dispatching.proposals import propose
from console.dispatching.proposed import Proposal, Proposed
from console.forces.actions import set_duty
from console.forces.rules import Duty
from console.rosters.actions import NewLeave, cancel_leave, put_leave
from console.rosters.rules import Span, Who, WhoKind
from console.tasks.actions import assign
from console.tasks.tables import Task
from geo.errors import MaplebridgeError
from tests.property.depth import examples
from tests.property.test_tasks import FORCES, TERMS, County, IncidentTask, LifeOfTasks, county
from tests.worlds import PACK

__all__ = ["county"]


class LifeOfSeveral(LifeOfTasks):
    """No force is booked twice, no task is lost, and no step is illegal; what is refused says why."""

    @initialize()
    def the_others_are_off_duty(self) -> None:
        for code, force in self.county.world.forces.items():
            if code not in FORCES:
                self._try(set_duty, force_id=force, duty=Duty.OFF, expected=None)
                self.duty[force] = "off"

    @rule(code=st.sampled_from(FORCES))
    def someone_goes_on_leave_or_comes_back(self, code: str) -> None:
        force = self.county.world.forces[code]
        if leave := self.away.pop(force, None):
            self._try(cancel_leave, role="planner", leave_id=leave, expected=None)
            return
        new = NewLeave(Who(WhoKind.FORCE, force), Span(self.now - timedelta(days=1), self.now + timedelta(days=30)))
        row, _ = self._try(put_leave, role="planner", leave_id=uuid4(), new=new, expected=None)
        self.away[force] = row.id

    @precondition(lambda self: not self.incidents)
    @rule()
    def without_an_incident_none_is_found(self) -> None:
        assert self._proposal() == "not_found"

    @precondition(lambda self: bool(self.incidents))
    @rule()
    def all_are_proposed_for_and_two_confirm_at_once(self) -> None:
        found = self._proposal()
        assert isinstance(found, Proposal)
        going = [one.ranked.candidate.force for one in found.proposed]
        assert len(going) == len(set(going))
        assert found.total_minutes <= found.greedy_minutes
        assert {one.incident for one in found.proposed} | found.unassigned.keys() == self.incidents
        for one in found.proposed:
            force = one.ranked.candidate.force
            known = self._refusal(
                one.incident, force, second_lead=bool(self._active(incident=one.incident, role="lead"))
            )
            assert known is None, "only what can be sent is proposed"
        for row, outcomes in zip(found.proposed, self.county.run(self._confirm_twice(found)), strict=True):
            [sent] = [outcome for outcome in outcomes if isinstance(outcome, Task)]
            [refused] = [outcome for outcome in outcomes if isinstance(outcome, str)]
            assert refused in ("force.busy", "task.lead_taken")
            due = self.now + TERMS.answer_within
            self.tasks[sent.id] = IncidentTask(row.incident, sent.force_id, sent.role, "assigned", due)
            self.timelines[row.incident].append("task.assigned")

    def _proposal(self) -> Proposal | str:
        """Return a proposal for all incidents, or the code of its refusal."""

        async def ask(session: AsyncSession, _: Actor, **said: object) -> Proposal:
            return await propose(session, self.incidents, terms=PACK.proposals, graph=None, now=self.now)

        found: Proposal | str = self._try(ask)
        return found

    async def _confirm_twice(self, found: Proposal) -> list[list[Task | str]]:
        flat = await asyncio.gather(*(self._confirm(row) for row in found.proposed for _ in range(2)))
        return [flat[i : i + 2] for i in range(0, len(flat), 2)]

    async def _confirm(self, row: Proposed) -> Task | str:
        force = row.ranked.candidate.force
        try:
            work = partial(assign, role=row.role, packages=PACK.packages)
            task: Task = await self._within(work, incident_id=row.incident, force_id=force, terms=TERMS)
        except MaplebridgeError as error:
            return error.code
        return task

    def teardown(self) -> None:
        super().teardown()
        for leave in self.away.values():
            self._try(cancel_leave, role="planner", leave_id=leave, expected=None)


def test_whatever_is_proposed_and_confirmed_nobody_is_sent_twice(county: County) -> None:
    run_state_machine_as_test(
        lambda: LifeOfSeveral(county),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples(8),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
