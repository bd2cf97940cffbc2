"""Failed commands print the problem and a remedy, and never a traceback."""

import logging
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import structlog

from api.keeping.commands import main
from api.keeping.commands.demo.lock import DemoRunning, lock_demo
from api.keeping.commands.refusals import message_of
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import OWNER, SUPERUSER, Urls, connect, conninfo_of, urls_of
from tests.api.place.broken_packs import broken_pack

Refused = Callable[..., str]
NOBODY_LISTENS = "postgresql://maplebridge_app:s3cret@127.0.0.1:1/maplebridge"


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Refused]:
    """Run a command that fails, with settings given by name, and return its output. `serve` has set up logging before
    it fails, so logging is reset afterwards.
    """
    monkeypatch.setenv("MAPLEBRIDGE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("api.keeping.commands.serve.STARTING_SECONDS", 0)

    def run(*words: str, **settings: str) -> str:
        for name, value in settings.items():
            monkeypatch.setenv(f"MAPLEBRIDGE_{name.upper()}", value)
        monkeypatch.setattr(sys, "argv", ["maplebridge", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, str)
        return ended.value.code

    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield run
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture
def here(database: Urls, monkeypatch: pytest.MonkeyPatch) -> Urls:
    """Settings of the test's own database."""
    monkeypatch.setenv("MAPLEBRIDGE_DATABASE_URL", database.app)
    monkeypatch.setenv("MAPLEBRIDGE_MIGRATION_DATABASE_URL", database.owner)
    return database


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [
        ("port", "abc", "whole number"),
        ("public_origins", "https://hall", "JSON"),
        ("log_level", "LOUD", "'DEBUG'"),
        ("database_url", "s3cret", "postgresql://name"),
        ("database_url", "mysql://anna:s3cret@db/county", "postgresql://name"),
        ("database_url", "postgresql://anna:s3cret@db:port/county", "postgresql://name"),
        ("migration_database_url", "s3cret", "postgresql://name"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(refused: Refused, setting: str, value: str, why: str) -> None:
    said = refused("doctor", **{setting: value})
    assert setting in said.lower()
    assert why in said
    assert "docs/settings.md" in said
    assert "s3cret" not in said


@pytest.mark.parametrize("words", [("users", "list"), ("migrate",), ("serve",), ("recount",), ("import", "log")])
def test_an_unreachable_database_gets_a_message(refused: Refused, words: tuple[str, ...]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    said = refused(*words, port=str(port), database_url=NOBODY_LISTENS)
    assert "Connection refused" in said
    assert "maplebridge doctor" in said
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("token", "nobody"), "no user nobody"),
        (("add", "Anna!", "--role", "operator", "--no-password"), "2 to 32"),
        (("add", "anna", "--role", "king", "--no-password"), "the roles are admin, auditor"),
    ],
)
def test_an_impossible_user_gets_a_message(refused: Refused, here: Urls, words: tuple[str, ...], said: str) -> None:
    assert said in refused("users", *words)


def test_a_weak_password_gets_a_message_with_the_requirements(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed = tmp_path / "typed"
    typed.write_text("weak\n")
    with typed.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        said = refused("users", "add", "anna", "--role", "operator")
    assert "10 to 256 characters" in said
    assert "3 of these four kinds" in said


def test_a_backup_into_a_missing_folder_names_it(refused: Refused, here: Urls, tmp_path: Path) -> None:
    assert f"{tmp_path}/nowhere" in refused("backup", str(tmp_path / "nowhere" / "county.dump"))


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_taken_port_is_reported_before_anything_is_prepared(refused: Refused, tmp_path: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused(command, port=str(port))
    assert f"127.0.0.1:{port}" in said
    assert "MAPLEBRIDGE_PORT" in said
    assert list(tmp_path.iterdir()) == []


def test_an_address_of_another_machine_is_not_reported_as_a_taken_port(refused: Refused) -> None:
    assert "MAPLEBRIDGE_HOST" in refused("serve", host="203.0.113.1")


def test_a_second_demo_in_one_folder_is_refused_and_a_later_one_is_not(tmp_path: Path) -> None:
    with lock_demo(tmp_path), pytest.raises(DemoRunning, match="MAPLEBRIDGE_DATA_DIR"), lock_demo(tmp_path):
        pass
    with lock_demo(tmp_path):
        pass


def test_missing_extensions_are_listed_with_their_statements(refused: Refused, cluster: Cluster) -> None:
    with connect(cluster.socket) as server:
        server.execute(f"CREATE DATABASE unready OWNER {OWNER}")
    urls = urls_of(cluster.socket, "unready")
    said = refused("migrate", database_url=urls.app, migration_database_url=urls.owner)
    assert "CREATE EXTENSION postgis; CREATE EXTENSION ltree;" in said


@pytest.mark.parametrize("words", [("migrate",), ("users", "list")])
def test_a_newer_programs_database_is_not_changed(refused: Refused, here: Urls, words: tuple[str, ...]) -> None:
    with psycopg.connect(f"{conninfo_of(here.owner)} user={SUPERUSER}") as server:
        server.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "install the newer program" in refused(*words)


def test_a_role_that_may_not_migrate_gets_a_message_with_the_remedy(refused: Refused, cluster: Cluster) -> None:
    with connect(cluster.socket) as server:
        server.execute(f"CREATE DATABASE foreign_hands OWNER {OWNER}")
    with connect(cluster.socket, "foreign_hands") as inside:
        for extension in ("postgis", "ltree", "btree_gist"):
            inside.execute(f"CREATE EXTENSION {extension}")
    said = refused("migrate", database_url=urls_of(cluster.socket, "foreign_hands").app)
    assert "Set MAPLEBRIDGE_MIGRATION_DATABASE_URL to the owner" in said


def test_a_full_disk_is_not_reported_as_a_wrong_address() -> None:
    assert "Make room" in str(message_of(psycopg.errors.DiskFull("could not extend file: No space left on device")))


def test_a_bug_keeps_its_traceback() -> None:
    assert message_of(psycopg.errors.UndefinedColumn("column x does not exist")) is None


def test_a_pack_says_which_of_its_keys_is_wrong(refused: Refused, tmp_path: Path) -> None:
    folder = broken_pack(
        tmp_path / "place", place=('timezone = "Asia/Shanghai"', 'colour = "red"\ntimezone = "Mars/Base"')
    )
    for words in (("demo", "--county", str(folder)), ("packs", "check", str(folder))):
        assert refused(*words) == (
            f"maplebridge: {folder}: this pack cannot be used\n"
            f"{folder}/place.toml:6: colour: there is no such key; "
            "there are: key, names, timezone, telephone, root, forces, answers, packages, reports, networks\n"
            f"{folder}/place.toml:7: timezone: not a time zone of the IANA database"
        )


def test_a_pack_without_made_up_reports_has_no_demo(refused: Refused, tmp_path: Path) -> None:
    folder = broken_pack(tmp_path / "place")
    (folder / "demo.toml").unlink()
    assert "wujiang has no traffic in a demo.toml" in refused("demo", "--county", str(folder))
