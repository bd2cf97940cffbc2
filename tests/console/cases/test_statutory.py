"""A limit that a law sets is not extended by a move, and a refused move leaves the case as it was."""

from dataclasses import replace

import pytest

from console.cases.casework import Casework
from console.cases.clocks import CaseClocks
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.clocks.rules import StatutoryClock
from console.clocks.terms import ClockTerm, ClockTerms
from geo.store import Reach, Store
from tests.console.cases.test_called_units import CHIEF, Handling
from tests.console.clocks.clockwork import LAW
from tests.worlds import PACK, ROOT, World


def statutory() -> Casework:
    """The pack's casework, whose limits of whole cases are those of a law."""
    assert PACK.casework is not None and isinstance(PACK.casework.clocks, CaseClocks)
    own = PACK.casework.clocks.terms
    lawful = {"statutory": True, "source": LAW, "extension": None}
    limits = tuple(
        ClockTerm.model_validate(one.model_dump() | lawful) if one.code.startswith("close.") else one
        for one in own.limits
    )
    return replace(PACK.casework, clocks=CaseClocks(ClockTerms(limits=limits, hours=own.hours), PACK.times))


async def test_a_move_that_would_extend_a_statutory_limit_changes_nothing(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = (await Handling.begin(session, world, statutory())).incident

    async def known() -> tuple[int, int, object]:
        async with store.transaction(Reach(scope=ROOT)) as session:
            case = await session.get_one(Case, incident)
            return case.version, len(await entries_of(session, incident)), case.due_at

    before = await known()
    with pytest.raises(StatutoryClock):
        async with store.transaction(Reach(scope=ROOT)) as session:
            case = Handling(session, incident, statutory())
            await case.move("extend", by=CHIEF, limit="close_order", amount=1, reason="Long talks")
    assert await known() == before
