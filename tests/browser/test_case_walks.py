"""In each place an easy, a joint and an escalated case go from the door to the archive, in its own words, by the roles
that its report names: through the desk, the hall, the phone and the board.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from api.keeping.postgres.cluster import Cluster
from tests.browser.screens import Screens
from tests.browser.walking import Act, Drawn, OnBoard, OnSite, Step, Walk, recorded, served_place

FULL = os.environ.get("MAPLEBRIDGE_FAULTS") == "full"

Told = tuple[str, str, list[Act]]
"""What the visitor says, the risk that the desk gives it, and what is done, each with the stage that follows."""

SATISFIED = {"way": "phone", "reached": "yes", "attitude": "satisfied", "procedure": "satisfied", "result": "satisfied"}
DISSATISFIED = SATISFIED | {"result": "dissatisfied"}

WUJIANG: dict[str, Told] = {
    "easy": (
        "楼上漏水，邻居不肯修",
        "low",
        [
            Step("clerk", "分诊", "已受理"),
            Step("clerk", "派单", "已派单", {"unit": "桥北社区调处化解中心"}),
            Step("village", "接单", "办理中"),
            OnBoard("unit", "桥北社区调处化解中心"),
            OnSite("已结单"),
            Drawn(Step("interviewer", "回访", "已结单", SATISFIED)),
            Step("clerk", "归档", "已归档"),
        ],
    ),
    "joint": (
        "织布厂拖欠工资三个月",
        "high",
        [
            Step("clerk", "分诊", "已受理", {"way": "joint_clinic"}),
            Step("clerk", "派单", "已派单", {"unit": "人社局"}),
            Step("labour", "接单", "办理中"),
            Step("labour", "联办", "办理中", {"units": ["司法局", "总工会"], "note": "请带工资表到场"}),
            OnBoard("unit", "人社局"),
            Step("justice", "协办反馈", "办理中", {"note": "已告知仲裁时效"}),
            Step("unions", "协办反馈", "办理中", {"note": "工人推举三名代表"}),
            OnSite("办理中"),
            Step("labour", "反馈结果", "待结单", {"note": "先付两个月"}),
            Step("clerk", "结单", "已结单", {"outcome": "agreed"}),
            Step("interviewer", "回访", "整改中", DISSATISFIED),
            Step("labour", "反馈结果", "待结单", {"note": "余款已付清"}),
            Step("clerk", "结单", "已结单", {"outcome": "agreed"}),
            Step("interviewer", "回访", "已结单", SATISFIED),
            Step("clerk", "归档", "已归档"),
        ],
    ),
    "escalated": (
        "两村争土地承包的地界",
        "medium",
        [
            Step("clerk", "分诊", "已受理"),
            Step("clerk", "派单", "已派单", {"unit": "盛泽镇社会矛盾纠纷调处化解中心"}),
            Step("shengze", "接单", "办理中"),
            Step("shengze", "上报", "办理中", {"reason": "涉及两个镇，镇里无法定界"}),
            Step("operator", "接单", "办理中"),
            Step("leader", "领导包案", "办理中"),
            OnBoard("level", "区级终结", late=True),
            Step("operator", "反馈结果", "待结单", {"note": "两镇签了界址协议"}),
            Step("clerk", "结单", "已结单", {"outcome": "agreed"}),
            Step("interviewer", "回访", "已结单", SATISFIED),
            Step("clerk", "归档", "已归档"),
        ],
    ),
}

LUSHUI: dict[str, Told] = {
    "easy": (
        "楼上漏水，邻居不肯修",
        "low",
        [
            Step("clerk", "精准分类", "受理"),
            Step("clerk", "统一派单", "分流", {"unit": "六库村综治中心"}),
            Step("village", "接件", "处置"),
            OnBoard("stage", "处置"),
            OnSite("评价"),
            Step("interviewer", "回访评价", "评价", SATISFIED),
            Step("clerk", "归档", "归档"),
        ],
    ),
    "joint": (
        "两家争一片山林",
        "high",
        [
            Step("clerk", "精准分类", "受理"),
            Step("clerk", "统一派单", "分流", {"unit": "市级调解专家库"}),
            Step("expert", "接件", "处置"),
            Step("expert", "会商会办", "处置", {"units": ["司法局", "自然资源局"], "note": "请带山界图到场会商"}),
            OnBoard("unit", "市级调解专家库"),
            Step("justice", "会办意见", "处置", {"note": "权属清楚，可以调解"}),
            Step("resources", "会办意见", "处置", {"note": "山界图与现场一致"}),
            OnSite("处置"),
            Step("expert", "再次调解", "处置", {"mediator": "王1", "note": "双方同意按图立界"}),
            Step("expert", "反馈结果", "反馈", {"note": "双方签字"}),
            Step("clerk", "办结", "评价", {"outcome": "agreed"}),
            Step("interviewer", "回访评价", "评价", SATISFIED),
            Step("clerk", "归档", "归档"),
        ],
    ),
    "escalated": (
        "宅基地滴水界争执",
        "medium",
        [
            Step("clerk", "精准分类", "受理"),
            Step("clerk", "统一派单", "分流", {"unit": "六库街道综治中心"}),
            Step("liuku", "接件", "处置"),
            Step("operator", "主动下沉", "处置", {"people": "2", "hours": "4", "note": "市中心两人到村现场调解"}),
            Step("liuku", "提请上级", "处置", {"reason": "涉及征地补偿，村镇无法定"}),
            Step("operator", "接件", "处置"),
            Step("leader", "领导包案", "处置"),
            OnBoard("level", "市级统", late=True),
            Step("operator", "反馈结果", "反馈", {"note": "补偿方案双方同意"}),
            Step("clerk", "办结", "评价", {"outcome": "agreed"}),
            Step("interviewer", "回访评价", "评价", SATISFIED),
            Step("clerk", "归档", "归档"),
        ],
    ),
}

HESHUI: dict[str, Told] = {
    "easy": (
        "楼上漏水，邻居不肯修",
        "low",
        [
            Step("clerk", "登记分类", "一窗接收"),
            Step("clerk", "分流转办", "分流转办", {"unit": "板桥村综治中心"}),
            Step("village", "签收", "分类调处"),
            OnBoard("unit", "板桥村综治中心"),
            OnSite("办结归档"),
            Drawn(Step("interviewer", "回访了解", "办结归档", SATISFIED)),
            Step("clerk", "回访归结", "回访了解"),
        ],
    ),
    "joint": (
        "工地拖欠四十人工资",
        "high",
        [
            Step("clerk", "登记分类", "一窗接收"),
            Step("clerk", "分析研判", "分析研判", {"finding": "四十人，可能到县上来", "worsens": "yes"}),
            Step("clerk", "研判后分流", "分流转办", {"unit": "司法局"}),
            Step("justice", "签收", "分类调处"),
            Step("justice", "中心吹哨", "分类调处", {"units": ["公安局", "住建局"], "note": "限时到中心报到"}),
            OnBoard("unit", "司法局"),
            Step("police", "部门报到反馈", "分类调处", {"note": "现场秩序平稳"}),
            Step("housing", "部门报到反馈", "分类调处", {"note": "工程款已核对"}),
            OnSite("分类调处"),
            Step("justice", "提交调处结果", "跟踪督办", {"note": "分两批付清"}),
            Step("clerk", "办结归档", "办结归档", {"outcome": "agreed"}),
            Step("interviewer", "回访了解", "办结归档", SATISFIED),
            Step("clerk", "回访归结", "回访了解"),
        ],
    ),
    "escalated": (
        "两镇争土地承包的地界",
        "medium",
        [
            Step("clerk", "登记分类", "一窗接收"),
            Step("clerk", "分流转办", "分流转办", {"unit": "板桥镇综治中心"}),
            Step("banqiao", "签收", "分类调处"),
            Step("banqiao", "上报", "分类调处", {"reason": "涉及两个镇，镇里无法定界"}),
            Step("operator", "签收", "分类调处"),
            Step("leader", "县级领导包案", "分类调处"),
            OnBoard("level", "县", late=True),
            Step("operator", "提交调处结果", "跟踪督办", {"note": "两镇签了界址协议"}),
            Step("clerk", "办结归档", "办结归档", {"outcome": "agreed"}),
            Step("interviewer", "回访了解", "办结归档", SATISFIED),
            Step("clerk", "回访归结", "回访了解"),
        ],
    ),
}

XIZHOU: dict[str, Told] = {
    "easy": (
        "楼上漏水，邻居不肯修",
        "low",
        [
            Step("clerk", "研判定级", "排查登记"),
            Step("clerk", "任务分流", "任务分流", {"unit": "周城村综治服务中心"}),
            Step("zhoucheng", "接件", "纠纷化解"),
            OnBoard("unit", "周城村综治服务中心"),
            OnSite("考核评价"),
            Drawn(Step("interviewer", "回访评价", "考核评价", SATISFIED)),
            Step("clerk", "归档", "归档"),
        ],
    ),
    "joint": (
        "客栈与邻居争院墙",
        "medium",
        [
            Step("clerk", "研判定级", "排查登记"),
            Step("clerk", "任务分流", "任务分流", {"unit": "金花调解队"}),
            Step("golden_flower", "接件", "纠纷化解"),
            Step("golden_flower", "吹哨报到", "纠纷化解", {"units": ["自然资源局", "住建局"], "note": "请到院墙现场"}),
            OnBoard("unit", "金花调解队"),
            Step("resources", "协同反馈", "纠纷化解", {"note": "界址清楚"}),
            Step("housing", "协同反馈", "纠纷化解", {"note": "院墙未超高"}),
            OnSite("纠纷化解"),
            Step("golden_flower", "结果反馈", "结果反馈", {"note": "双方签字"}),
            Step("clerk", "办结转评价", "考核评价", {"outcome": "agreed"}),
            Step("interviewer", "回访评价", "考核评价", SATISFIED),
            Step("clerk", "归档", "归档"),
        ],
    ),
    "escalated": (
        "扎染作坊废水污染田地",
        "low",
        [
            Step("clerk", "研判定级", "排查登记", {"lane": "major"}),
            Step("clerk", "任务分流", "任务分流", {"unit": "周城村综治服务中心"}),
            Step("zhoucheng", "接件", "纠纷化解"),
            Step("zhoucheng", "上报镇中心", "纠纷化解", {"reason": "涉及多村，需要检测"}),
            Step("operator", "接件", "纠纷化解"),
            Step("leader", "领导挂钩", "纠纷化解"),
            Step("operator", "事件上报市级", "事件上报", {"department": "市生态环境局", "reason": "需市级检测"}),
            OnBoard("level", "镇综治服务中心", late=True),
            Step("operator", "市级已答复", "纠纷化解", {"note": "检测合格"}),
            Step("operator", "结果反馈", "结果反馈", {"note": "作坊接入管网"}),
            Step("clerk", "办结转评价", "考核评价", {"outcome": "agreed"}),
            Step("interviewer", "回访评价", "考核评价", SATISFIED),
            Step("clerk", "归档", "归档"),
        ],
    ),
}

JINING: dict[str, Told] = {
    "easy": (
        "楼上漏水，邻居不肯修",
        "low",
        [
            Step("clerk", "分诊", "窗口受理"),
            Step("clerk", "分类导入", "分类导入", {"unit": "西关民族社区“和为贵”调解室"}),
            Step("village", "接件", "调处中"),
            OnBoard("unit", "西关民族社区“和为贵”调解室"),
            OnSite("已化解"),
            Drawn(Step("interviewer", "回访", "已化解", SATISFIED)),
            Step("clerk", "归档", "归档"),
        ],
    ),
    "joint": (
        "兄弟分家争遗产宅院",
        "high",
        [
            Step("clerk", "分诊", "窗口受理"),
            Step("clerk", "分类导入", "分类导入", {"unit": "曲阜市“和为贵”调解员"}),
            Step("peacemaker", "接件", "调处中"),
            Step("peacemaker", "联合会诊", "调处中", {"units": ["司法局", "民政局"], "note": "请到场会诊"}),
            OnBoard("unit", "曲阜市“和为贵”调解员"),
            Step("justice", "会诊意见", "调处中", {"note": "可以公证"}),
            Step("civil", "会诊意见", "调处中", {"note": "老人愿意同住"}),
            OnSite("调处中"),
            Step("peacemaker", "引导法定途径", "法定途径办理中", {"procedure": "litigation"}),
            Step("peacemaker", "法定途径终结", "调处中", {"note": "诉前和解"}),
            Step("peacemaker", "提交化解结果", "化解审核", {"note": "双方签字"}),
            Step("clerk", "化解办结", "已化解", {"outcome": "agreed"}),
            Step("interviewer", "回访", "已化解", SATISFIED),
            Step("clerk", "归档", "归档"),
        ],
    ),
    "escalated": (
        "两村争土地承包的地界",
        "medium",
        [
            Step("clerk", "分诊", "窗口受理"),
            Step("clerk", "分类导入", "分类导入", {"unit": "鲁城街道社会治理服务中心"}),
            Step("town", "接件", "调处中"),
            Step("town", "上报", "调处中", {"reason": "跨街道，街道无法定界"}),
            Step("qufu", "接件", "调处中"),
            Step("leader", "领导包案", "调处中"),
            Step("qufu", "上报", "调处中", {"reason": "跨县，县里无法定界"}),
            Step("operator", "接件", "调处中"),
            OnBoard("level", "市级中心", late=True),
            Step("operator", "提交化解结果", "化解审核", {"note": "两县签了界址协议"}),
            Step("clerk", "化解办结", "已化解", {"outcome": "agreed"}),
            Step("interviewer", "回访", "已化解", SATISFIED),
            Step("clerk", "归档", "归档"),
        ],
    ),
}

WALKS = {"wujiang": WUJIANG, "lushui": LUSHUI, "heshui": HESHUI, "xizhou": XIZHOU, "jining": JINING}

IN_SUITE = {"wujiang": "joint", "lushui": "escalated"}
KINDS = {place: [kind for kind in walks if FULL or IN_SUITE.get(place) == kind] for place, walks in WALKS.items()}
"""A case takes twenty seconds: the suite walks the two longest kinds; `MAPLEBRIDGE_FAULTS=full`, all in all places."""

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.usefixtures("built"),
    pytest.mark.timeout(600),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walk(
    request: pytest.FixtureRequest,
    browser: Browser,
    cluster: Cluster,
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Walk]:
    """The small place that the test names, and its screens, for all its cases."""
    place, locale = request.param
    async with AsyncExitStack() as until_the_end:
        serving = served_place(cluster, template, tmp_path_factory.mktemp(place), place)
        county = await until_the_end.enter_async_context(serving)
        screens = Screens(browser, county, locale, {})
        yield Walk(place, county, screens)
        assert await screens.close() == []


@pytest.mark.parametrize(
    ("walk", "kind"),
    [pytest.param((place, "zh-CN"), kind, id=f"{place}-{kind}") for place in WALKS for kind in KINDS[place]],
    indirect=["walk"],
)
async def test_a_case_goes_from_the_door_to_the_archive_in_the_places_own_words(walk: Walk, kind: str) -> None:
    title, risk, acts = WALKS[walk.place][kind]
    page = await walk.walk(title, acts, risk=risk)
    made = [act.move for act in acts if isinstance(act, Step)]
    await expect(page.find("timeline")).to_contain_text(made[-1])
    asked = {act.step.move for act in acts if isinstance(act, Drawn)}
    assert [one for one in await recorded(page) if one not in asked] == made
