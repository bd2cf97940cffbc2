"""Indicators of packs: what is refused by file and line, and that every place has its reported figures."""

import shutil
from pathlib import Path

import pytest

from api.place.problems import PackError
from api.place.reading import SHIPPED, load_pack, read_pack, shipped_packs

OF = 'of = { classes = ["dispute"] }'
HANDED = "counts = { handed_over = true }"
FAULTS = (
    (
        'group = "work"\nkind = "count"\nof = { classes = ["dispute"] }',
        'group = "wrok"\nkind = "count"',
        "did you mean",
    ),
    (
        'of = { classes = ["dispute"] }\ncounts = { ended = true }',
        'of = { classes = ["dispute"] }',
        "a rate counts some",
    ),
    ("counts = { ended = true }", 'counts = { ended = true, sources = ["fax"] }', "fax is not among"),
    ("counts = { ended = true }", "counts = { finished = true }", "there is no such key"),
    ("counts = { ended = true }", 'counts = { ended = true, classes = ["hazard"] }', "no case meets both"),
    ('kind = "time"', 'kind = "time"\ncounts = { ended = true }', "only a rate does"),
    ('version = "2026-11"', 'version = ""', "version"),
    (
        "counts = { handed_over = true }",
        'counts = { handed_over = true }\nentire = { sources = ["police"] }',
        "take in all",
    ),
    ('names = { zh = "收到矛盾纠纷", en = "Disputes received" }', 'names = { zh = "收到矛盾纠纷" }', "names.en"),
)


@pytest.mark.parametrize(("was", "becomes", "said"), FAULTS)
def test_a_faulty_indicator_is_refused_by_file_and_line(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    folder = tmp_path / "wujiang"
    shutil.copytree(SHIPPED / "wujiang", folder)
    file = folder / "indicators.toml"
    content = file.read_text(encoding="utf8")
    assert was in content
    file.write_text(content.replace(was, becomes, 1), encoding="utf8")
    with pytest.raises(PackError) as refused:
        read_pack(folder, label="wujiang")
    [problem, *_] = [one for one in refused.value.problems if said in str(one)]
    assert problem.where.startswith("wujiang/indicators.toml:"), str(problem)


@pytest.mark.parametrize("place", shipped_packs())
def test_every_place_has_the_indicators_that_a_leader_asks_for(place: str) -> None:
    codes = load_pack(place).indicators.by_code.keys()
    assert {"received", "closings", "on_time", "duration", "mediated", "filtered", "diverted", "carried_out"} <= codes
    assert {"reopened", "satisfied", "fairly", "own_doors", "running", "merged"} <= codes
