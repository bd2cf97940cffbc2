"""The command line. One file per command, named for it; this file only puts them together."""

import sys
from importlib import import_module
from types import MappingProxyType

import typer

from api.keeping.commands.refusals import REFUSALS, told

COMMANDS = MappingProxyType(
    {
        "demo": "demo",
        "serve": "serve",
        "migrate": "migrate",
        "doctor": "doctor",
        "users": "users",
        "import": "importing",
        "simulate": "simulate",
        "replay": "replay",
        "backup": "backup",
        "restore": "restore",
        "recount": "recount",
        "openapi": "openapi",
    }
)
"""Each command's file in this folder. A file has `app`, a Typer of subcommands, or a function named as the file is."""

INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""


def command_line(*names: str) -> typer.Typer:
    """The commands of those names. Only their files are imported: some take seconds, and `doctor` should not."""
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


def main() -> None:
    """Run the command that was asked for. A refusal is told in plain words, without a traceback, with exit code 1."""
    asked = [word for word in sys.argv[1:2] if word in COMMANDS]
    try:
        command_line(*(asked or COMMANDS))(prog_name="maplebridge")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except REFUSALS as refusal:
        words = told(refusal)
        if words is None:
            raise
        sys.exit(f"maplebridge: {words}")
