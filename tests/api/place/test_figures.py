"""What the five places report of themselves is true in their packs: each figure is counted in the laid-out register."""

from collections import Counter
from collections.abc import Callable

import pytest

from api.place.reading import load_pack
from tests.api.place.places import NAMES, Laid, generator_of, grounds_of

PLACES = ("heshui", "jining", "lushui", "wujiang", "xizhou")
Counted = Callable[[Laid], object]

pytestmark = pytest.mark.skipif(not NAMES.is_dir(), reason=f"no names of towns and villages in {NAMES}")


FIGURES: list[tuple[str, str, Counted, object]] = [
    # lushui
    (
        "lushui",
        "centres 1 + 10 + 86",
        lambda at: Counter(u.level for u in at.units("centre")),
        {"county": 1, "town": 10, "village": 86},
    ),
    ("lushui", "97 centres", lambda at: len(at.units("centre")), 97),
    ("lushui", "three zones", lambda at: at.names("zone"), ["引导受理区", "多元化解区", "指挥调度区"]),
    (
        "lushui",
        "rooms",
        lambda at: (
            {"群众接待大厅", "矛盾纠纷调解室", "法官工作室", "律师工作室", "分析研判室"} <= set(at.names("room"))
        ),
        True,
    ),
    ("lushui", "four duties", lambda at: sum(s.startswith("duty.") for s in at.of["C533301"].services), 4),
    ("lushui", "12 resident staff of the city", lambda at: len(at.posts(level="county", attendance="resident")), 12),
    (
        "lushui",
        "6 units resident",
        lambda at: [u.name for u in at.units("department", attendance="resident")],
        ["政法委", "法院", "检察院", "公安局", "司法局", "信访局"],
    ),
    ("lushui", "11 units rotating", lambda at: len(at.units("department", attendance="rotating")), 11),
    ("lushui", "others on call", lambda at: len(at.units("department", attendance="on_call")) > 0, True),
    ("lushui", "32 resident staff of towns", lambda at: len(at.posts(level="town", attendance="resident")), 32),
    (
        "lushui",
        "130 and more resident staff of villages",
        lambda at: 130 <= len(at.posts(level="village", attendance="resident")) < 140,
        True,
    ),
    (
        "lushui",
        "one head and six deputies",
        lambda at: Counter(p.duty for p in at.posts(level="county", kind="centre")),
        {"head": 1, "deputy": 6},
    ),
    (
        "lushui",
        "a head in each town and village",
        lambda at: (len(at.posts(level="town", duty="head")), len(at.posts(level="village", duty="head"))),
        (10, 86),
    ),
    ("lushui", "pool of 20 experts", lambda at: len(at.posts(level="county", title="expert")), 20),
    (
        "lushui",
        "three experts in each town",
        lambda at: set(Counter(p.unit for p in at.posts(level="town", title="expert")).values()),
        {3},
    ),
    ("lushui", "9 chief legal experts", lambda at: len({p.person for p in at.posts(title="chief_legal_expert")}), 9),
    ("lushui", "460 legal helpers", lambda at: len({p.person for p in at.posts(title="legal_helper")}), 460),
    (
        "lushui",
        "each village has helpers, a deputy and an expert",
        lambda at: {
            title: len({p.division_path for p in at.posts(title=title)})
            for title in ("legal_helper", "legal_deputy", "paired_expert")
        },
        {"legal_helper": 86, "legal_deputy": 86, "paired_expert": 86},
    ),
    (
        "lushui",
        "the nine experts are those in pairs",
        lambda at: (
            {p.person for p in at.posts(title="paired_expert")}
            == {p.person for p in at.posts(title="chief_legal_expert")}
        ),
        True,
    ),
    ("lushui", "25 organisations", lambda at: len(at.units("organisation")), 25),
    ("lushui", "59 mediators of organisations", lambda at: len(at.posts(title="mediator", kind="organisation")), 59),
    ("lushui", "station of the law society", lambda at: at.names("station"), ["市法学会工作站"]),
    ("lushui", "3,327 grid workers", lambda at: at.figures.staff.grid_workers, 3327),
    ("lushui", "12,778 grid events", lambda at: at.a_year("hazard", "errand", "opinion"), 12_778),
    ("lushui", "五有五规范", lambda at: {c.names.zh for c in at.pack.registry.checklists}, {"五有", "五规范"}),
    (
        "lushui",
        "治安问题 and 法律咨询",
        lambda at: {c.names.zh for c in at.pack.incidents.classes} >= {"治安问题", "法律咨询"},
        True,
    ),
    # heshui
    (
        "heshui",
        "one county, 12 towns, all villages",
        lambda at: Counter(u.level for u in at.units("centre")),
        {"county": 1, "town": 12, "village": 92},
    ),
    ("heshui", "17 rooms", lambda at: len(at.units("room")), 17),
    (
        "heshui",
        "rooms by name",
        lambda at: (
            {
                "群众接待大厅",
                "类案调解室",
                "金牌调解室",
                "婚姻纠纷调解室",
                "心理咨询室",
                "法律服务室",
                "分析研判室",
                "指挥调度室",
            }
            <= set(at.names("room"))
        ),
        True,
    ),
    (
        "heshui",
        "5 resident and 9 rotating units",
        lambda at: (
            len(at.units("department", attendance="resident")),
            len(at.units("department", attendance="rotating")),
        ),
        (5, 9),
    ),
    (
        "heshui",
        "14 departments",
        lambda at: (
            {"公安局", "司法局", "信访局", "人社局", "住建局", "自然资源局"}
            <= {u.name for u in at.units("department") if u.attendance != "on_call"}
        ),
        True,
    ),
    ("heshui", "3 lawyers", lambda at: len(at.posts(title="lawyer")), 3),
    ("heshui", "seven centres in one", lambda at: len(at.units("station")) + 1, 7),
    ("heshui", "5,301 disputes", lambda at: at.a_year("dispute"), 5301),
    ("heshui", "1,562 hazards", lambda at: at.a_year("hazard"), 1562),
    ("heshui", "4,677 errands", lambda at: at.a_year("errand"), 4677),
    ("heshui", "50,956 opinions", lambda at: at.a_year("opinion"), 50_956),
    ("heshui", "1,943 cameras", lambda at: at.figures.cameras.count, 1943),
    ("heshui", "every grid has its worker", lambda at: at.figures.staff.grid_workers >= at.figures.counts.grids, True),
    ("heshui", "准入 and 禁入", lambda at: {task.allowed for task in at.pack.registry.grid_tasks}, {True, False}),
    (
        "heshui",
        "六有八化",
        lambda at: {c.names.zh: len(c.items) for c in at.pack.registry.checklists},
        {"六有": 6, "八化": 8},
    ),
    # xizhou
    (
        "xizhou",
        "one centre and 13 village centres",
        lambda at: Counter(u.level for u in at.units("centre")),
        {"town": 1, "village": 13},
    ),
    (
        "xizhou",
        "seven stations",
        lambda at: at.names("station"),
        [
            "诉讼服务站",
            "检调对接工作站",
            "警民服务站",
            "法律服务及矛盾纠纷调处站",
            "信访接待站",
            "社会工作站",
            "妇女儿童维权工作站",
        ],
    ),
    (
        "xizhou",
        "each station has a head and staff",
        lambda at: {
            u.code: len([p for p in at.register.posts if p.unit == u.code and p.duty == "head"])
            for u in at.units("station")
        },
        dict.fromkeys(
            [
                f"C532901104.station_{c}"
                for c in ("litigation", "procuratorate", "police", "legal", "petition", "social_work", "women")
            ],
            1,
        ),
    ),
    (
        "xizhou",
        "mediators 金花, 阿鹏, 博士",
        lambda at: [name[:2] for name in at.names("studio")],
        ["金花", "阿鹏", "博士"],
    ),
    (
        "xizhou",
        "五有",
        lambda at: [i.names.zh for i in at.pack.registry.checklists[0].items],
        ["有标识", "有制度", "有人员", "有责任", "有台账"],
    ),
    (
        "xizhou",
        "base and fine grids",
        lambda at: [level.names.zh for level in at.pack.root.levels[2:]],
        ["基础网格", "精细网格"],
    ),
    # wujiang
    (
        "wujiang",
        "11 towns and 307 villages",
        lambda at: Counter(u.level for u in at.units("centre")),
        {"county": 1, "town": 11, "village": 307},
    ),
    (
        "wujiang",
        "1,142 grids and 5,337 micro-grids",
        lambda at: (at.figures.counts.grids, at.figures.counts.micro_grids),
        (1142, 5337),
    ),
    (
        "wujiang",
        "12 resident and 16 rotating units",
        lambda at: (
            len(at.units("department", attendance="resident")),
            len(at.units("department", attendance="rotating")),
        ),
        (12, 16),
    ),
    (
        "wujiang",
        "three zones",
        lambda at: [name[:4] for name in at.names("zone")],
        ["综合调处", "诉调对接", "研判接访"],
    ),
    ("wujiang", "22 services", lambda at: len(set(at.of["C320509"].services)), 22),
    ("wujiang", "8 studios", lambda at: len(at.units("studio")), 8),
    (
        "wujiang",
        "苏豫皖工作室 in Shengze",
        lambda at: [u.division_path.rpartition(".")[2] for u in at.units("studio") if u.name == "苏豫皖工作室"],
        ["320509105"],
    ),
    ("wujiang", "13 organisations", lambda at: len(at.units("organisation")), 13),
    (
        "wujiang",
        "village centres of 5 + N functions",
        lambda at: {
            (sum(s.startswith("function.") for s in u.services), len(u.services) > 5)
            for u in at.units("centre", level="village")
        },
        {(5, True)},
    ),
    (
        "wujiang",
        "three kinds of mediators",
        lambda at: {p.title for p in at.posts(kind="pool")} >= {"professional", "part_time", "invited"},
        True,
    ),
    (
        "wujiang",
        "两代表一委员 and 五老",
        lambda at: {p.title for p in at.posts(kind="pool")} >= {"delegate", "elder"},
        True,
    ),
    (
        "wujiang",
        "seconded staff under two managements",
        lambda at: {len(p.managed_by) for p in at.posts(duty="seconded")},
        {2},
    ),
    ("wujiang", "30,615 disputes", lambda at: at.a_year("dispute"), 30_615),
    ("wujiang", "260,000 enterprises", lambda at: at.figures.enterprises, 260_000),
    ("wujiang", "third parties", lambda at: len(at.units("third_party")), 2),
    # jining
    ("jining", "11 counties", lambda at: len(at.units("centre", level="county")), 11),
    (
        "jining",
        "four levels",
        lambda at: list(dict.fromkeys(u.level for u in at.units("centre"))),
        ["city", "county", "town", "village"],
    ),
    (
        "jining",
        "five areas",
        lambda at: [name.removesuffix("区") for name in at.names("zone")],
        ["纪检监察", "涉法涉诉", "信访联合接待", "综合调解", "社会服务"],
    ),
    (
        "jining",
        "one window on three levels",
        lambda at: {u.level: None for u in at.units("window")},
        {"city": None, "county": None, "town": None},
    ),
    (
        "jining",
        "four platforms in each town",
        lambda at: set(Counter(u.division_path for u in at.units("platform")).values()),
        {4},
    ),
    (
        "jining",
        "stations by name",
        lambda at: at.names("station"),
        ["12309检察服务中心", "行政复议办公室", "法律援助中心", "仲裁委员会", "诉讼服务中心", "行政争议审前和解中心"],
    ),
    (
        "jining",
        "committees of trades",
        lambda at: at.names("committee"),
        ["人民调解委员会", "交通事故调委会", "劳动人事争议调委会", "医患纠纷调委会"],
    ),
    (
        "jining",
        "和为贵 rooms in villages",
        lambda at: all("和为贵" in u.name for u in at.units("centre", level="village")),
        True,
    ),
    (
        "jining",
        "sites running",
        lambda at: [at.running(level) for level in ("city", "county", "town", "village")],
        [True] * 4,
    ),
    (
        "jining",
        "five sector grids",
        lambda at: [s.names.zh for s in at.pack.networks.sectors],
        ["党建", "综治", "创城", "安全生产", "环保"],
    ),
    (
        "jining",
        "12345 in one stream",
        lambda at: "12345 政务服务热线" in {s.names.zh for s in at.pack.reports.sources},
        True,
    ),
    (
        "jining",
        "local ways",
        lambda at: [u.division_path.rpartition(".")[2] for u in at.units("studio")],
        ["370827", "370828", "370831", "370883", "370829"],
    ),
    ("jining", "投诉举报", lambda at: "投诉举报" in {c.names.zh for c in at.pack.incidents.classes}, True),
]


@pytest.mark.parametrize(("place", "figure", "counted", "reported"), FIGURES, ids=[f"{f[0]}: {f[1]}" for f in FIGURES])
def test_a_reported_figure_is_counted_in_the_pack(
    place: str, figure: str, counted: Counted, reported: object, laid: dict[str, Laid]
) -> None:
    assert counted(laid[place]) == reported, figure


@pytest.fixture(scope="module")
def laid() -> dict[str, Laid]:
    return {place: Laid(place) for place in PLACES}


@pytest.mark.parametrize("place", PLACES)
def test_the_divisions_of_a_place_are_as_many_as_its_generator_says(place: str) -> None:
    counts, levels = generator_of(load_pack(place)).counts, Counter(ground.level for ground in grounds_of(place))
    root = load_pack(place).root.level
    expected = {"county": counts.counties, "town": counts.towns, "village": counts.villages}
    assert levels == {level: count for level, count in expected.items() if count} | {root: 1}


@pytest.mark.parametrize("place", PLACES)
def test_every_account_of_a_unit_finds_a_post_of_its_role_there(place: str, laid: dict[str, Laid]) -> None:
    at = laid[place]
    posts = {(post.unit, post.role) for post in at.register.posts}
    scopes = {ground.code: ground.path for ground in grounds_of(place)}
    accounts = at.pack.demo.accounts
    assert {account.role for account in accounts} == {
        "operator", "clerk", "handler", "leader", "interviewer", "supervisor", "patrol", "planner", "admin", "auditor",
        "wall"}  # fmt: skip
    for account in accounts:
        assert account.scope in scopes, account.username
        if account.unit is not None:
            assert (account.unit, account.role) in posts, account.username
            assert at.of[account.unit].division_path == scopes[account.scope], account.username


@pytest.mark.parametrize("place", PLACES)
def test_seconded_staff_have_two_managements_and_every_centre_a_head(place: str, laid: dict[str, Laid]) -> None:
    at = laid[place]
    assert {len(set(post.managed_by)) for post in at.posts(duty="seconded")} == {2}
    assert all(unit in at.of for post in at.register.posts for unit in post.managed_by)
    headed = {post.unit for post in at.posts(duty="head")}
    assert {unit.code for unit in at.units("centre")} <= headed
    assert all(unit.parent in at.of for unit in at.register.units if unit.parent)
    assert [unit.code for unit in at.register.units if unit.parent is None and unit.is_centre] == [
        f"C{at.pack.root.code}"
    ]


@pytest.mark.parametrize("place", PLACES)
def test_every_category_has_titles_and_a_force_that_may_lead(place: str, laid: dict[str, Laid]) -> None:
    pack = laid[place].pack
    assert pack.demo.traffic is not None
    assert all(pack.demo.traffic.titles(category.code) for category in pack.incidents.categories)
    named = {code for rule in pack.answers for code in rule.to}
    for category in pack.incidents.categories:
        assert {category.code, category.class_code} & named, category.code
    assert sum(category.class_code == "dispute" for category in pack.incidents.categories) == 18
