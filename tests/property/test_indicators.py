"""For every indicator, division, level and day: the parts are the whole, and a redrawn line changes no total."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.keeping.postgres.roles import Urls
from console.access.rules import Actor
from console.indicators.counting import Ground
from console.indicators.queries import Behind, count_parts, ids_behind
from console.indicators.rules import By, Span, summed
from console.indicators.spans import Asked, count_spans
from console.indicators.terms import Indicator
from geo.store import Reach, Store
from tests.property.depth import examples
from tests.reporting import add_incident
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, World

CASES = 80
REDRAWN = date(2026, 1, 15)
FACTS = """
INSERT INTO case_facts (incident_id, came_at, ended_at, judged_at, on_time, joined, hand_overs, reopened, source,
    category, risk, lane, level, unit, first_unit, outcome, asked, satisfied, division_path)
VALUES (:id, :came, CAST(:ended AS timestamptz), CAST(:ended AS timestamptz), :on_time, :joined, :handed, :reopened,
    :source, :category, 'low', :lane, :level, :unit, :unit, :outcome, :asked, :satisfied, CAST(:path AS ltree))
"""
LINES = (
    "UPDATE divisions SET valid_to = :day WHERE level = 'micro_grid' AND division_path <@ CAST(:west AS ltree)",
    """
    INSERT INTO divisions (code, level, name, parent_code, division_path, valid_from, geom, label_point, area_m2,
        generated, source, properties)
    SELECT code, level, name, :east_code, CAST(:east AS ltree) || code, CAST(:day AS date), geom, label_point, area_m2,
        generated, source, properties
    FROM divisions WHERE level = 'micro_grid' AND division_path <@ CAST(:west AS ltree) AND id % 2 = 0
    """,
)
"""From a day on every other micro-grid of the west lies in the east, and the others lie nowhere."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A store with cases of all sorts, and the loop that its connections live in."""

    store: Store
    runner: asyncio.Runner


@pytest.fixture
def filled(database: Urls, world: World) -> Iterator[Filled]:
    with asyncio.Runner() as runner:
        store = Store(database.app)
        runner.run(_fill(store, world))
        yield Filled(store, runner)
        runner.run(store.close())


async def _fill(store: Store, world: World) -> None:
    drawn = random.Random(7)
    grids = world.micro_grids()
    async with store.transaction(Reach(scope=ROOT)) as session:
        for _ in range(CASES):
            path, category = drawn.choice(grids), drawn.choice(["dispute.family", "dispute.labour", "hazard.fire"])
            came = NOW - timedelta(hours=drawn.randrange(24 * 400))
            incident = await add_incident(session, world, path, category=category, at=came)
            ended = came + timedelta(hours=drawn.randrange(1, 900)) if drawn.random() < 0.7 else None
            said = {
                "id": incident,
                "came": came,
                "ended": ended,
                "on_time": drawn.random() < 0.5,
                "joined": ended is not None and drawn.random() < 0.1,
                "handed": drawn.randrange(2),
                "reopened": drawn.randrange(2),
                "source": drawn.choice(sorted(PACK.reports.codes)),
                "category": category,
                "lane": "easy",
                "level": drawn.choice(["village", "town", "county"]),
                "unit": drawn.choice(["one", "two", "three"]),
                "outcome": drawn.choice(["agreed", "settled", "failed"]) if ended else None,
                "asked": "satisfied" if ended else None,
                "satisfied": drawn.choice(["yes", "partly", "no", None]) if ended else None,
                "path": drawn.choice([path, path, path, path.rpartition(".")[0], ROOT]),
            }
            await session.execute(text(FACTS), said)
        for statement in LINES:
            wanted = text(statement)
            values = {"day": REDRAWN, "west": WEST, "east": EAST, "east_code": EAST.rpartition(".")[2]}
            await session.execute(wanted, {name: values[name] for name in wanted._bindparams})


@given(
    one=st.sampled_from(PACK.indicators.indicators),
    by=st.sampled_from(["division", "grid", "level", "unit", "category", "source"]),
    scope=st.sampled_from([ROOT, WEST, EAST, f"{WEST}.{WEST[-9:]}200"]),
    lines=st.sampled_from([None, REDRAWN - timedelta(days=1), REDRAWN, date(2026, 3, 2)]),
    first=st.dates(date(2025, 1, 1), date(2026, 3, 2)),
    length=st.integers(0, 420),
)
@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
def test_parts_are_the_whole_and_lines_change_no_total(
    filled: Filled, one: Indicator, by: By, scope: str, lines: date | None, first: date, length: int
) -> None:
    filled.runner.run(_compare(filled.store, one, by, scope, lines, Span(first, first + timedelta(days=length), ZONE)))


ZONE = PACK.zone
ACTOR = Actor(user_id=1, username="x", role="operator", scope=ROOT)


async def _compare(store: Store, one: Indicator, by: By, scope: str, lines: date | None, span: Span) -> None:
    ground = Ground(scope, lines=lines)
    async with store.transaction(ACTOR.reach) as session:
        [whole] = (await count_spans(session, ACTOR, Asked([one], ground, [span])))[one.code]
        depth = PACK.root.depth_of_grids if by == "grid" else None
        parts = await count_parts(session, ACTOR, one, ground, span, by=by, depth=depth)
        total = summed([*parts.values()])
        assert (total.numerator, total.denominator) == (whole.numerator, whole.denominator)
        assert (total.entire or 0) == (whole.entire or 0)
        assert whole.numerator <= whole.denominator <= (whole.entire or whole.denominator)
        for counted, number in ((True, whole.numerator), (False, whole.denominator)):
            behind = Behind(one, ground, span, counted=counted)
            assert len((await session.scalars(ids_behind(behind))).all()) == number
        recorded = Asked([one], Ground(ROOT), [span])
        redrawn = Asked([one], Ground(ROOT, lines=lines or REDRAWN), [span])
        assert await count_spans(session, ACTOR, recorded) == await count_spans(session, ACTOR, redrawn)


def test_a_day_is_the_places_own() -> None:
    """Half past midnight of 1 October in China is 30 September in UTC."""
    moment = datetime(2026, 9, 30, 16, 30, tzinfo=UTC)
    september, october = (Span(day, day, ZONE) for day in (date(2026, 9, 30), date(2026, 10, 1)))
    assert not september.since <= moment < september.until and october.since <= moment < october.until
