"""A reported year of a place, loaded as an import does, and its indicators beside what the report says.

Usage: python -m bench.figures [PLACE…]. Needs PostgreSQL with PostGIS. Each place has the numbers of its own report by
source and class: how many came, were handed over, were solved, and are open. Cases of the past are registered and their
courses added; those still open are registered on their day. Prints the table of docs/figures.md, and the seconds taken.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.keeping.commands.demo.county import prepare
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from bench.stage import Stage, staged
from console.access.rules import Actor
from console.cases.history import CaseCourse, add_courses
from console.cases.opening import begun_state, ended
from console.flow.case_state import CaseState, Holder, to_json
from console.flow.replay import OPENED
from console.incidents.actions import register_many
from console.incidents.history import register_history
from console.incidents.rules import Registration, Report
from console.incidents.tables import Incident
from console.incidents.timeline import Entry
from console.indicators.counting import Ground
from console.indicators.rules import Figure, Span, year_before
from console.indicators.spans import Asked, count_spans
from console.indicators.terms import Indicator
from geo.store import Reach, Store

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Made:
    """Cases of a year from a source, of some categories: how many came, and of these were handed over, solved, failed.

    The rest of those handed over is open; those that were not are ended as referred elsewhere. The share `low` of the
    ended ended at the town, and `mended` were reopened and found satisfied. `hours` is the median until the end.
    """

    source: str
    classes: str
    came: int
    solved: int
    failed: int = 0
    handed: int | None = None
    low: float = 0.9
    mended: int = 0
    hours: float = 60.0
    year: int = 2024


YEARS: dict[str, tuple[Made, ...]] = {
    "wujiang": (
        Made("grid_app", "dispute", 21_300, 19_302, 84, low=0.96, mended=100, hours=76, year=2023),
        Made("police", "dispute", 4_300, 3_912, 14, low=0.96, hours=76, year=2023),
        Made("window", "dispute", 5_015, 4_538, 13, low=0.96, hours=76, year=2023),
        Made("grid_app", "dispute", 34_711, 31_500, 300, low=0.94, hours=203, year=2022),
    ),
    "heshui": (
        Made("longqing", "dispute", 2_780, 2_766, 8),
        Made("window", "dispute", 68, 67, 1),
        Made("police", "dispute", 2_075, 972, 20, handed=1_007),
        Made("court", "dispute", 1_623, 1_034, 250, handed=1_425),
        Made("petitions", "dispute", 21, 21),
        Made("longqing", "hazard", 1_562, 1_500),
        Made("longqing", "errand", 4_677, 4_600),
        Made("longqing", "opinion", 50_956, 50_956),
    ),
    "lushui": (
        Made("nujiang_grid", "dispute", 40, 40, year=2023),
        Made("nujiang_grid", "hazard", 3_540, 3_540, year=2023),
        Made("nujiang_grid", "errand", 5_260, 5_260, year=2023),
        Made("nujiang_grid", "opinion", 3_938, 3_938, year=2023),
        Made("window", "dispute", 1_200, 1_150, 20, year=2023),
        Made("police", "dispute", 480, 420, 30, handed=460, year=2023),
    ),
}
LAST_DAY = 350
"""Nothing comes in later in the year, so that all that ended did so within it."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What has become of a case: it came and ended, was handed over or not, ended how, and at a low level or not."""

    report: Report
    outcome: str | None
    handed: bool
    low: bool
    mended: bool


def fates(made: Made, pack: Pack, points: Sequence[tuple[float, float]], drawn: np.random.Generator) -> Iterator[Fate]:
    """Yield the cases of a source, spread over the year and the places where people live."""
    categories = [one.code for one in pack.incidents.categories if one.class_code == made.classes]
    handed = made.came if made.handed is None else made.handed
    start = datetime(made.year, 1, 1, 1, tzinfo=UTC)
    done = made.solved + made.failed
    until = round(done * made.low)
    for i, category in enumerate(islice(cycle(categories), made.came)):
        at = start + timedelta(days=LAST_DAY * i / made.came)
        gone = i >= handed
        outcome = "settled" if i < made.solved else "failed" if i < done else "referred" if gone else None
        hours = min(made.hours * 1.4427 * float(drawn.exponential()), 24 * (364 - LAST_DAY * i / made.came))
        closed = at + timedelta(hours=hours) if outcome else None
        lon, lat = points[int(drawn.integers(len(points)))]
        report = Report(
            source=made.source,
            external_no=f"{made.year}-{made.classes}-{i}",
            category=category,
            title="矛盾纠纷" if made.classes == "dispute" else "网格事项",
            description="",
            lon=lon,
            lat=lat,
            raw_x=lon,
            raw_y=lat,
            datum="wgs84",
            occurred_at=at,
            closed_at=closed,
        )
        yield Fate(report, outcome, not gone, i < until or gone, i < made.mended)


def state_of(pack: Pack, incident: Incident, fate: Fate) -> CaseState:
    """Return the last state of a case."""
    work = pack.casework
    assert work is not None, "A pack with indicators has cases."
    codes = incident.division_path.split(".")
    levels = [one.level for one in pack.root.levels]
    depth = 1 if fate.low else 0
    level, unit = levels[depth], f"C{codes[depth]}"
    state = replace(
        begun_state(work, incident, Holder(unit)),
        level=level,
        outcome=fate.outcome,
        hand_overs=int(fate.handed),
        accepted=fate.handed,
        reopened=int(fate.mended),
        satisfied="yes" if fate.mended else None,
    )
    return ended(work.terms, state) if fate.outcome else state


async def load(stage: Stage, pack: Pack, years: Sequence[Made]) -> int:
    """Load the years of a place; return how many cases they have."""
    store, drawn = Store(stage.urls.app, pool_size=1), np.random.default_rng(1)
    reach = Reach(scope=pack.root.code)
    actor = Actor(user_id=1, username="bench", role="operator", scope=pack.root.code)
    async with store.transaction(reach) as session:
        leaves = await session.execute(
            text("SELECT ST_X(label_point), ST_Y(label_point) FROM divisions WHERE level = :leaf"),
            {"leaf": pack.root.levels[-1].level},
        )
        points = [(lon, lat) for lon, lat in leaves]
    found = [fate for made in years for fate in fates(made, pack, points, drawn)]
    for some in _batches([one for one in found if one.outcome]):
        async with store.transaction(reach) as session:
            now = datetime.now(UTC)
            made_of = await register_history(
                session, [one.report for one in some], terms=pack.incidents, zone=pack.zone, actor=actor, now=now
            )
            await _add(session, pack, some, made_of, now=now)
    for some in _batches(sorted((one for one in found if not one.outcome), key=_month_of)):
        for month in sorted({_month_of(one) for one in some}):
            of_month = [one for one in some if _month_of(one) == month]
            async with store.transaction(reach) as session:
                now = max(one.report.occurred_at for one in of_month)
                reports = [one.report for one in of_month]
                made_of = await register_many(
                    session, reports, terms=pack.incidents, zone=pack.zone, actor=actor, now=now
                )
                await _add(session, pack, of_month, made_of, now=now)
    async with store.transaction(reach) as session:
        await session.execute(FOLLOWED)
    await store.close()
    stage.analyze()
    return len(found)


FOLLOWED = text("""
INSERT INTO case_follow_ups (incident_id, draw, period, number, share, drawn, drawn_at, standing, unit, tries, answers,
    note, satisfied, asked_at, dissatisfied_times, division_path)
SELECT incident_id, '', to_char(ended_at, 'YYYY-MM'), 1, '1', true, ended_at, 'satisfied', unit, 1, '{}', '', 'yes',
    ended_at, 1, division_path
FROM cases WHERE state ->> 'satisfied' = 'yes'
""")


def _batches(fates: Sequence[Fate]) -> Iterator[Sequence[Fate]]:
    return (fates[start : start + AT_ONCE] for start in range(0, len(fates), AT_ONCE))


def _month_of(fate: Fate) -> tuple[int, int]:
    return fate.report.occurred_at.year, fate.report.occurred_at.month


async def _add(
    session: AsyncSession, pack: Pack, some: Sequence[Fate], made: Sequence[object], *, now: datetime
) -> None:
    """Add the cases of incidents that were just registered."""
    work = pack.casework
    assert work is not None, "A pack with indicators has cases."
    by_id = {one.incident_id: of for one, of in zip(made, some, strict=True) if isinstance(one, Registration)}
    assert len(by_id) == len(some), made[:3]
    incidents = (await session.scalars(select(Incident).where(Incident.id.in_(by_id)).order_by(Incident.id))).all()
    courses = []
    for incident in incidents:
        state = state_of(pack, incident, by_id[incident.id])
        entry = Entry(OPENED, actor_id=1, data={"pack": work.version, "set": to_json(state)})
        closed = incident.closed_at if state.ended else None
        courses.append(CaseCourse(incident.id, incident.division_path, state, [(now, entry)], closed))
    await add_courses(session, work, courses, now=now)


async def figures_of(stage: Stage, pack: Pack, year: int) -> dict[str, tuple[Figure, Figure]]:
    """Return each indicator of a year, and of the year before."""
    store = Store(stage.urls.app, pool_size=1)
    span = Span(date(year, 1, 1), date(year, 12, 31), pack.zone)
    actor = Actor(user_id=1, username="bench", role="operator", scope=pack.root.code)
    async with store.transaction(actor.reach) as session:
        asked = Asked(pack.indicators.indicators, Ground(pack.root.code), [span, year_before(span)])
        found = await count_spans(session, actor, asked)
    await store.close()
    return {code: (now, before) for code, (now, before) in found.items()}


def line(one: Indicator, figure: Figure, before: Figure) -> str:
    """Return a row of the table: reported, computed."""
    said = one.reported
    reported = "–"
    if said is not None:
        count = "" if said.count is None else f"{said.count:,}" + ("" if said.of is None else f" of {said.of:,}")
        rate = "" if said.rate is None else f"{said.rate:g} %"
        change = "" if said.change is None else f"{said.change:+g} % on the year"
        reported = "; ".join(filter(None, (count, rate, change)))
    if one.kind == "count":
        computed = f"{figure.denominator:,}"
        if before.denominator:
            computed += f"; {100 * (figure.denominator / before.denominator - 1):+.1f} % on the year"
    elif one.kind == "time":
        median = "not known" if figure.median is None else f"{figure.median:.1f} h"
        computed = f"median {median}, {figure.numerator:,} of {figure.denominator:,} closed"
        if figure.median and before.median:
            computed += f"; {100 * (figure.median / before.median - 1):+.1f} % on the year"
    else:
        part = figure.rate
        computed = f"{figure.numerator:,} of {figure.denominator:,}"
        computed += "" if part is None else f" ({100 * part:.2f} %)"
        if figure.entire:
            computed += f"; {100 * figure.numerator / figure.entire:.1f} % of all {figure.entire:,}"
    return f"| {one.names.en} | {reported} | {computed} |"


async def measure(stage: Stage, place: str) -> None:
    pack, years = load_pack(place), YEARS[place]
    await prepare(Settings(data_dir=stage.folder, county=place), pack, stage.urls)
    began = time.perf_counter()
    count = await load(stage, pack, years)
    took = time.perf_counter() - began
    year = max(made.year for made in years)
    found = await figures_of(stage, pack, year)
    lines = [
        f"\n{place} {year}: {count:,} cases in {took:.0f} s",
        "",
        "| indicator | reported | computed |",
        "|---|---|---|",
    ]
    lines += [line(one, *found[one.code]) for one in pack.indicators.indicators]
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", default=[*YEARS])
    for place in parser.parse_args().places:
        with staged(durable=False) as stage:
            asyncio.run(measure(stage, place))


if __name__ == "__main__":
    main()
