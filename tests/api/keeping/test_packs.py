"""`maplebridge packs`: what it says of a pack that is in order. Of others see tests/api/place."""

import pytest
from typer.testing import CliRunner

from api.keeping.commands import command_line
from tests.shared import CHECKOUT


def packs(*words: str) -> str:
    done = CliRunner().invoke(command_line("packs"), ["packs", *words])
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("name", ["wujiang", str(CHECKOUT / "docs" / "examples" / "san-francisco")])
def test_a_sound_pack_is_in_order(name: str) -> None:
    assert packs("check", name) == f"{name.rsplit('/', 1)[-1]} is in order\n"


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("levels", "  village     Village 村（社区）"),
        ("clocks", "  high    High · district 重大 · 区级终结: first response within 15 min, county"),
        ("limits", "  duplicates  the same category within 150 m and 120 min"),
        ("forces", "  on_call      On-call unit 随叫随驻单位: car, on_call"),
        ("roles", "  source       incidents.report"),
    ],
)
def test_a_keeper_reads_what_a_pack_says(heading: str, line: str) -> None:
    parts = {part.splitlines()[0]: part.splitlines()[1:] for part in packs("show", "wujiang").split("\n\n")[1:]}
    assert line in parts[heading]


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("层级", "  village     村（社区） Village"),
        ("时限", "  high    重大 · 区级终结 High · district: 15 分钟内首次响应, county"),
        ("限值", "  duplicates  类别相同、相距 150 米和 120 分钟以内"),
        (
            "响应规则",
            "  dispute.traffic         主办: mediator（该类别专长）, town_unit（该类别专长）, on_call（该类别专长） +4",
        ),
    ],
)
def test_a_chinese_terminal_shows_a_pack_in_chinese(heading: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    parts = {part.splitlines()[0]: part.splitlines()[1:] for part in packs("show", "wujiang").split("\n\n")[1:]}
    assert line in parts[heading]


def test_every_stage_of_an_incident_is_shown() -> None:
    assert "stages\n  registered\n" in packs("show", "wujiang")
