"""In each place an easy, a joint and an escalated case go from the door to the archive, in its own words, by the roles
that its report names: at the desk, on the screens of those who work on cases, in the hall and on the phone.

A step that is a screen's own work is done there, the others over HTTP as the right person.
"""

from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from api.keeping.postgres.cluster import Cluster
from tests.browser.screens import PHONE, Screen, Screens
from tests.browser.walking import ROUTED, SATISFIED, Walk, begin, choose, confirm, served_place, stages, take_in

STAGES = {
    "lushui": ["受理", "分流", "处置", "反馈", "评价", "归档"],
    "heshui": [
        "Received",
        "In analysis",
        "Routed",
        "In mediation",
        "Under supervision",
        "Concluded and filed",
        "Followed up",
    ],
    "xizhou": ["排查登记", "任务分流", "纠纷化解", "结果反馈", "事件上报", "考核评价", "归档"],
    "wujiang": ["Received", "Routed", "In handling", "Result under check", "In mending", "Closed", "Archived"],
    "jining": ["窗口受理", "分类导入", "调处中", "法定途径办理中", "化解审核", "已化解", "归档"],
}
"""The stages of disputes in each place's own words, as its report has them."""

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("built"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def walk(
    request: pytest.FixtureRequest,
    browser: Browser,
    cluster: Cluster,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Walk]:
    """The small place that the test names, and its screens in the language that it names."""
    place, locale = request.param
    async with served_place(cluster, template, tmp_path_factory.mktemp(place), place) as county:
        screens = Screens(browser, county, locale, {})
        yield Walk(place, county, screens)
        assert await screens.close() == []


def in_place(place: str, locale: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("walk", [(place, locale)], ids=[place], indirect=True)


async def easy(walk: Walk, title: str, *, triage: bool = True) -> Screen:
    """A visitor's easy matter: taken in, triaged and settled at the desk by keys, asked about, and archived."""
    desk = await walk.desk()
    incident = await take_in(desk, title, walk.village)
    await desk.press("t")
    await confirm(desk, "triage")
    await desk.press("f")
    await desk.page.keyboard.press("ArrowDown")
    await confirm(desk, "close_at_desk")
    await walk.move("interviewer", incident, "follow_up", **SATISFIED)
    await begin(desk, "archive")
    await confirm(desk, "archive")
    return desk


async def reopened(desk: Screen, incident: int) -> None:
    """Open a case that waits at the desk."""
    await desk.find("case-row", case=incident).click()
    await expect(desk.find("case", case=incident)).to_be_visible()


async def tick_all(screen: Screen, conditions: Mapping[str, bool]) -> None:
    for condition in conditions:
        await screen.page.locator(f"[name={condition}]").check()


async def note(screen: Screen, words: str) -> None:
    """Write into the form's long text."""
    await screen.find("move-form").locator("textarea").first.fill(words)


async def fill(screen: Screen, fields: Mapping[str, str]) -> None:
    for label, words in fields.items():
        await screen.find("move-form").get_by_label(label).fill(words)


async def ended(walk: Walk, incident: int, *, handler: str, checker: str) -> None:
    """The handler reports the result, another closes, the reporter is asked, and the case is archived."""
    await walk.move(handler, incident, "report_result", note="双方签字", result_told=True)
    await walk.move(checker, incident, "close", outcome="agreed")
    await walk.move("interviewer", incident, "follow_up", **SATISFIED)
    await walk.move(checker, incident, "archive")


async def field_work(walk: Walk, incident: int, *, stage: str) -> None:
    """The patrol is sent, reads the stage of the case on its phone, and finishes there."""
    await walk.send_patrol("operator", incident)
    phone = await walk.screens("/patrol", user="patrol", size=PHONE, phone=True)
    await expect(phone.find("patrol-case")).to_contain_text(stage)
    for step in ("accept", "depart", "arrive"):
        await phone.find(f"step-{step}").click()
    await phone.find("patrol-task").locator("input[type=radio], select").first.wait_for()
    await phone.find("patrol-case").locator("summary").click()
    await expect(phone.find("case-clock").first).to_be_visible()
    await phone.find("patrol-task").locator("input[type=radio]").first.check()
    await phone.find("step-finish").click()
    await expect(phone.find("idle")).to_be_visible()


@in_place("lushui", "zh-CN")
async def test_three_cases_of_lushui_are_mediated_by_risk_up_to_the_city(walk: Walk) -> None:
    desk = await easy(walk, "楼上漏水，邻居不肯修")
    assert await stages(desk) == STAGES["lushui"]

    joint = await walk.register("clerk", "两家争一片山林", category="dispute.land", risk="high")
    await reopened(desk, joint)
    await begin(desk, "route")
    await choose(desk, "点菜", "市级调解专家库")
    await tick_all(desk, ROUTED)
    await confirm(desk, "route")
    assert (await walk.case("clerk", joint))["offered_to"]["post"] is not None, "the mediator whom the parties chose"
    office = await walk.cases("expert", joint)
    await begin(office, "accept")
    await confirm(office, "accept")
    await begin(office, "call_units")
    await choose(office, "配合单位", "司法局", "自然资源局")
    await note(office, "请带山界图到场会商")
    await confirm(office, "call_units")
    await expect(office.find("case-clock", limit="joint_limit")).to_be_visible()
    await expect(office.find("move-barred", move="report_result", reason="joint")).to_be_visible()
    await walk.move("justice", joint, "answer", note="权属清楚，可以调解")
    await walk.move("expert", joint, "stand_down", unit="C533301.resources")
    await field_work(walk, joint, stage="处置")
    await expect(office.find("case")).to_contain_text("现场已处置完毕")
    await ended(walk, joint, handler="expert", checker="clerk")

    village = await walk.register("liuku", "宅基地滴水界争执", category="dispute.housing", risk="medium")
    await walk.move("liuku", village, "accept")
    await walk.cases("operator", village, office)
    await begin(office, "go_down")
    await fill(office, {"下沉人数": "2", "时长（小时）": "4"})
    await note(office, "市中心两人到村现场调解")
    await confirm(office, "go_down")
    await walk.move("liuku", village, "escalate", reason="涉及征地补偿，村镇无法定")
    await walk.move("clerk", village, "accept")
    await walk.cases("leader", village, office)
    await begin(office, "take_charge")
    await confirm(office, "take_charge")
    await expect(office.find("case-people")).to_contain_text("包案市领导")
    await ended(walk, village, handler="clerk", checker="liuku")
    await expect(office.find("case", stage="archived")).to_be_visible()
    case = await walk.case("leader", village)
    assert (case["level"], case["unit"]) == ("county", "C533301")


@in_place("heshui", "en-GB")
async def test_three_cases_of_heshui_are_analysed_whistled_for_and_visited(walk: Walk) -> None:
    desk = await easy(walk, "Noise from upstairs every night")
    assert await stages(desk) == STAGES["heshui"]

    joint = await walk.register("clerk", "Wages owed to a village crew", category="dispute.labour", risk="high")
    await reopened(desk, joint)
    await begin(desk, "analyse")
    await note(desk, "Forty people, may come to the county hall")
    await confirm(desk, "analyse")
    await begin(desk, "route_analysed")
    await choose(desk, "Unit", "Justice")
    await confirm(desk, "route_analysed")
    office = await walk.cases("justice", joint)
    await begin(office, "accept")
    await confirm(office, "accept")
    await begin(office, "call_units")
    await choose(office, "Departments", "Police", "Labour")
    await note(office, "Report at the centre within the limit")
    await confirm(office, "call_units")
    await expect(office.find("case-clock", limit="report_limit")).to_be_visible()
    await expect(office.find("move-barred", move="report_result", reason="joint")).to_be_visible()
    await walk.move("police", joint, "answer", note="Order is kept")
    await walk.move("justice", joint, "stand_down", unit="C621024.labour")
    await field_work(walk, joint, stage=STAGES["heshui"][3])
    await ended(walk, joint, handler="justice", checker="clerk")

    town = await walk.register("banqiao", "A field path ploughed up", category="dispute.land", risk="medium")
    await walk.move("banqiao", town, "accept")
    await walk.move("banqiao", town, "escalate", reason="Two towns are concerned")
    await walk.move("clerk", town, "accept")
    await walk.cases("leader", town, office)
    await begin(office, "take_charge")
    await confirm(office, "take_charge")
    await expect(office.find("case-people")).to_contain_text("包案县级领导")
    await ended(walk, town, handler="clerk", checker="banqiao")
    await expect(office.find("case", stage="visited")).to_be_visible()


@in_place("xizhou", "zh-CN")
async def test_three_cases_of_xizhou_go_to_named_mediators_and_up_to_the_city(walk: Walk) -> None:
    desk = await easy(walk, "楼上漏水，邻居不肯修")
    assert await stages(desk) == STAGES["xizhou"]

    joint = await walk.register("clerk", "客栈与邻居争院墙", category="dispute.neighbour", risk="medium")
    await reopened(desk, joint)
    await begin(desk, "route")
    await choose(desk, "单位", "金花")
    await tick_all(desk, ROUTED)
    await confirm(desk, "route")
    office = await walk.cases("golden_flower", joint)
    await begin(office, "accept")
    await confirm(office, "accept")
    await begin(office, "name_mediator")
    await choose(office, "专职调解员", "专职调解员")
    await confirm(office, "name_mediator")
    offered = (await walk.case("golden_flower", joint))["offered_to"]
    assert offered["unit"] == "C532901104.mediator_pool" and offered["post"] is not None
    await walk.move("golden_flower", joint, "accept")
    await begin(office, "call_units")
    await choose(office, "协同单位", "自然资源局", "住建局")
    await note(office, "请到院墙现场")
    await confirm(office, "call_units")
    await walk.move("resources", joint, "answer", note="界址清楚")
    await walk.move("golden_flower", joint, "stand_down", unit="C532901104.housing")
    await field_work(walk, joint, stage="纠纷化解")
    await ended(walk, joint, handler="golden_flower", checker="clerk")

    village = await walk.register("zhoucheng", "扎染作坊排水", category="dispute.environment", risk="low")
    await walk.move("zhoucheng", village, "triage", lane="major")
    await walk.move("zhoucheng", village, "accept")
    await walk.move("zhoucheng", village, "escalate", reason="涉及多村")
    await walk.move("clerk", village, "accept")
    await walk.cases("leader", village, office)
    await begin(office, "take_charge")
    await confirm(office, "take_charge")
    await walk.move("clerk", village, "report_city", department="市生态环境局", reason="需市级检测")
    await expect(office.find("case", stage="reported")).to_be_visible()
    await walk.move("clerk", village, "city_answered", note="检测合格")
    await ended(walk, village, handler="clerk", checker="zhoucheng")
    await expect(office.find("case", stage="archived")).to_be_visible()


@in_place("wujiang", "en-GB")
async def test_three_cases_of_wujiang_run_by_three_orders_and_are_asked_about_by_a_third_party(walk: Walk) -> None:
    desk = await easy(walk, "Noise from upstairs every night")
    assert await stages(desk) == STAGES["wujiang"]

    joint = await walk.register("clerk", "Wages owed by a weaving mill", category="dispute.labour", risk="high")
    await reopened(desk, joint)
    await begin(desk, "dispatch")
    await choose(desk, "Unit", "Justice")
    await tick_all(desk, ROUTED)
    await confirm(desk, "dispatch")
    office = await walk.cases("justice", joint)
    await begin(office, "accept")
    await confirm(office, "accept")
    await begin(office, "call_units")
    await choose(office, "Units", "Labour", "union")
    await note(office, "Bring the wage lists")
    await confirm(office, "call_units")
    await walk.move("labour", joint, "answer", note="The lists are here")
    await walk.move("justice", joint, "stand_down", unit="C320509.unions")
    await field_work(walk, joint, stage=STAGES["wujiang"][2])
    await walk.move("justice", joint, "report_result", note="Paid in part", result_told=True)
    await walk.move("clerk", joint, "close", outcome="agreed")
    await walk.cases("interviewer", joint, office)
    await begin(office, "follow_up")
    for words in ("By phone", "Yes"):
        await office.find("move-form").get_by_label(words, exact=True).first.check()
    await office.find("move-form").get_by_label("Dissatisfied", exact=True).last.check()
    await confirm(office, "follow_up")
    await expect(office.find("case", stage="mending")).to_be_visible()
    await ended(walk, joint, handler="justice", checker="clerk")

    town = await walk.register("shengze", "A boundary ditch filled in", category="dispute.land", risk="medium")
    await walk.move("shengze", town, "accept")
    await walk.move("shengze", town, "escalate", reason="Two towns are concerned")
    await walk.move("clerk", town, "accept")
    await walk.cases("leader", town, office)
    await begin(office, "take_charge")
    await confirm(office, "take_charge")
    await ended(walk, town, handler="clerk", checker="shengze")
    await expect(office.find("case", stage="archived")).to_be_visible()


@in_place("jining", "zh-CN")
async def test_three_cases_of_jining_pass_one_window_lawful_ways_and_four_levels(walk: Walk) -> None:
    desk = await easy(walk, "楼上漏水，邻居不肯修")
    assert await stages(desk) == STAGES["jining"]

    joint = await walk.register("clerk", "兄弟分家争宅院", category="dispute.family", risk="high")
    await reopened(desk, joint)
    await begin(desk, "route")
    await choose(desk, "单位", "和为贵")
    await tick_all(desk, ROUTED)
    await confirm(desk, "route")
    office = await walk.cases("peacemaker", joint)
    await begin(office, "accept")
    await confirm(office, "accept")
    await begin(office, "call_units")
    await choose(office, "会诊单位", "司法局", "民政局")
    await note(office, "请到场会诊")
    await confirm(office, "call_units")
    await walk.move("justice", joint, "answer", note="可以公证")
    await walk.move("peacemaker", joint, "stand_down", unit="C3708.civil")
    await field_work(walk, joint, stage="调处中")
    await walk.move("peacemaker", joint, "procedure", procedure="arbitration")
    await expect(office.find("case", stage="lawful_way")).to_be_visible()
    await walk.move("peacemaker", joint, "back_from_law", note="已裁决")
    await ended(walk, joint, handler="peacemaker", checker="clerk")

    town = await walk.register("town", "承包地界争执", category="dispute.land", risk="medium")
    await walk.move("town", town, "accept")
    await walk.move("town", town, "escalate", reason="跨街道")
    await walk.move("qufu", town, "accept")
    await walk.cases("leader", town, office)
    await begin(office, "take_charge")
    await confirm(office, "take_charge")
    await walk.move("qufu", town, "escalate", reason="跨县")
    await walk.move("clerk", town, "accept")
    await ended(walk, town, handler="clerk", checker="operator")
    await expect(office.find("case", stage="archived")).to_be_visible()
    assert (await walk.case("clerk", town))["level"] == "city"
