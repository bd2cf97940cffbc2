"""Proposals in order: ended with the server, failed with their process, and seen by who may see their figures."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from console.access.rules import Actor
from console.planning.proposals import asked
from console.planning.proposals.apart import SearchEnded
from console.planning.proposals.asked import Proposal, Proposals, masked_for
from console.planning.proposals.rules import ProposalGone, ProposalState
from tests.console.planning.proposals.test_site import facts_of, measuring, wish
from tests.geo.coverage.made import squares

TELL = Callable[[Mapping[str, Any]], None]
MEASURING = measuring(squares(), facts_of(squares(), {}), wish())


def proposal(proposals: Proposals, **fields: Any) -> Proposal:
    made = Proposal(
        id=proposals.next_id(),
        plan=1,
        version=1,
        wish=MEASURING.site.wish,
        scope="320509",
        masked=(True, True),
        months=12,
        groups=4,
        pieces=16,
        piece_level="micro_grid",
    )
    for name, value in fields.items():
        setattr(made, name, value)
    return made


async def endless(job: bytes, told: TELL) -> Mapping[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


async def lost(job: bytes, told: TELL) -> Mapping[str, Any]:
    raise SearchEnded


async def test_all_searches_end_with_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "search_apart", endless)
    proposals = Proposals()
    both = [proposal(proposals) for _ in range(2)]
    for one in both:
        proposals.begin(one, MEASURING)
    await proposals.close()
    assert [one.state for one in both] == [ProposalState.CANCELLED] * 2
    assert [proposals.ahead_of(one) for one in both] == [None, None]


async def test_a_search_whose_process_is_lost_has_failed_and_the_next_one_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asked, "search_apart", lost)
    proposals = Proposals()
    both = [proposal(proposals) for _ in range(2)]
    for one in both:
        proposals.begin(one, MEASURING)
    await asyncio.wait([one.task for one in both if one.task is not None])
    assert [one.state for one in both] == [ProposalState.FAILED] * 2


def actor(role: str, scope: str = "320509") -> Actor:
    return Actor(user_id=1, username=role, role=role, scope=scope)


async def test_figures_of_open_places_are_for_those_who_may_see_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "search_apart", endless)
    planner, supervisor = actor("planner"), actor("supervisor")
    assert (masked_for(planner), masked_for(supervisor)) == ((True, True), (False, False))
    proposals = Proposals()
    masked, plain = proposal(proposals), proposal(proposals, masked=(False, False))
    for one in (masked, plain):
        proposals.begin(one, MEASURING)
    for who, seen in ((planner, [masked]), (supervisor, [masked, plain]), (replace(planner, scope="320509.1"), [])):
        for one in (masked, plain):
            if one in seen:
                assert proposals.get(who, 1, one.id) is one
            else:
                with pytest.raises(ProposalGone):
                    proposals.get(who, 1, one.id)
    await proposals.close()


def test_an_id_of_an_earlier_server_is_no_other_proposals() -> None:
    first, again = Proposals(), Proposals()
    assert first.next_id() != again.next_id() and first.next_id().endswith("-2")
