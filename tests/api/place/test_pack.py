"""Packs: the one that ships is whole, and a bad one is refused with file and key."""

from importlib.resources import files
from pathlib import Path

import pytest

from api.place.pack import Pack, PackError, load_pack, names_of_packs, parse_pack

TEXT = files("api.place.packs").joinpath("wujiang.toml").read_text(encoding="utf8")


def refused(text: str) -> PackError:
    with pytest.raises(PackError) as caught:
        parse_pack(text, file="place.toml")
    return caught.value


def test_every_shipped_pack_can_be_read_and_carries_its_own_key() -> None:
    assert "wujiang" in names_of_packs()
    for name in names_of_packs():
        assert load_pack(name).key == name


def test_wujiang_keeps_the_figures_that_the_place_reports() -> None:
    pack = load_pack("wujiang")
    assert pack.generator is not None
    counts, staff = pack.generator.counts, pack.generator.staff
    assert (counts.towns, counts.villages, counts.grids, counts.micro_grids) == (11, 307, 1142, 5337)
    assert (len(staff.resident), len(staff.rotating)) == (12, 16)
    assert pack.generator.enterprises == 260_000
    assert pack.generator.cameras.count == 1200
    disputes = [c for c in pack.categories if c.kind == "dispute"]
    assert (len(disputes), sum(c.yearly for c in disputes)) == (18, 30_615)
    assert pack.root.boundary.review_number == "GS(2024)0650号"


def test_the_level_of_a_matter_follows_its_risk() -> None:
    pack = load_pack("wujiang")
    assert [(r.code, r.level) for r in pack.risks] == [("low", "village"), ("medium", "town"), ("high", "county")]
    waits = [r.first_response_minutes for r in pack.risks]
    assert waits == sorted(waits, reverse=True)


def test_every_category_has_titles_in_the_language_of_the_place() -> None:
    assert all(c.titles for c in load_pack("wujiang").categories)


def test_a_pack_without_a_generator_is_whole() -> None:
    assert parse_pack(TEXT[: TEXT.index("[generator]")], file="place.toml").generator is None


def test_a_pack_can_be_read_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.toml"
    path.write_text(TEXT, encoding="utf8")
    assert load_pack(str(path)) == load_pack("wujiang")


def test_a_misspelt_key_is_named_with_its_file() -> None:
    error = refused(TEXT.replace("[duplicates]\nmetres", "[duplicates]\nmeters"))
    assert error.params["file"] == "place.toml"
    assert [(p["key"], p["code"]) for p in error.params["problems"]] == [("duplicates.meters", "extra_forbidden")]
    assert "place.toml" in str(error) and "duplicates.meters" in str(error)


def test_all_wrong_keys_are_named_at_once() -> None:
    text = TEXT.replace("metres = 150", "metres = -1").replace('prefix = "WJ"', 'prefix = "吴江"')
    assert {p["key"] for p in refused(text).params["problems"]} == {"duplicates.metres", "case_code.prefix"}


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('window = "24h"', 'window = "3d"', "hotspots.window"),
        ('"7d", "28d"]', '"7d", "3d"]', "hotspots.windows.3"),
        ("resolution = 9", "resolution = 5", "hotspots.resolution"),
        ("[10, 9, 8]", "[10, 9, 6]", "hotspots.resolutions.2"),
    ],
)
def test_a_view_that_nobody_counts_is_refused(old: str, new: str, key: str) -> None:
    assert old in TEXT
    assert [problem["key"] for problem in refused(TEXT.replace(old, new)).params["problems"]] == [key]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code = "dispute.family"', 'code = "quarrel.family"', "categories.code (its class): quarrel"),
        (
            'code = "dispute.family"',
            'code = "dispute.neighbour"',
            "categories: dispute.neighbour stands more than once",
        ),
        (
            'titles = ["夫妻因家务开支争吵"',
            'aliases = ["dispute.labour"]\ntitles = ["夫妻因家务开支争吵"',
            "categories.aliases: dispute.labour stands more than once",
        ),
        ('risk = "medium"', 'risk = "grave"', "categories.risk: grave is not defined"),
        ('force_kind = "patrol"', 'force_kind = "cavalry"', "accounts.force_kind: cavalry is not defined"),
        ('force_kind = "patrol"\n', "", "accounts.force_kind: patrol is a patrol, which has to be of a force"),
        ('mode = "car"\ncolour', 'mode = "boat"\ncolour', "force_kinds.mode: boat is not defined"),
        ('windows = ["1h", "24h", ', 'windows = ["1h", ', "hotspots.window: 24h is not defined"),
        ('specialities = ["dispute.tourism"]', 'specialities = ["dispute.travel"]', "dispute.travel is not defined"),
    ],
)
def test_a_reference_to_nothing_is_refused(old: str, new: str, said: str) -> None:
    assert old in TEXT
    assert said in str(refused(TEXT.replace(old, new)))


def test_text_that_is_no_toml_is_refused_with_its_line() -> None:
    assert "line 1" in str(refused("[[["))


def test_an_unknown_time_zone_is_refused() -> None:
    error = refused(TEXT.replace("Asia/Shanghai", "Asia/Wujiang"))
    assert error.params["problems"][0]["key"] == "timezone"


def test_an_unknown_name_lists_the_known_packs() -> None:
    with pytest.raises(PackError, match="wujiang"):
        load_pack("nowhere")


def test_a_missing_file_is_refused_as_a_pack_error(tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        load_pack(str(tmp_path / "absent.toml"))
    assert caught.value.params["problems"][0]["code"] == "pack.unreadable"


def test_a_pack_is_frozen() -> None:
    pack: Pack = load_pack("wujiang")
    with pytest.raises(ValueError, match="frozen"):
        pack.timezone = "UTC"  # type: ignore[misc]
