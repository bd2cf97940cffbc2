"""An invalid pack is refused with every problem, by file and line, each with what to do."""

from pathlib import Path

import pytest

from api.place.problems import PackError
from api.place.reading import read_pack
from tests.api.place.broken_packs import broken_pack, pack_error, text_of, texts_of


def line_in(file: str, text: str) -> int:
    """Return the line, from 1, of a text's first occurrence in a file of the shipped pack."""
    return text_of(file)[: text_of(file).index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "message"),
    [
        (
            "flow",
            "metres = 150",
            "meters = 150",
            "metres = 150",
            "incidents.duplicates.meters: there is no such key; did you mean metres?",
        ),
        (
            "flow",
            "metres = 150",
            "metres = -1",
            "metres = 150",
            "incidents.duplicates.metres: should be greater than 0",
        ),
        (
            "place",
            '{ zh = "吴江区", en = "Wujiang District" }',
            '{ zh = "吴江区" }',
            '{ zh = "吴江区", en = "Wujiang District" }',
            "root.names.en: this key is missing: add it",
        ),
        (
            "place",
            '{ zh = "吴江区", en = "Wujiang District" }',
            '"Wujiang District"',
            '{ zh = "吴江区", en = "Wujiang District" }',
            "root.names: should be a table: { zh = …, en = … }",
        ),
        (
            "place",
            'zh = "吴江区"',
            'zh = ""',
            'zh = "吴江区"',
            "root.names.zh: this is empty: fill it in",
        ),
        (
            "place",
            "Asia/Shanghai",
            "Asia/Wujiang",
            "Asia/Shanghai",
            "timezone: not a time zone of the IANA database",
        ),
        (
            "place",
            "[root]\n",
            "[dispatch]\ntask_today = 3\n\n[root]\n",
            "[root]\n",
            "dispatch: there is no such key; it belongs in flow.toml",
        ),
        (
            "demo",
            'role = "clerk"',
            'role = "king"',
            'role = "clerk"',
            (
                "accounts.4.role: there is no such role; there are: operator, patrol, planner, clerk, handler, "
                "interviewer, leader, supervisor, admin, auditor, source, gateway, wall"
            ),
        ),
        ("flow", 'window = "24h"', 'window = "3d"', 'window = "24h"', None),
        ("flow", '"7d", "28d"]', '"7d", "3d"]', '"7d", "28d"]', None),
        ("flow", "resolution = 9", "resolution = 5", "resolution = 9", None),
        ("flow", "[10, 9, 8]", "[10, 9, 6]", "[10, 9, 8]", None),
    ],
)
def test_a_wrong_key_or_value_is_named_with_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, at: str, message: str | None
) -> None:
    [text] = texts_of(pack_error(tmp_path, **{file: (old, new)}))
    where = f"place/{file}.toml:{line_in(f'{file}.toml', at)}: "
    assert text.startswith(where)
    assert message is None or text == where + message


@pytest.mark.parametrize(
    ("file", "old", "new", "below", "message"),
    [
        (
            "flow",
            'code = "dispute.family"',
            'code = "quarrel.family"',
            0,
            (
                "incidents.categories.0.code: quarrel is not among incidents.classes; "
                "there are: dispute, hazard, errand, opinion"
            ),
        ),
        (
            "flow",
            'code = "dispute.contract"',
            'code = "dispute.housing"',
            -1,
            "incidents.categories.3: dispute.housing stands more than once: leave one of them",
        ),
        (
            "flow",
            'code = "dispute.housing"',
            'code = "dispute.housing"\naliases = ["dispute.labour"]',
            1,
            "incidents.categories.2.aliases.0: dispute.labour stands for dispute.labour already: let it stand once",
        ),
        (
            "flow",
            'risk = "medium"',
            'risk = "mediun"',
            0,
            "incidents.categories.9.risk: mediun is not among incidents.risks; did you mean medium?",
        ),
        (
            "flow",
            'level = "village"',
            'level = "city"',
            0,
            ("incidents.risks.0.level: city is not among root.levels; did you mean county?"),
        ),
        (
            "flow",
            'windows = ["1h", "24h", ',
            'windows = ["1h", ',
            1,
            "hotspots.window: 24h is not among hotspots.windows; there are: 1h, 7d, 28d",
        ),
        (
            "place",
            'mode = "car"',
            'mode = "boat"',
            0,
            "forces.kinds.1.mode: boat is not among dispatch.travel; there are: walk, ebike, car",
        ),
        (
            "place",
            'level = "grid"',
            'level = "city"',
            -4,
            "root.levels: no level below the root is grid: add it, or call the smallest areas so",
        ),
        (
            "demo",
            'force_kind = "patrol"',
            'force_kind = "patrols"',
            0,
            "accounts.2.force_kind: patrols is not among forces.kinds; did you mean patrol?",
        ),
        ("demo", 'force_kind = "patrol"\n', "", -5, "accounts.2: a patrol needs a force: add its force_kind"),
        (
            "demo",
            'specialities = ["dispute.tourism"]',
            'specialities = ["dispute.travel"]',
            0,
            (
                "generator.staff.rotating.5.specialities.0: dispute.travel is not among incidents.categories or "
                "classes; did you mean dispute.traffic?"
            ),
        ),
        (
            "demo",
            "low = 0.86",
            "lower = 0.86",
            0,
            "traffic.risk_shares.lower: lower is not among incidents.risks; did you mean low?",
        ),
        (
            "demo",
            "hotline = 0.24",
            "fax = 0.24",
            0,
            (
                "traffic.source_shares.fax: fax is not among reports.sources; "
                "there are: grid_app, hotline, police, window, mini_program"
            ),
        ),
        (
            "demo",
            "languages = { wu = 0.62",
            "languages = { min = 0.62",
            0,
            (
                "generator.staff.languages.min: min is not among forces.languages; "
                "there are: wu, jianghuai, zhongyuan, southwestern, sign"
            ),
        ),
    ],
)
def test_undefined_and_repeated_codes_are_named_with_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, below: int, message: str
) -> None:
    problems = texts_of(pack_error(tmp_path, **{file: (old, new)}))
    assert f"place/{file}.toml:{line_in(f'{file}.toml', old) + below}: {message}" in problems


def test_problems_of_all_files_are_reported_together(tmp_path: Path) -> None:
    error = pack_error(
        tmp_path,
        place=("Asia/Shanghai", "Mars/Base"),
        flow=('prefix = "WJ"', 'prefix = "吴江"'),
        demo=("households = 560000", "households = -1"),
    )
    keys = [(problem["file"], problem["key"]) for problem in error.params["problems"]]
    assert keys == [
        ("place/demo.toml", "generator.households"),
        ("place/flow.toml", "incidents.case_code.prefix"),
        ("place/place.toml", "timezone"),
    ]
    assert str(error).startswith("place: this pack cannot be used\nplace/demo.toml:")


def test_invalid_toml_is_reported_with_its_line(tmp_path: Path) -> None:
    [text] = texts_of(pack_error(tmp_path, demo=("[traffic]", "[traffic")))
    line = line_in("demo.toml", "[traffic]")
    assert text == f"place/demo.toml:{line}: no TOML: Expected ']' at the end of a table declaration"


def test_a_file_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    folder = broken_pack(tmp_path)
    (folder / "flow.toml").write_bytes("[incidents] # 枫桥".encode("gb18030"))
    with pytest.raises(PackError, match=r"place/flow\.toml: this is no UTF-8 text: save it as such"):
        read_pack(folder, label="place")
