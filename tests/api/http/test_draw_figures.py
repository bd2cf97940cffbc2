"""Figures of a draw, counted by hand: of those drawn alone, and beside them who was heard undrawn."""

from fractions import Fraction

import pytest
from psycopg.errors import RaiseException
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from console.follow_ups.rules import is_drawn, start_of
from geo.store import Reach, Store
from tests.api.http.test_cases import case_of, moved
from tests.api.http.test_follow_ups import closed, drawn, figures, listed
from tests.worlds import PACK, ROOT, ClientAs, Clock, World

GOOD = {"way": "phone", "reached": True, "result": "satisfied"}
BAD = GOOD | {"result": "dissatisfied", "note": "Still wet"}


def drawn_of_ten(draw: str, share: Fraction) -> list[int]:
    """Return which of the first ten cases of the month are drawn, from 0."""
    assert PACK.casework is not None
    start = start_of(PACK.casework.key, draw, "2026-03")
    return [n - 1 for n in range(1, 11) if is_drawn(n, share, start)]


async def test_a_draw_counts_those_drawn_and_tells_others_apart(
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    """Ten easy cases, one in ten asked. One calls before the draw, one after it, one is tried in vain before it."""
    clerk, interviewer = client_as("clerk_west"), client_as("interviewer")
    cases = [await closed(clerk, world, risk="low", title=f"Noise {n}") for n in range(10)]
    [chosen] = drawn_of_ten("easy", Fraction(1, 10))
    before, after, tried, *_ = (case for n, case in enumerate(cases) if n != chosen)
    await moved(interviewer, before, "follow_up", **GOOD)
    await moved(interviewer, tried, "follow_up", way="phone", reached=False)
    assert (await figures(interviewer))["draws"] == [], "nothing is drawn yet"
    await drawn(store, clock, days=1, minutes=1)
    assert [one["id"] for one in await listed(interviewer, "due")] == [cases[chosen]["id"]]
    await moved(interviewer, await case_of(interviewer, after["id"]), "follow_up", **BAD)

    [easy] = (await figures(interviewer))["draws"]
    shares = {"draw": "easy", "share": "1/10"}
    answers = {"satisfied": 0, "partly": 0, "dissatisfied": 0, "refused": 0, "unreached": 0}
    assert easy == shares | answers | {"ended": 10, "drawn": 1, "reached": 0, "undrawn": 2}
    [bad] = await listed(interviewer, "dissatisfied")
    assert (bad["id"], bad["drawn"]["number"] is not None) == (after["id"], True), "heard and mended all the same"
    answered = (await interviewer.get("/api/indicators/answered")).json()
    assert (answered["numerator"], answered["denominator"]) == (0, 1), "an indicator of the draw's cases, too"
    barred = {one["move"] for one in (await case_of(clerk, tried["id"]))["barred"]}
    assert "archive" not in barred, "one that is not drawn waits for nobody"

    await moved(interviewer, await case_of(interviewer, cases[chosen]["id"]), "follow_up", **GOOD)
    [easy] = (await figures(interviewer))["draws"]
    assert (easy["drawn"], easy["reached"], easy["satisfied"], easy["undrawn"]) == (1, 1, 1, 2)


async def test_who_was_asked_before_the_draw_is_drawn_with_the_others(
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    """Three hard cases, all to be asked: one is satisfied before the draw, one dissatisfied and mended before it."""
    clerk, interviewer = client_as("clerk_west"), client_as("interviewer")
    early, mended, plain = [await closed(clerk, world, title=f"Water {n}") for n in range(3)]
    await moved(interviewer, early, "follow_up", **GOOD)
    case = await moved(interviewer, mended, "follow_up", **BAD)
    await drawn(store, clock, days=3, minutes=1)
    [joint] = (await figures(interviewer))["draws"]
    assert (joint["ended"], joint["drawn"], joint["reached"], joint["satisfied"]) == (2, 2, 1, 1)
    assert [one["id"] for one in await listed(interviewer, "due")] == [plain["id"]], "nobody is asked twice"

    case = await moved(clerk, await case_of(clerk, case["id"]), "report_result", note="Dry now", result_told=True)
    await moved(client_as("operator_west"), case, "close", outcome="settled")
    await drawn(store, clock, days=3, minutes=1)
    [joint] = (await figures(interviewer))["draws"]
    assert (joint["ended"], joint["drawn"], joint["reached"], joint["dissatisfied"]) == (3, 3, 2, 1)
    [again] = [one for one in await listed(interviewer, "due") if one["id"] == mended["id"]]
    assert (again["standing"], again["drawn"]["number"]) == ("again", 3)
    async with store.transaction(Reach(scope=ROOT)) as session:
        with pytest.raises(DBAPIError) as refused:
            await session.execute(text("UPDATE case_follow_ups SET drawn = false WHERE number = 3"))
        assert isinstance(refused.value.orig, RaiseException)
