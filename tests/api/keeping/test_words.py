"""The command line speaks Chinese where the terminal does: every text has its Chinese one, with the same values."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import typer

from api.keeping.commands import COMMANDS, command_line, in_terminal_language
from api.keeping.commands.ports import OTHER_REMEDY, REMEDIES
from api.keeping.commands.refusals import WORDS
from api.keeping.postgres.dump import BYPASS
from api.keeping.postgres.roles import EXTENSIONS
from api.keeping.words import said
from api.keeping.words.help import HELP
from api.keeping.words.messages import MESSAGES
from tests.shared import CHECKOUT

KEEPING = CHECKOUT / "api" / "keeping"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


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
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("said", "Finding"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant):
                yield str(first.value)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_command_and_option_has_a_chinese_help() -> None:
    assert set(helps(whole_line())) == set(HELP), "and none is left over"


def test_every_message_has_a_chinese_text() -> None:
    found = {text for file in KEEPING.rglob("*.py") for text in literals(file)}
    named = {*WORDS.values(), *REMEDIES.values(), OTHER_REMEDY, BYPASS, *EXTENSIONS}
    assert found | named <= set(MESSAGES)


@pytest.mark.parametrize("english", MESSAGES)
def test_a_chinese_message_has_the_values_of_the_english_one(english: str) -> None:
    assert fields(MESSAGES[english]) == fields(english)


def test_a_chinese_terminal_gets_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert said("{username} added", username="chief") == "已新增 chief"
    assert all(CHINESE.search(text) for text in helps(in_terminal_language(whole_line())))


def test_an_english_terminal_gets_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert said("{username} added", username="chief") == "chief added"
    assert set(helps(in_terminal_language(whole_line()))) == set(HELP)
