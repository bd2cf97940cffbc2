"""Packs: the shipped one is complete, and its parts fit together."""

from pathlib import Path

import pytest

from api.place.pack import Pack
from api.place.problems import PackError
from api.place.reading import load_pack, read_pack, shipped_packs
from tests.api.place.broken_packs import WUJIANG, broken_pack, text_of
from tests.shared import CHECKOUT

SAN_FRANCISCO = CHECKOUT / "docs" / "examples" / "san-francisco"


def test_every_shipped_pack_is_valid_and_has_its_own_key() -> None:
    assert "wujiang" in shipped_packs()
    for name in shipped_packs():
        assert load_pack(name).key == name


def test_wujiang_has_the_reported_figures() -> None:
    demo = load_pack("wujiang").demo
    assert demo.generator is not None and demo.traffic is not None
    counts, staff = demo.generator.counts, demo.generator.staff
    assert (counts.towns, counts.villages, counts.grids, counts.micro_grids) == (11, 307, 1142, 5337)
    assert (len(staff.resident), len(staff.rotating)) == (12, 16)
    assert demo.generator.enterprises == 260_000
    assert demo.generator.cameras.count == 1200
    disputes = [count for code, count in demo.traffic.yearly.items() if code.startswith("dispute.")]
    assert (len(disputes), sum(disputes)) == (18, 30_615)
    assert load_pack("wujiang").root.boundary.review_number == "GS(2024)0650号"


def test_the_level_of_an_incident_follows_its_risk() -> None:
    risks = load_pack("wujiang").incidents.risks
    assert [(r.code, r.level) for r in risks] == [("low", "village"), ("medium", "town"), ("high", "county")]
    waits = [r.answer_within for r in risks]
    assert waits == sorted(waits, reverse=True)


def test_a_report_without_a_risk_gets_that_of_its_category() -> None:
    terms = load_pack("wujiang").incidents
    assert terms.grade("hazard.fire").code == "medium"
    assert terms.grade("hazard.fire", "high").level == "county"


def test_every_category_has_titles() -> None:
    pack = load_pack("wujiang")
    assert pack.demo.traffic is not None
    assert all(pack.demo.traffic.titles(category.code) for category in pack.incidents.categories)


def test_a_pack_without_a_demo_is_valid(tmp_path: Path) -> None:
    folder = broken_pack(tmp_path / "place")
    (folder / "demo.toml").unlink()
    pack = load_pack(str(folder))
    assert (pack.demo.accounts, pack.demo.traffic, pack.demo.generator) == ((), None, None)
    assert pack.model_copy(update={"demo": load_pack("wujiang").demo}) == load_pack("wujiang")


def test_the_san_francisco_example_is_valid_and_has_no_demo() -> None:
    assert not (SAN_FRANCISCO / "demo.toml").exists()
    assert load_pack(str(SAN_FRANCISCO)).incidents.case_code.prefix == "SF"


def test_a_pack_can_be_read_from_a_folder() -> None:
    assert load_pack(str(WUJIANG)) == load_pack("wujiang")


def test_an_unknown_mode_of_travel_counts_as_walking() -> None:
    terms = load_pack("wujiang").dispatch
    assert terms.minutes(1000, "boat") == terms.minutes(1000, "walk") > terms.minutes(1000, "car")


def test_an_unknown_name_lists_the_known_packs() -> None:
    with pytest.raises(PackError, match="the packs that ship: heshui, jining, lushui, wujiang, xizhou"):
        load_pack("nowhere")


def test_a_single_file_is_refused_with_a_hint() -> None:
    with pytest.raises(PackError, match="a pack is a folder: name the one that holds"):
        load_pack(str(WUJIANG / "place.toml"))


def test_a_folder_without_its_files_is_refused_with_each_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        read_pack(tmp_path, label="place")
    assert [p["text"] for p in caught.value.params["problems"]] == [
        "place/flow.toml: there is no such file: add it",
        "place/place.toml: there is no such file: add it",
    ]


def test_a_pack_is_frozen() -> None:
    pack: Pack = load_pack("wujiang")
    with pytest.raises(ValueError, match="frozen"):
        pack.timezone = "UTC"  # type: ignore[misc]


def test_no_section_is_in_two_files() -> None:
    assert "[dispatch]" in text_of("flow.toml")
    assert "[dispatch]" not in text_of("place.toml") + text_of("demo.toml")
