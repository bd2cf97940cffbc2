"""A case flow that does not fit together is refused, by file and line."""

import re
import tomllib
from pathlib import Path

import pytest

from api.place.problems import PackError
from api.place.reading import read_pack
from console.flow.case_checks import faults_of
from console.flow.case_terms import CaseTerms
from tests.api.place.broken_packs import broken_pack, pack_error, text_of, texts_of
from tests.shared import CHECKOUT

PACKS = CHECKOUT / "api" / "place" / "packs"
I18N = CHECKOUT / "static" / "src" / "i18n"

HANDLER = 'code = "handler"\nnames = { zh = "承办单位", en = "Handling unit" }\n'
ACCEPT_ORDER = 'code = "accept_order"\n'
OVERDUE = ACCEPT_ORDER + 'overdue = {{ move = "{}" }}\n'
RULES = text_of("flow.toml")[text_of("flow.toml").index('source = { kind = "rule"') :].partition("\n")[0]
FLOWS: list[tuple[str, str, str]] = [
    ('dissatisfied_to = "mending"\n', "", "mending cannot be reached in the flow dispute"),
    ('step = "reception"\n', 'step = "arrival"\n', "arrival is not among case.steps"),
    ('by = ["interviewer"]', 'by = ["nobody"]', "nobody is not among case.roles"),
    (
        f'{HANDLER}access = ["handler", "operator", "clerk"]',
        f'{HANDLER}posts = ["judge"]',
        "judge is not among titles",
    ),
    (f'{HANDLER}access = ["handler", "operator", "clerk"]', HANDLER, "nobody has this role"),
    (f'{HANDLER}access = ["handler",', f'{HANDLER}access = ["wall",', "accounts of the role wall move no cases"),
    ('names = { zh = "已派单", en = "Routed" }', 'names = { zh = "已派单" }', "names.en: this key is missing"),
    ('kind = "stand_down"\n', 'kind = "stand_up"\n', "should be one of"),
    ("checked = true\n", "reviewed = true\n", "there is no such key"),
    (f'starts = "stage"\n{RULES}', 'starts = "stage"\n', "clocks.limits.0.source: this key is missing"),
    (RULES, RULES.replace("cite", "cites"), "clocks.limits.0.source.cites: there is no such key"),
    (RULES, f"statutory = true\n{RULES}", "a statutory limit has a law as its source"),
    ("longest_days = 90", "longest_days = 0", "case.pause.longest_days"),
    ("longest_days = 90", "shortest_days = 9", "there is no such key"),
    (ACCEPT_ORDER, OVERDUE.format("fly"), "fly is not among case.moves"),
    (ACCEPT_ORDER, OVERDUE.format("dispatch"), "only these kinds are made by the server"),
    (ACCEPT_ORDER, OVERDUE.format("escalate"), "the field reason of the move escalate"),
]
AT_DESK = 'lanes = ["easy"]\nwaits = true\n'
TAKEN_UP = '"suspended", "feedback", "mending"]\nto = "handling"\nby = ["above"]'
CHECKED = 'by = ["checker"]\nchecked = true\nconditions = ["nobody_on_site", "parts_done"]'
RESUMED = 'leaves = ["suspended"]\nby = ["handler", "supervision"]'
CALLED = 'leaves = ["handling"]\nby = ["handler"]\nform = [\n  { code = "units"'
STUCK: list[tuple[str, str, str]] = [
    (AT_DESK, 'lanes = ["easy", "urgent"]\n', "checks closings of the lane urgent, and this one passes over it"),
    (AT_DESK, "", "checks closings of the lane joint, and this one passes over it"),
    (RESUMED, f'{RESUMED}\nlanes = ["easy"]', "in suspended nobody leads a case on to an end"),
    (CALLED, CALLED.replace("handling", "routed"), "units are called at routed"),
    (
        'by = ["receiver"]\n\n[[case.moves]]\ncode = "return"',
        'by = ["receiver"]\nlanes = ["easy"]\n\n[[case.moves]]\ncode = "return"',
        "no accept move is in the flow dispute, lane joint",
    ),
    (CHECKED, CHECKED.replace('["nobody', '["followed_up", "nobody'), "nobody is asked in feedback"),
]


NOTE = '{ code = "note", names = { zh = "派单意见", en = "Note" }'
IMPOSSIBLE: list[tuple[str, str, str]] = [
    ('zh = "派单", en = "Route"', 'zh = "派单", en = " "', "names.en: this is empty"),
    ('where = ["receiver", "owner"]', 'where = ["first_receiver"]', "nobody can make a accept move"),
    ('where = ["joined"]', 'where = ["owner"]', "nobody can make a answer move"),
    (
        'code = "above"\nnames = { zh = "上级中心", en = "Centre above" }\n',
        'code = "above"\nnames = { zh = "上级中心", en = "Centre above" }\nlevels = ["village"]\n',
        "no case is below the lowest level",
    ),
    (
        'leaves = ["received", "routed", "handling"]\nto = "handling"\nby = ["receiver"]',
        'leaves = ["received"]\nto = "handling"\nby = ["receiver"]',
        "the case is handed over at routed",
    ),
    (NOTE, NOTE.replace('"note"', '"party_known"'), "this name is taken by another field"),
    ('code = "attitude"', 'code = "reached"', "this name is taken by another field"),
    ('code = "attitude"', 'code = "refused"', "this name is taken by another field"),
    ("least = 1, most = 30", "least = 31, most = 30", "no number is from 31.0 to 30.0"),
    ('satisfied = "no"', 'satisfied = "partly"', "no answer of the follow-up is dissatisfied"),
    ('desk_close = { move = "close_at_desk"', 'desk_close = { move = "triage"', "a move of the kind close is wanted"),
    ('type = "unit" },\n', 'type = "unit", unit_kinds = ["moon"] },\n', "moon is not among unit_kinds"),
    (
        f'{HANDLER}access = ["handler", "operator", "clerk"]',
        f'{HANDLER}duties = ["head"]\nunit_kinds = ["department"]\nlevels = ["village"]',
        "no staff in register.toml has such a post",
    ),
    (
        'stages = ["mending"]\nclocks = [{ clock = "mending" }]',
        'stages = ["suspended"]\nclocks = [{ clock = "close.joint" }]',
        "a pause stops this clock",
    ),
    (
        'code = "hazard"\nnames = { zh = "安全隐患", en = "Hazards" }\nclasses = ["hazard"]\nstages',
        'code = "hazard"\nnames = { zh = "安全隐患", en = "Hazards" }\nclasses = ["dispute"]\nstages',
        "an earlier flow fits every incident of this one",
    ),
]


def test_a_pause_that_stops_no_clock_is_refused(tmp_path: Path) -> None:
    folder = broken_pack(tmp_path / "place")
    flow = folder / "flow.toml"
    flow.write_text(flow.read_text("utf-8").replace("pausable = true", "pausable = false"), "utf-8")
    with pytest.raises(PackError, match="no clock allows a pause move"):
        read_pack(folder, label="place")


def test_a_longest_pause_of_a_place_that_pauses_nothing_is_refused() -> None:
    flow = tomllib.loads(text_of("flow.toml"))["case"]
    moves = [move for move in flow["moves"] if move["kind"] not in ("pause", "resume")]
    terms = CaseTerms.model_validate(flow | {"moves": moves})
    found = [one.key for one in faults_of(terms, classes=(), categories=(), risks=()) if one.key == ("pause",)]
    assert found == [("pause",)]


@pytest.mark.parametrize(("right", "wrong", "said"), FLOWS + IMPOSSIBLE + STUCK)
def test_a_flow_that_does_not_fit_together_is_refused_by_file_and_line(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert right in text_of("flow.toml")
    texts = texts_of(pack_error(tmp_path / "place", flow=(right, wrong)))
    found = [text for text in texts if said in text]
    assert found and all(text.startswith("place/flow.toml:") for text in found), texts


@pytest.mark.parametrize("flow", sorted(PACKS.glob("*/flow.toml")), ids=lambda flow: flow.parent.name)
def test_a_record_tells_the_moves_of_a_case_from_what_its_force_does(flow: Path) -> None:
    case = tomllib.loads(flow.read_text("utf-8"))["case"]
    moves = {move["names"]["zh"] for move in case["moves"]}
    of_forces = set(re.findall(r'"timeline\.task\.\w+": "(.+?)"', (I18N / "zh.ts").read_text("utf-8")))
    assert len(of_forces) > 5
    assert not moves & of_forces


def test_a_post_without_its_unit_and_a_lane_that_nothing_reaches_are_refused(tmp_path: Path) -> None:
    folder = broken_pack(tmp_path / "place")
    flow = folder / "flow.toml"
    text = flow.read_text("utf-8")
    lane = '[[case.lanes]]\ncode = "joint"\n'
    text = text.replace(lane, f'[[case.lanes]]\ncode = "again"\nnames = {{ zh = "再办", en = "Again" }}\n\n{lane}', 1)
    text = text.replace('type = "choice", of = "lanes"', 'type = "text"').replace(
        'code = "lane", names', 'code = "way2", names'
    )
    post = '{ code = "post", names = { zh = "人", en = "Person" }, type = "post" },\n'
    said = '  { code = "note", names = { zh = "联办要求", en = "Request" } },\n'
    assert said in text
    flow.write_text(text.replace(said, f"{said}  {post}", 1), "utf-8")
    with pytest.raises(PackError) as caught:
        read_pack(folder, label="place")
    found = texts_of(caught.value)
    assert any("no incident comes into the lane joint" in one for one in found), found
    assert any("add the field unit" in one for one in found), found
    assert all(one.startswith("place/flow.toml:") for one in found), found


def test_a_stage_in_which_nobody_but_the_unit_leads_a_case_on_is_refused(tmp_path: Path) -> None:
    folder = broken_pack(tmp_path / "place")
    flow = folder / "flow.toml"
    text = flow.read_text("utf-8")
    closed = 'leaves = ["feedback", "mending"]\nto = "closed"\nby = ["above", "supervision"]'
    for right in (TAKEN_UP, closed):
        assert text.count(right) == 1
        text = text.replace(right, right.replace(', "mending"', ""))
    flow.write_text(text, "utf-8")
    with pytest.raises(PackError) as caught:
        read_pack(folder, label="place")
    found = [one for one in texts_of(caught.value) if "in mending only the unit that has the case leads it on" in one]
    assert found and all(one.startswith("place/flow.toml:") for one in found), texts_of(caught.value)


def test_an_account_in_a_unit_that_no_rule_lays_out_is_refused(tmp_path: Path) -> None:
    unit = next(line for line in text_of("demo.toml").splitlines() if line.startswith("unit = "))
    [said] = texts_of(pack_error(tmp_path / "place", demo=(unit, 'unit = "C320509.moon"')))
    assert said.startswith("place/demo.toml:") and "no rule of register.toml lays out the unit C320509.moon" in said


def test_a_form_that_offers_a_kind_of_which_there_is_no_unit_is_refused(tmp_path: Path) -> None:
    kind = '[[unit_kinds]]\ncode = "moon"\nnames = { zh = "月", en = "Moon" }\n\n[[unit_kinds]]\ncode = "pool"'
    changes = {
        "register": ('[[unit_kinds]]\ncode = "pool"', kind),
        "flow": ('type = "unit" },\n', 'type = "unit", unit_kinds = ["moon"] },\n'),
    }
    [said] = texts_of(pack_error(tmp_path / "place", **changes))
    assert said.startswith("place/flow.toml:") and "no unit in register.toml is of the kind moon" in said
