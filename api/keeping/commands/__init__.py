"""The command line: one file per command, combined here."""

import gc
import sys
from collections.abc import Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any

import typer

from api.keeping.commands.refusals import REFUSALS, message_of
from api.keeping.words import translated_help

COMMANDS = MappingProxyType(
    {
        "demo": "demo",
        "serve": "serve",
        "migrate": "migrate",
        "doctor": "doctor",
        "users": "users",
        "packs": "packs",
        "roads": "roads",
        "basemap": "basemap",
        "import": "importing",
        "export": "export",
        "simulate": "simulate",
        "replay": "replay",
        "backup": "backup",
        "restore": "restore",
        "recount": "recount",
        "openapi": "openapi",
    }
)
"""File of each command in this folder. It has `app`, a Typer of subcommands, or a function with the file's name."""

INTERRUPTED = 130
"""Exit status by which shells report Ctrl-C."""


def command_line(*names: str) -> typer.Typer:
    """Build the command line of these commands. Only their files are imported: some imports take seconds."""
    line = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @line.callback()
    def maplebridge() -> None:
        """Situational awareness and dispatch for a county's 综治中心. Settings are MAPLEBRIDGE_* variables."""

    for name in names:
        module = import_module(f"api.keeping.commands.{COMMANDS[name]}")
        if isinstance(subcommands := getattr(module, "app", None), typer.Typer):
            line.add_typer(subcommands, name=name)
        else:
            line.command(name)(getattr(module, COMMANDS[name]))
    return line


def in_terminal_language(command: Any) -> Any:
    """Put the help of a command, its options and subcommands into the terminal's language."""
    if command.help:
        command.help = translated_help(command.help)
    for parameter in command.params:
        text = getattr(parameter, "help", None)
        if text:
            parameter.help = translated_help(text)
    for subcommand in getattr(command, "commands", {}).values():
        in_terminal_language(subcommand)
    return command


def _loaded(requested: Sequence[str]) -> typer.Typer:
    """Build the command line without garbage collection: what is imported stays, and looking through it again and
    again takes a seventh of a start.
    """
    gc.disable()
    try:
        return command_line(*(requested or COMMANDS))
    finally:
        gc.freeze()
        gc.enable()


def main() -> None:
    """Run the requested command. A refusal prints a message without a traceback and exits with code 1."""
    requested = [word for word in sys.argv[1:2] if word in COMMANDS]
    try:
        in_terminal_language(typer.main.get_command(_loaded(requested)))(prog_name="maplebridge")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except REFUSALS as refusal:
        message = message_of(refusal)
        if message is None:
            raise
        sys.exit(f"maplebridge: {message}")
