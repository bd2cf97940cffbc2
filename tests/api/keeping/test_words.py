"""The command line speaks Chinese where the terminal does: every text has its Chinese one, with the same values."""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import typer
from pydantic import ValidationError

from api.keeping.commands import COMMANDS, basemap, command_line, in_terminal_language
from api.keeping.commands.ports import OTHER_REMEDY, REMEDIES
from api.keeping.commands.refusals import WORDS, message_of
from api.keeping.commands.roads import STEPS
from api.keeping.postgres.dump import BYPASS
from api.keeping.postgres.roles import EXTENSIONS
from api.keeping.words import CHINESE, said
from api.keeping.words.help import HELP
from api.keeping.words.refused_roads import REASONS
from api.place.phrases import AS_IT_IS, BY_TYPE
from api.place.problems import PackError
from api.place.reading import SHIPPED, read_pack
from api.settings import Settings
from layers.basemap.errors import BasemapRefused
from layers.roads.errors import RoadsRefused
from tests.shared import CHECKOUT

SPEAKING = (CHECKOUT / "api", CHECKOUT / "console", CHECKOUT / "layers", CHECKOUT / "ingest")
CHINESE_LETTER = re.compile(r"[\u4e00-\u9fff]")


MESSAGE_MAKERS = ("said", "Finding", "Phrase", "bad_value")
"""Functions and classes whose first argument is a message."""


def helps(command: Any) -> Iterator[str]:
    texts = (command.help, *(getattr(parameter, "help", None) for parameter in command.params))
    yield from (" ".join(text.split()) for text in texts if text)
    for subcommand in getattr(command, "commands", {}).values():
        yield from helps(subcommand)


def whole_line() -> Any:
    return typer.main.get_command(command_line(*COMMANDS))


def literals(file: Path) -> Iterator[str]:
    """The messages and the names of findings that stand in a file."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MESSAGE_MAKERS:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant):
                yield str(first.value)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_command_and_option_has_a_chinese_help() -> None:
    assert set(helps(whole_line())) == set(HELP), "and none is left over"


def test_every_message_has_a_chinese_text() -> None:
    found = {text for folder in SPEAKING for file in folder.rglob("*.py") for text in literals(file)}
    named = {*WORDS.values(), *REMEDIES.values(), OTHER_REMEDY, BYPASS, *EXTENSIONS, *BY_TYPE.values(), AS_IT_IS}
    assert (found | named) - {""} <= set(CHINESE)


@pytest.mark.parametrize("english", CHINESE)
def test_a_chinese_message_has_the_values_of_the_english_one(english: str) -> None:
    assert fields(CHINESE[english]) == fields(english)


def test_a_chinese_terminal_gets_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert said("{username} added", username="chief") == "已新增 chief"
    assert all(CHINESE_LETTER.search(text) for text in helps(in_terminal_language(whole_line())))


def test_an_english_terminal_gets_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert said("{username} added", username="chief") == "chief added"
    assert set(helps(in_terminal_language(whole_line()))) == set(HELP)


@pytest.mark.parametrize(("locale", "speaks"), [("zh_CN.UTF-8", True), ("C.UTF-8", False)])
def test_a_packs_problems_are_in_the_terminals_language(
    locale: str, speaks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the hints and what pydantic finds: no English is left in Chinese but keys, codes and file names."""
    monkeypatch.setenv("LC_ALL", locale)
    pack = Path(shutil.copytree(SHIPPED / "wujiang", tmp_path / "place"))
    flow = pack / "flow.toml"
    wrong = flow.read_text("utf8").replace("first_response_minutes = 120", 'first_response_minutes = "soon"')
    flow.write_text(wrong, "utf8")
    with pytest.raises(PackError) as caught:
        read_pack(pack, label="place")
    lines = (message_of(caught.value) or "").splitlines()
    assert len(lines) > 1
    assert all(bool(CHINESE_LETTER.search(line)) == speaks for line in lines)
    assert lines[-1].endswith("应为数字" if speaks else "should be a number")


@pytest.mark.parametrize(("locale", "words"), [("zh_CN.UTF-8", "应为整数"), ("C.UTF-8", "should be a whole number")])
def test_a_refused_setting_is_explained_in_the_terminals_language(
    locale: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setenv("MAPLEBRIDGE_PORT", "secret")
    monkeypatch.setenv("MAPLEBRIDGE_PUBLIC_URL", "https://hall.example.cn/api")
    with pytest.raises(ValidationError) as caught:
        Settings()
    message = message_of(caught.value) or ""
    assert f"MAPLEBRIDGE_PORT{'：' if locale.startswith('zh') else ': '}{words}" in message
    assert "assets, case" in message, "the paths of the server"
    assert "secret" not in message


@pytest.mark.parametrize("english", [*REASONS.values(), *STEPS.values(), *basemap.STEPS.values()])
def test_what_is_said_of_roads_and_basemaps_has_its_chinese_with_the_same_values(english: str) -> None:
    assert CHINESE_LETTER.search(CHINESE[english]) and fields(CHINESE[english]) == fields(english)


@pytest.mark.parametrize("reason", REASONS)
def test_refused_files_say_that_the_old_roads_and_basemap_stay(reason: str) -> None:
    params = dict.fromkeys(fields(REASONS[reason]), 7)
    message = message_of(RoadsRefused(reason=reason, **params))
    assert message is not None and message.startswith("no roads were built, and those in use stay: ")
    message = message_of(BasemapRefused(reason=reason, **params))
    assert message is not None and message.startswith("no basemap was built, and the one in use stays: ")
