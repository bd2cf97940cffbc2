"""`maplebridge packs migrate`: running cases of an older version of the flow go over to the present one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from api.keeping.commands import command_line
from api.keeping.postgres.roles import Urls
from api.place.reading import load_pack
from console.access.rules import Actor
from console.cases.actions import make_move
from console.cases.casework import Casework
from console.cases.noticing import CaseNotices
from console.cases.opening import open_cases
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.clocks.deadlines import clock_moments
from console.clocks.walking import OfficeHours
from console.deadlines.actions import sweep
from console.flow.case_state import from_json
from console.flow.replay import replay
from console.notices.rules import Delivery
from console.notices.tables import Notice
from geo.store import Reach, Store
from tests.api.place.broken_packs import broken_pack
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, WEST, World

Answer = TypeVar("Answer")
CLERK = Actor(user_id=1, username="clerk_west", role="operator", scope=WEST)
STAGES = 'stages = ["received", "routed", "handling", "suspended", "feedback"'
NEWER = {
    STAGES: STAGES.replace('"handling"', '"checking", "handling"'),
    '[[case.stages]]\ncode = "suspended"': '[[case.stages]]\ncode = "checking"\n'
    'names = { zh = "核查", en = "Checking" }\nstep = "handling"\n\n[[case.stages]]\ncode = "suspended"',
    '[[case.moves]]\ncode = "rework"': '[[case.moves]]\ncode = "check"\nnames = { zh = "核查", en = "Check" }\n'
    'kind = "advance"\nleaves = ["routed"]\nto = "checking"\nby = ["handler"]\n\n'
    '[[case.moves]]\ncode = "checked"\nnames = { zh = "核查完毕", en = "Checked" }\nkind = "advance"\n'
    'leaves = ["checking"]\nto = "handling"\nby = ["handler", "above"]\n\n'
    '[[case.moves]]\ncode = "rework"',
    '[[case.limits]]\ncode = "mending"': '[[case.limits]]\ncode = "checkup"\n'
    'names = { zh = "核查时限", en = "Time to check" }\nduring = "stages"\nstages = ["handling"]\n'
    'clocks = [{ clock = "mending" }]\n\n[[case.limits]]\ncode = "mending"',
    "amount = 30\n": "amount = 15\n",
    '[[case.flows]]\ncode = "hazard"': '[[case.flows]]\ncode = "danger"',
    'flows = ["dispute", "hazard"]': 'flows = ["dispute", "danger"]',
}  # A stage more, two moves, a limit more, the joint lane's limit halved, and a flow under another code.


@dataclass(frozen=True, slots=True)
class Seen:
    """What a case and its clocks are: the version, the stage, and each clock's limit, due time and pause."""

    version: str
    stage: str
    clocks: dict[str, tuple[object, object]]


def newer_pack(folder: Path) -> Path:
    """Write the pack as its keepers have changed it."""
    broken_pack(folder)
    text = (folder / "flow.toml").read_text(encoding="utf8")
    for old, new in NEWER.items():
        assert old in text, old
        text = text.replace(old, new)
    (folder / "flow.toml").write_text(text, encoding="utf8")
    return folder


def inside(database: Urls, work: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
    """Do something in one transaction, in a loop of its own: the command runs one, too."""

    async def run() -> Answer:
        store = Store(database.app, pool_size=1)
        try:
            async with store.transaction(Reach(scope=ROOT)) as session:
                return await work(session)
        finally:
            await store.close()

    return asyncio.run(run())


def command(*words: str) -> list[str]:
    done = CliRunner().invoke(command_line("packs"), ["packs", "migrate", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


async def three_and_one(session: AsyncSession, world: World, work: Casework) -> list[int]:
    """Cases at the door, handled and warned of, and paused; and one of a flow that will have another code."""
    path = world.micro_grids(WEST)[0]
    ids = [await add_incident(session, world, path, risk="high") for _ in range(3)]
    ids.append(await add_incident(session, world, path, category="hazard.fire"))
    await open_cases(session, work, ids, actor=CLERK, now=NOW)
    for incident in ids[1:3]:
        form: dict[str, Any] = {}
        await make_move(session, work, CLERK, incident, move="accept", form=form, now=NOW)
    pause = {"reason": "waiting_evidence", "until": "2026-04-01"}
    reasons = next(one for one in work.terms.move_by_code["suspend"].form if one.code == "reason")
    if reasons.choices:
        pause["reason"] = reasons.choices[0].code
    await make_move(session, work, CLERK, ids[2], move="suspend", form=pause, now=NOW)
    await swept(session, work, days=26)
    return ids


async def swept(session: AsyncSession, work: Casework, *, days: int) -> int:
    """Sweep the clocks; return how many notices there are then."""
    kinds = [clock_moments(Delivery(OfficeHours(PACK.times)), CaseNotices(work))]
    while await sweep(session, kinds, now=NOW + timedelta(days=days)):
        pass
    return len((await session.scalars(select(Notice.id))).all())


async def seen(session: AsyncSession, work: Casework, ids: list[int]) -> list[Seen]:
    """What the cases are; each is what its record gives."""
    found = []
    clocks = await work.clocks.open_of(session, ids, now=NOW)
    for incident in ids:
        case = await session.get_one(Case, incident)
        assert replay(await entries_of(session, incident)) == from_json(case.state)
        of_case = {one.limit: (one.due_at, one.paused_at) for one in clocks[incident]}
        found.append(Seen(case.pack_version, case.stage, of_case))
    return found


def test_cases_go_over_to_a_newer_flow_by_a_reviewed_command(
    database: Urls, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, newer = PACK.casework, load_pack(str(newer_pack(tmp_path / "newer"))).casework
    assert older is not None and newer is not None and older.version != newer.version
    monkeypatch.setenv("MAPLEBRIDGE_DATABASE_URL", database.app)
    ids = inside(database, lambda session: three_and_one(session, world, older))
    before = inside(database, lambda session: seen(session, older, ids))
    assert [one.stage for one in before] == ["received", "handling", "suspended", "received"]

    monkeypatch.setenv("MAPLEBRIDGE_COUNTY", "wujiang")
    assert command("--dry-run") == ["0 cases fit the present version, 0 stay"]
    monkeypatch.setenv("MAPLEBRIDGE_COUNTY", str(tmp_path / "newer"))
    told = command("--dry-run")
    assert told[0].split()[-1] != "+checkup" and told[1].split()[-1] == "+checkup", told
    assert "stays, the present version has no flow hazard" in told[3]
    assert told[4] == "3 cases fit the present version, 1 stay"
    assert inside(database, lambda session: seen(session, older, ids)) == before, "a dry run changes nothing"

    notices = inside(database, lambda session: swept(session, older, days=26))
    assert command() == told, "it does what it said"
    after = inside(database, lambda session: seen(session, newer, ids))
    assert [one.version for one in after] == [newer.version] * 3 + [older.version]
    assert [one.stage for one in after] == [one.stage for one in before]
    assert [one.clocks for one in after if "checkup" not in one.clocks] == [
        before[0].clocks, before[2].clocks, before[3].clocks,
    ]  # fmt: skip
    assert {**after[1].clocks, "checkup": None} == {**before[1].clocks, "checkup": None}
    assert inside(database, lambda session: swept(session, newer, days=26)) == notices, "no second warning"
    assert command() == [told[3], "0 cases fit the present version, 1 stay"]

    resume = {"move": "resume", "form": {}, "now": NOW + timedelta(days=27)}
    inside(database, lambda session: make_move(session, newer, CLERK, ids[2], **resume))
    [resumed] = inside(database, lambda session: seen(session, newer, ids[2:3]))
    assert "checkup" in resumed.clocks and all(paused is None for _, paused in resumed.clocks.values())
