"""A pause reminds of its expected end: whoever has the case and whoever paused it, once each; then it has run out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from console.board.queries import BoardFilter, count_cases, list_board
from console.cases.actions import make_move
from console.cases.joining import join_cases, part_cases
from console.cases.opening import open_cases
from console.cases.pause_ends import ENDING, OVER, ends_of_pauses
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.deadlines.actions import sweep
from console.flow.case_state import from_json, to_json
from console.flow.case_terms import CaseTerms
from console.flow.forms import FormInvalid
from console.flow.replay import replay
from console.incidents import duplicates
from console.incidents.queries import lock_incident
from console.incidents.tables import TimelineEntry
from console.notices.tables import Notice
from geo.store import Reach, Store
from tests.console.cases.test_called_units import CHIEF, CLERK, DELIVERY, OWNER, Handling, work
from tests.console.clocks.clockwork import local
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, World

LAW_DAY = local("2026-03-19 09:00")
"""The working day before the day on which the pause is to end."""
UNTIL = "2026-03-20"


class Pause(Handling):
    """A case that is paused."""

    async def suspend(self, until: str = UNTIL, *, at: datetime = NOW) -> None:
        await self.move("suspend", reason="appraisal", until=until, at=at)

    async def reminded(self, at: datetime) -> list[tuple[str, str | None]]:
        """What has been said about the pause's end until a moment, and to whom."""
        while await sweep(self.session, [ends_of_pauses(self.work, DELIVERY)], now=at):
            pass
        given = select(Notice).where(Notice.incident_id == self.incident, Notice.kind.in_([ENDING, OVER]))
        return [(one.kind, one.to_unit) for one in await self.session.scalars(given.order_by(Notice.id))]

    async def run_out(self, at: datetime) -> list[int]:
        """Cases that the board says have run out; its figure is their number."""
        chosen = BoardFilter(scope=ROOT, day=at.astimezone(PACK.zone).date(), run_out=True)
        found, _ = await list_board(self.session, CHIEF, chosen, limit=9, cursor=None, now=at)
        for by in ("unit", "level"):
            cells = await count_cases(self.session, CHIEF, BoardFilter(scope=ROOT, day=chosen.day), by=by, now=at)
            assert sum(cell.run_out for cell in cells) == len(found)
        return [one.incident.id for one in found]


async def test_a_pause_warns_a_working_day_before_its_end_and_has_run_out_when_the_day_comes(
    store: Store, world: World
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Pause.begin(session, world)
        await case.suspend()
        assert await case.reminded(LAW_DAY - timedelta(minutes=1)) == []
        assert await case.reminded(LAW_DAY) == [(ENDING, OWNER)]
        day = local(UNTIL)
        assert await case.reminded(day - timedelta(seconds=1)) == [(ENDING, OWNER)]
        assert await case.run_out(day - timedelta(seconds=1)) == []
        for _ in range(2):
            assert await case.reminded(day) == [(ENDING, OWNER), (OVER, OWNER)]
        assert await case.run_out(day) == [case.incident]
        written = select(TimelineEntry.data).where(TimelineEntry.kind == OVER)
        assert (await session.scalars(written)).all() == [{"until": UNTIL}]

        await case.move("resume", at=day)
        assert await case.run_out(day) == []
        await case.suspend(until="2026-03-27", at=day)
        assert len(await case.reminded(local("2026-03-27"))) == 3, "another pause reminds anew"
        await case.move("resume", at=local("2026-03-27"))
        assert len(await case.reminded(local("2026-05-01"))) == 3


async def test_a_pause_without_a_day_is_to_end_on_the_last_that_the_place_allows(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        content = work().terms.model_dump() | {"pause": {"longest_days": 18}}
        for move in content["moves"]:
            if move["kind"] == "pause":
                move["form"] = move["form"][:1]
        case = await Pause.begin(session, world, replace(work(), terms=CaseTerms.model_validate(content)))
        await case.move("suspend", reason="appraisal")
        row = await session.get_one(Case, case.incident, populate_existing=True)
        assert row.paused_until == date(2026, 3, 20) and from_json(row.state).paused_until == UNTIL
        assert await case.reminded(LAW_DAY) == [(ENDING, OWNER)]
        assert await case.reminded(local(UNTIL)) == [(ENDING, OWNER), (OVER, OWNER)]
        assert replay(await entries_of(session, case.incident)) == from_json(row.state)


async def test_whoever_paused_a_case_is_reminded_too_after_others_have_got_it(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Pause.begin(session, world)
        await case.suspend()
        row = await session.get_one(Case, case.incident)
        row.unit, row.state = "centre.other", {**row.state, "owner": {"unit": "centre.other", "post": None}}
        await session.flush()
        assert {to for _, to in await case.reminded(local(UNTIL))} == {"centre.other", OWNER}


async def test_the_end_of_a_pause_is_kept_over_a_merge_and_read_from_older_entries(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Pause.begin(session, world)
        await case.suspend()
        main = await add_incident(session, world, world.micro_grids()[0])
        await open_cases(session, case.work, [main], actor=CHIEF, now=NOW)
        merged = await duplicates.merge(session, case.incident, into=main, actor=CHIEF, now=NOW)
        await join_cases(session, case.work, merged, actor=CHIEF, now=NOW)
        assert await case.reminded(LAW_DAY) == []
        await duplicates.unmerge(session, case.incident, actor=CHIEF, now=LAW_DAY)
        parted = await lock_incident(session, case.incident)
        await part_cases(session, case.work, parted, actor=CHIEF, now=LAW_DAY)
        assert await case.reminded(local(UNTIL)) == [(OVER, OWNER)]

        entries: list[tuple[str, Any]] = []
        for kind, data in await entries_of(session, case.incident):
            said = {name: value for name, value in data.get("set", {}).items() if name != "paused_until"}
            entries.append((kind, {**data, "set": said} if "set" in data else data))
        state = from_json((await session.get_one(Case, case.incident, populate_existing=True)).state)
        assert state.paused_until == UNTIL and to_json(state) == to_json(replay(entries) or state)
        await make_move(session, case.work, CLERK, case.incident, move="resume", form={}, now=datetime.now(UTC))


@pytest.mark.parametrize(
    ("until", "fault"),
    [
        ("20260101", "past"),  # As text it comes after 2026-03-02.
        ("2026-W01-4", "past"),
        ("2026-03-01", "past"),
        ("99991231", "late"),
        ("2026-3-20", "type"),
        (" 2026-03-20", "type"),
        ("2026-03-20\n", "type"),
        ("令和8年3月20日", "type"),
        ("２０２６-03-20", "type"),
    ],
)
async def test_the_end_of_a_pause_is_a_day_and_no_text(store: Store, world: World, until: str, fault: str) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Pause.begin(session, world)
        with pytest.raises(FormInvalid) as refused:
            await case.suspend(until)
        assert refused.value.params["errors"] == [{"field": "until", "code": fault}]


@pytest.mark.parametrize("until", ["20260320", "2026-W12-5"])
async def test_however_a_day_is_written_one_way_is_kept(store: Store, world: World, until: str) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Pause.begin(session, world)
        await case.suspend(until)
        row = await session.get_one(Case, case.incident, populate_existing=True)
        assert from_json(row.state).paused_until == UNTIL and row.paused_until == date(2026, 3, 20)
