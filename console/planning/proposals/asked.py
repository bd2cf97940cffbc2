"""Proposals that were asked for: each waits for its turn, is searched in a process of its own, measured, and kept a
while.

They are kept in memory: after a restart of the server they are gone, and said to be. Nothing here changes a plan.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.access.rules import Actor
from console.access.sight import Subject, sees_masked
from console.planning.drafts import Recent
from console.planning.proposals.answering import Alternative, Measuring, Summary, better_than
from console.planning.proposals.apart import SearchEnded, search_apart
from console.planning.proposals.rules import ProposalGone, ProposalState, TooManyProposals, Wish
from console.planning.proposals.searching import job_of
from geo.coverage.refusals import PlanRefused
from geo.store import lies_within

AT_ONCE = 1
"""Searches that run at a time: each takes a processor."""
WAITING = 8
KEPT = 32
TOLD = 50
"""Bottlenecks that are told, the worst ones."""
RETRY_SECONDS = 10
Masked = tuple[bool, bool]


@dataclass(slots=True)
class Proposal:
    """A proposal of one version of a plan, as `masked` eyes see its figures: incidents, and forces. `share` is how much
    of the search is done, `best` the worst deviation of the best grouping so far.
    """

    id: str
    plan: int
    version: int
    wish: Wish
    scope: str
    masked: Masked
    months: int
    groups: int
    pieces: int
    piece_level: str
    state: ProposalState = ProposalState.WAITING
    share: float = 0.0
    best: float | None = None
    today: Summary | None = None
    alternatives: Sequence[Alternative] = ()
    bottlenecks: Sequence[Mapping[str, Any]] = ()
    settled: bool = False
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def told(self, line: Mapping[str, Any]) -> None:
        self.share, self.best = line.get("share", self.share), line.get("worst", self.best)


@dataclass(slots=True)
class Proposals:
    """All proposals of a server."""

    at_once: int = AT_ONCE
    waiting: int = WAITING
    _born: str = field(default_factory=lambda: secrets.token_hex(4))
    _count: int = 0
    _kept: Recent[Proposal] = field(default_factory=lambda: Recent[Proposal](KEPT))
    _queue: list[Proposal] = field(default_factory=list)
    _turns: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._turns = asyncio.Semaphore(self.at_once)

    def next_id(self) -> str:
        """Return an id that no other proposal has, of this server or an earlier one."""
        self._count += 1
        return f"{self._born}-{self._count}"

    def begin(self, proposal: Proposal, measuring: Measuring) -> None:
        """Let a proposal wait for its turn. Raises `TooManyProposals`."""
        if len(self._queue) >= self.at_once + self.waiting:
            raise TooManyProposals(waiting=len(self._queue) - self.at_once, seconds=RETRY_SECONDS)
        self._queue.append(proposal)
        self._kept.keep(proposal.id, proposal)
        proposal.task = asyncio.create_task(self._run(proposal, measuring))

    def ahead_of(self, proposal: Proposal) -> int | None:
        """Return how many come first, None for one that waits no more."""
        return self._queue.index(proposal) if proposal.state is ProposalState.WAITING else None

    def get(self, actor: Actor, plan_id: int, proposal_id: str) -> Proposal:
        """Return a proposal of a plan. Raises `ProposalGone`, also for one with figures that the actor may not see."""
        found = self._kept.get(proposal_id)
        if found is None or found.plan != plan_id or not _may_see(actor, found):
            raise ProposalGone
        return found

    async def cancel(self, proposal: Proposal) -> None:
        """End a search and its process. One that has ended stays as it is."""
        if proposal.task is not None and not proposal.task.done():
            proposal.task.cancel()
            await asyncio.wait([proposal.task])
        if proposal in self._queue:  # Cancelled before its first step.
            self._queue.remove(proposal)
            proposal.state = ProposalState.CANCELLED

    async def close(self) -> None:
        """End all searches."""
        await asyncio.gather(*(self.cancel(proposal) for proposal in [*self._queue]))

    async def _run(self, proposal: Proposal, measuring: Measuring) -> None:
        try:
            async with self._turns:
                proposal.state = ProposalState.RUNNING
                await self._search(proposal, measuring)
                proposal.share, proposal.state = 1.0, ProposalState.DONE
        except asyncio.CancelledError:
            proposal.state = ProposalState.CANCELLED
        except SearchEnded:
            proposal.state = ProposalState.FAILED
        finally:
            self._queue.remove(proposal)
            if proposal.state is ProposalState.RUNNING:
                proposal.state = ProposalState.FAILED

    async def _search(self, proposal: Proposal, measuring: Measuring) -> None:
        site = measuring.site
        proposal.today = today = await asyncio.to_thread(measuring.today)
        job = job_of(site.land, site.seeds, seconds=proposal.wish.seconds)
        found = await search_apart(job, proposal.told)
        kept = [await asyncio.to_thread(_measured, measuring, owners) for owners in found["alternatives"]]
        proposal.alternatives = better_than(today, (one for one in kept if one is not None))
        worst = sorted(found["bottlenecks"], key=lambda one: -abs(one["deviation"]))[:TOLD]
        proposal.bottlenecks = [await asyncio.to_thread(measuring.bottleneck, one) for one in worst]
        proposal.settled = found["settled"]


def masked_for(actor: Actor) -> Masked:
    """Return whether an actor sees incidents, and forces, masked."""
    return sees_masked(actor, Subject.INCIDENTS), sees_masked(actor, Subject.FORCES)


def _may_see(actor: Actor, proposal: Proposal) -> bool:
    """Return whether figures of a proposal tell an actor no more than those of the plan would."""
    sees_all = all(theirs or not ours for theirs, ours in zip(proposal.masked, masked_for(actor), strict=True))
    return sees_all and lies_within(proposal.scope, actor.scope)


def _measured(measuring: Measuring, owners: Sequence[int]) -> Alternative | None:
    """Measure a grouping; None for one that cannot be drawn, which the search does not know."""
    try:
        return measuring.alternative(owners)
    except PlanRefused:
        return None
