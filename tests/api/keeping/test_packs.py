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
        ("roles", "  source      incidents.report"),
    ],
)
def test_a_keeper_reads_what_a_pack_says(heading: str, line: str) -> None:
    parts = {part.splitlines()[0]: part.splitlines()[1:] for part in packs("show", "wujiang").split("\n\n")[1:]}
    assert line in parts[heading]


def test_every_stage_of_an_incident_is_shown() -> None:
    assert "stages\n  registered\n" in packs("show", "wujiang")
