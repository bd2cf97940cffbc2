"""The first force proposed is one that the head of a centre would send, for every category of the shipped pack."""

import pytest

from api.place.pack import Pack
from console.dispatching.rules import Candidate
from console.flow.terms import Role
from ingest.county.observations import County
from tests.ingest.county.proposals import BEGIN, END, PAGE, named, proposed, table, villages, within_reach

CENTRE_HEAD = {
    "dispute.family": ("人民调解委员会",),
    "dispute.neighbour": ("人民调解委员会",),
    "dispute.housing": ("人民调解委员会", "建设管理办公室"),
    "dispute.contract": ("人民调解委员会",),
    "dispute.business": ("人民调解委员会", "工商联"),
    "dispute.damages": ("人民调解委员会", "派出所"),
    "dispute.land": ("人民调解委员会", "土地承包纠纷调解委员会", "农村工作局"),
    "dispute.expropriation": ("信访局", "自然资源和规划局", "征收补偿纠纷人民调解委员会", "建设管理办公室"),
    "dispute.environment": ("环境污染纠纷人民调解委员会", "综合行政执法局"),
    "dispute.labour": ("劳动人事争议调解委员会", "人力资源和社会保障所", "人社局"),
    "dispute.consumer": ("市场监管局", "消费纠纷人民调解委员会", "市场监督管理分局"),
    "dispute.medical": ("医疗纠纷人民调解委员会", "卫健委"),
    "dispute.traffic": ("道路交通事故纠纷人民调解委员会", "交警中队", "交警大队"),
    "dispute.property": ("人民调解委员会", "物业纠纷人民调解委员会", "建设管理办公室"),
    "dispute.tourism": ("文体广电和旅游局", "旅游纠纷人民调解委员会", "市场监督管理分局"),
    "dispute.intellectual": ("市场监管局", "知识产权纠纷人民调解委员会", "市场监督管理分局"),
    "dispute.internet": ("网络纠纷人民调解委员会", "市场监督管理分局"),
    "dispute.other": ("人民调解委员会",),
    "hazard.fire": ("消防救援站", "消防救援大队", "巡防大队"),
    "hazard.work": ("应急管理办公室", "应急管理局", "巡防大队"),
    "hazard.water": ("水利站", "水务局", "巡防大队"),
    "hazard.road": ("市政养护队", "交警中队", "交通运输局", "巡防大队"),
    "hazard.building": ("建设管理办公室", "住建局", "巡防大队"),
    "errand.care": ("网格", "社会事务办公室"),
    "errand.papers": ("网格", "便民服务中心"),
    "errand.repair": ("市政养护队", "城管局"),
    "errand.policy": ("便民服务中心", "人力资源和社会保障所"),
    "opinion.environment": ("综合行政执法局",),
    "opinion.transport": ("交警中队",),
    "opinion.service": ("社会事务办公室", "便民服务中心"),
    "opinion.order": ("综合行政执法局", "派出所", "巡防大队"),
}
"""By category, whom the head of a centre sends first: part of the organisation's name."""
GRAVE = {
    "hazard.fire": ("消防救援站", "消防救援大队"),
    "hazard.work": ("应急管理办公室", "应急管理局"),
    "hazard.water": ("水利站", "水务局"),
    "hazard.building": ("建设管理办公室", "住建局"),
}
"""The same at a high risk, where it is narrower. At a high risk a town's justice office may take a dispute too."""


@pytest.fixture(scope="module")
def reached(county: County) -> dict[str, list[Candidate]]:
    """The county's forces as seen from a village of each town, by the town's code."""
    return {town: within_reach(county, village) for town, village in villages(county).items()}


def test_the_judgement_names_every_category(pack: Pack) -> None:
    assert CENTRE_HEAD.keys() == pack.incidents.category_by_code.keys()


@pytest.mark.parametrize("category", CENTRE_HEAD)
def test_the_first_proposal_is_the_one_a_centres_head_would_send(
    pack: Pack, county: County, reached: dict[str, list[Candidate]], category: str
) -> None:
    own = pack.incidents.category_by_code[category].risk
    for town, village in villages(county).items():
        forces = reached[town]
        for risk in dict.fromkeys((own, "high")):
            right = CENTRE_HEAD[category]
            if risk == "high":
                right = GRAVE.get(category, (*right, "司法所", "派出所", "法院", "公安局"))
            first = proposed(pack, forces, village, category=category, risk=risk)[0]
            assert any(name in named(county, first) for name in right), (town, risk, named(county, first))


def test_every_category_has_somebody_of_the_town_to_support(
    pack: Pack, county: County, reached: dict[str, list[Candidate]]
) -> None:
    for code, village in list(villages(county).items())[:3]:
        town = village.path.rsplit(".", 1)[0]
        for category in pack.incidents.category_by_code:
            for one in proposed(pack, reached[code], village, category=category, risk="high", role=Role.SUPPORT)[:3]:
                assert one.candidate.division_path.startswith(town), (category, one.candidate.name)


def test_the_page_shows_the_first_three_of_every_category_as_they_are(pack: Pack, county: County) -> None:
    """Mend it: put what this test prints between the page's two marks."""
    lines = "\n".join(table(pack, county)) + "\n"
    _, after = PAGE.read_text(encoding="utf8").split(BEGIN)
    assert after.split(END)[0] == lines
