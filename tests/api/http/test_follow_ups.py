"""The follow-up of ended cases over HTTP: the draw, the list of a follow-up worker, and the dissatisfied list."""

import csv
from io import BytesIO, StringIO
from typing import Any

import httpx
from openpyxl import load_workbook
from sqlalchemy import func, select

from console.cases.tables import CaseFollowUp
from console.deadlines.actions import sweep
from console.deadlines.rules import DeadlineKind
from console.deadlines.tables import Deadline
from console.follow_ups.actions import draws, tellings
from geo.store import Reach, Store
from tests.api.http.test_cases import Json, case_of, moved, post, registered
from tests.console.clocks.test_actions import DELIVERY
from tests.worlds import PACK, ROOT, ClientAs, Clock, World


async def listed(client: httpx.AsyncClient, name: str, **more: Any) -> list[Json]:
    answer = await client.get("/api/follow-ups", params={"list": name, **more})
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["items"]
    return found


async def figures(client: httpx.AsyncClient) -> Json:
    found: Json = (await client.get("/api/follow-ups/figures")).json()
    return found


async def swept(store: Store, clock: Clock, kind: DeadlineKind) -> None:
    """Sweep what is due, until the server or we have done it all."""
    waiting = select(func.count()).where(Deadline.kind == kind.name, Deadline.fired_at.is_(None))
    left = 1
    while left:
        async with store.transaction(Reach(scope=ROOT)) as session:
            await sweep(session, [kind], now=clock())
            left = await session.scalar(waiting.where(Deadline.due_at <= clock())) or 0


async def drawn(store: Store, clock: Clock, **later: float) -> None:
    """Let time pass, and make the draws that are due by then."""
    assert PACK.casework is not None
    clock.turn(**later)
    await swept(store, clock, draws(PACK.casework))


async def told(store: Store, clock: Clock, client: httpx.AsyncClient) -> list[Json]:
    """Sweep what is due, and return the notices of follow-ups that reach a client."""
    await swept(store, clock, tellings(DELIVERY))
    clock.turn(days=1)
    found = (await client.get("/api/notices")).json()["items"]
    return [one for one in found if one["kind"].startswith("follow_up")]


async def closed(client: httpx.AsyncClient, world: World, **said: Any) -> Json:
    case = await registered(client, world, **said)
    return await moved(client, case, "close_at_desk", outcome="done")


async def test_a_hard_case_is_asked_about_mended_and_asked_about_once_more(
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    clerk, interviewer = client_as("clerk_west"), client_as("interviewer")
    case = await moved(clerk, await registered(clerk, world), "accept")
    barred = await post(clerk, case, "close_at_desk", outcome="done")
    assert (barred.status_code, barred.json()["params"]["reason"]) == (409, "own_handling"), "a case wants a check"
    case = await moved(client_as("supervisor"), case, "close_at_desk", outcome="done")
    await drawn(store, clock, days=2)
    assert await listed(interviewer, "due") == [], "three days after the closing"
    await drawn(store, clock, days=1, minutes=1)
    [due] = await listed(interviewer, "due")
    assert (due["id"], due["standing"], due["unit"], due["outcome"]) == (case["id"], "due", case["unit"], "done")
    assert due["drawn"] == {"draw": "joint", "period": "2026-03", "share": "1", "number": 1}
    assert await listed(clerk, "due") == [], "who handled it does not ask"
    [seen] = await listed(client_as("operator_west"), "due")
    assert seen["drawn"]["number"] is None, "a town does not learn how many end elsewhere"
    assert await listed(client_as("operator_east"), "due") == []

    case = await case_of(interviewer, case["id"])
    empty = await post(interviewer, case, "follow_up", way="phone", reached=True)
    assert empty.status_code == 422
    assert {error["field"] for error in empty.json()["params"]["errors"]} == {"attitude", "procedure", "result"}
    case = await moved(interviewer, case, "follow_up", way="phone", reached=False)
    assert await listed(interviewer, "due") == [], "not reached: later"
    clock.turn(hours=5)
    assert (await listed(interviewer, "due"))[0]["tries"] == 1

    answers = {"way": "phone", "reached": True, "attitude": "satisfied", "result": "dissatisfied", "note": "Still wet"}
    case = await moved(interviewer, case, "follow_up", **answers)
    assert case["stage"] == "mending" and any(clock["kind"] == "mending" for clock in case["clocks"])
    [bad] = await listed(interviewer, "dissatisfied")
    assert (bad["standing"], bad["answers"]["result"], bad["note"]) == ("mending", "dissatisfied", "Still wet")
    asked_for = {"list": "dissatisfied", "format": "csv", "lang": "en"}
    table = await interviewer.get("/api/follow-ups/file", params=asked_for)
    [row] = csv.DictReader(StringIO(table.content.decode("utf-8-sig")))
    assert (row["Case code"], row["Standing"], row["Note"]) == (case["case_code"], "Being mended", "Still wet"), row
    assert "dissatisfied" in row["Answers"].lower() and row["Unit"] == "West Town"
    book = await interviewer.get("/api/follow-ups/file")
    sheet = load_workbook(BytesIO(book.content)).active
    assert sheet is not None and [one.value for one in sheet[2]][1] == case["case_code"]
    assert (await client_as("patrol_west").get("/api/follow-ups/file")).status_code == 403
    east = await client_as("operator_east").get("/api/follow-ups/file", params=asked_for)
    assert case["case_code"] not in east.text
    notices = await told(store, clock, clerk)
    assert [(one["kind"], one["to_unit"], one["note"]) for one in notices] == [
        ("follow_up.dissatisfied", case["unit"], "Still wet")
    ]
    assert (bad["asked_by"], bad["due_limit"] is not None) == ("Interviewer", True)
    case = await moved(clerk, case, "report_result", note="Dry now", result_told=True)
    case = await moved(client_as("operator_west"), case, "close", outcome="settled")
    [bad] = await listed(interviewer, "dissatisfied")
    assert (bad["standing"], bad["mended_at"] is not None) == ("again", True)

    clock.turn(days=3, minutes=1)
    [again] = await listed(interviewer, "due")
    assert again["id"] == case["id"]
    case = await moved(interviewer, case, "follow_up", way="visit", reached=True, result="satisfied")
    assert await listed(interviewer, "dissatisfied") == [] == await listed(interviewer, "due")
    [mended] = await listed(interviewer, "mended")
    assert (mended["satisfied"], mended["dissatisfied_times"]) == ("yes", 1)
    await drawn(store, clock, days=30)
    assert await listed(interviewer, "due") == [], "no case is drawn twice"


async def test_easy_cases_are_sampled_and_those_not_drawn_are_archived_unasked(
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    clerk, interviewer = client_as("clerk_west"), client_as("interviewer")
    cases = [await closed(clerk, world, risk="low", title=f"Noise {n}") for n in range(10)]
    await drawn(store, clock, days=1, minutes=1)
    [one] = await listed(interviewer, "due")
    assert one["drawn"] | {"number": 0} == {"draw": "easy", "period": "2026-03", "share": "1/10", "number": 0}
    assert len(await listed(interviewer, "not_drawn")) == 9
    found = await figures(interviewer)
    assert (found["due"], found["late"], found["coming"], found["refused"]) == (1, 0, 0, 0)
    [easy] = found["draws"]
    assert (easy["draw"], easy["ended"], easy["drawn"], easy["reached"]) == ("easy", 10, 1, 0)
    asked, unasked = one["id"], next(case["id"] for case in cases if case["id"] != one["id"])
    barred = {move["move"] for move in (await case_of(clerk, asked))["barred"]}
    assert "archive" in barred
    assert (await moved(clerk, await case_of(clerk, unasked), "archive"))["stage"] == "archived"
    clock.turn(days=8)
    assert (await figures(interviewer))["late"] == 1
    async with store.transaction(Reach(scope=ROOT)) as session:
        row = await session.get_one(CaseFollowUp, asked)
        assert row.ask_by is not None and row.ask_by < clock()

    case = await case_of(interviewer, asked)
    for wrong in ({"reached": False}, {"reached": True, "result": "satisfied"}):
        answer = await post(interviewer, case, "follow_up", way="phone", refused=True, **wrong)
        assert answer.json()["params"]["errors"] == [{"field": "refused", "code": "contradicts"}], answer.text
    answer = await post(interviewer, case, "follow_up", way="phone", reached=False, result="dissatisfied")
    assert answer.json()["params"]["errors"] == [{"field": "reached", "code": "contradicts"}], answer.text
    case = await moved(interviewer, case, "follow_up", way="phone", reached=True, refused=True, note="No time")
    assert (case["stage"], case["satisfied"]) == ("closed", None), "neither satisfied nor dissatisfied"
    assert await listed(interviewer, "due") == await listed(interviewer, "unreached") == []
    [refused] = await listed(interviewer, "refused")
    assert (refused["id"], refused["standing"], refused["tries"], refused["note"]) == (asked, "refused", 1, "No time")
    found = await figures(interviewer)
    [easy] = found["draws"]
    assert found["refused"] == easy["refused"] == easy["reached"] == 1 and easy["unreached"] == easy["satisfied"] == 0
    table = await interviewer.get("/api/follow-ups/file", params={"list": "refused", "format": "csv", "lang": "en"})
    [line] = csv.DictReader(StringIO(table.content.decode("utf-8-sig")))
    assert (line["Standing"], line["Note"], line["Answers"]) == ("Refused", "No time", "")
    for code, number in {"reached": 1, "answered": 0}.items():
        figure = (await interviewer.get(f"/api/indicators/{code}")).json()
        assert (figure["numerator"], figure["denominator"]) == (number, 1)
        behind = (await interviewer.get(figure["cases"])).json()["items"]
        assert [one["id"] for one in behind] == [asked][:number]
    assert (await moved(clerk, await case_of(clerk, asked), "archive"))["stage"] == "archived"


async def test_who_handled_a_case_does_not_follow_it_up(client_as: ClientAs, world: World) -> None:
    supervisor, clerk = client_as("supervisor"), client_as("clerk_west")
    case = await registered(clerk, world)
    case = await moved(supervisor, case, "close_at_desk", outcome="done")
    refused = await post(supervisor, case, "follow_up", way="phone", reached=True, result="satisfied")
    assert (refused.status_code, refused.json()["params"]["reason"]) == (409, "own_handling")
    barred = {one["move"]: one["reason"] for one in (await case_of(supervisor, case["id"]))["barred"]}
    assert barred["follow_up"] == "own_handling"
    case = await moved(client_as("interviewer"), case, "follow_up", way="phone", reached=True, result="satisfied")
    assert case["satisfied"] == "yes"
    case = await moved(supervisor, case, "reopen", reason="It began again")
    case = await moved(supervisor, case, "close_at_desk", outcome="done")
    assert [one["id"] for one in await listed(client_as("interviewer"), "coming")] == [case["id"]], "asked of this end"
    case = await moved(client_as("interviewer"), case, "follow_up", way="phone", reached=True, result="satisfied")
    assert (await moved(clerk, case, "archive"))["stage"] == "archived"
