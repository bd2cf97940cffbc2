"""Commands that migrate, check, back up and restore a database."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner, Result

from api.keeping.commands import command_line
from api.keeping.commands.backup_file import BackupDamaged
from api.keeping.commands.checks import run_checks
from api.keeping.commands.database import NotMigrated, require_migrated, wait_until_reachable, with_driver
from api.keeping.commands.restore import DatabaseInUse
from api.keeping.migrations.history import current_version, newest_version
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.dump import ProgramFailed
from api.keeping.postgres.roles import (
    OWNER,
    SUPERUSER,
    Urls,
    connect,
    conninfo_of,
    conninfo_of_superuser,
    make_database,
    urls_of,
)
from api.settings import Settings
from console.attachments.byte_store import FileBytes
from geo.store import Store
from layers.basemap.archive import BasemapInfo
from tests.reporting import report
from tests.worlds import World

Call = Callable[..., Result]
EPOCH = "SELECT epoch, pos FROM feed_head"
DIVISIONS = "SELECT code, ST_AsText(geom) FROM divisions ORDER BY id"


@pytest.fixture
def call(database: Urls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """Run a command with settings of the test's own database."""
    monkeypatch.setenv("MAPLEBRIDGE_DATABASE_URL", database.app)
    monkeypatch.setenv("MAPLEBRIDGE_MIGRATION_DATABASE_URL", database.owner)
    monkeypatch.setenv("MAPLEBRIDGE_DATA_DIR", str(tmp_path))

    def call(*words: str) -> Result:
        return CliRunner().invoke(command_line(words[0]), list(words), catch_exceptions=False)

    return call


def as_superuser(url: str) -> str:
    parts = make_url(url)
    return conninfo_of_superuser(Path(str(parts.query["host"])), str(parts.database))


def asked(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(as_superuser(url)) as connection:
        return connection.execute(query).fetchall()


def beside(file: Path) -> list[str]:
    """The names in a file's folder that begin with its own."""
    return sorted(one.name for one in file.parent.glob(f"{file.name}*"))


def bad(settings: Settings) -> dict[str, str]:
    """Return failed checks of the doctor by name, with their remedies.

    Leaves out this machine's own state and the check of backups: the private cluster's owner may not make them, and its
    superuser does.
    """
    of_the_machine = {"disk", "front end", "port", "clock", "backup"}
    return {f.name: f.remedy for f in run_checks(settings) if not f.good and f.name not in of_the_machine}


def settings_for(urls: Urls) -> Settings:
    return Settings(database_url=urls.app, migration_database_url=urls.owner)


def test_an_empty_database_is_migrated_and_a_migrated_one_unchanged(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    make_database(cluster.socket, "empty")
    empty = urls_of(cluster.socket, "empty")
    monkeypatch.setenv("MAPLEBRIDGE_DATABASE_URL", empty.app)
    monkeypatch.setenv("MAPLEBRIDGE_MIGRATION_DATABASE_URL", empty.owner)
    with pytest.raises(NotMigrated, match=r"run `\./maplebridge migrate`"):
        require_migrated(empty)
    assert bad(settings_for(empty)) == {"migrations": "Run ./maplebridge migrate; demo migrates by itself."}
    assert "empty →" in call("migrate").output
    assert current_version(empty.app) == newest_version()
    assert "nothing to do" in call("migrate").output


def test_a_sound_database_passes_all_checks(database: Urls) -> None:
    assert bad(settings_for(database)) == {}


def test_a_server_waits_for_a_database_that_starts(database: Urls) -> None:
    name = str(make_url(database.owner).database)
    allow = f"ALTER DATABASE {name} ALLOW_CONNECTIONS "
    with psycopg.connect(
        conninfo_of_superuser(Path(str(make_url(database.app).query["host"]))), autocommit=True
    ) as server:
        server.execute(allow + "false")
        wait_until_reachable(database, seconds=60, pause=lambda _: server.execute(allow + "true"))
        server.execute(allow + "false")
        with pytest.raises(psycopg.OperationalError):
            wait_until_reachable(database, seconds=0)
        server.execute(allow + "true")


def test_a_plain_postgresql_url_gets_our_driver() -> None:
    assert with_driver("postgresql://anna:p%40ss@db:5433/county") == "postgresql+psycopg://anna:p%40ss@db:5433/county"


def test_the_doctor_reports_missing_extensions_and_the_remedy(cluster: Cluster) -> None:
    with connect(cluster.socket) as server:
        server.execute(f"CREATE DATABASE bare OWNER {OWNER}")
    found = bad(settings_for(urls_of(cluster.socket, "bare")))
    assert found["postgis"] == "As a superuser of this database: CREATE EXTENSION postgis;"
    assert {"ltree", "btree_gist", "migrations"} <= found.keys()


def test_the_doctor_warns_of_a_role_that_row_level_security_does_not_bind(database: Urls) -> None:
    powerful = make_url(database.owner).set(username=SUPERUSER).render_as_string()
    assert "BYPASSRLS" in bad(Settings(database_url=powerful))["role"]


def test_the_doctor_finds_a_table_without_forced_row_level_security(database: Urls) -> None:
    with psycopg.connect(as_superuser(database.app)) as server:
        server.execute("ALTER TABLE incidents NO FORCE ROW LEVEL SECURITY")
    assert bad(settings_for(database)).keys() == {"row-level security"}


def test_the_doctor_reports_an_unreachable_server(tmp_path: Path) -> None:
    away = f"postgresql://maplebridge_app@/maplebridge?host={tmp_path}"
    assert "MAPLEBRIDGE_DATABASE_URL" in bad(Settings(database_url=away))["database"]


def test_the_doctor_distinguishes_a_refused_password_from_an_unreachable_server(database: Urls) -> None:
    unknown_role = make_url(database.app).set(username="nobody").render_as_string()
    assert bad(Settings(database_url=unknown_role))["database"] == "Correct MAPLEBRIDGE_DATABASE_URL."


def test_the_doctor_checks_the_owners_url_too(database: Urls, cluster: Cluster) -> None:
    unknown_role = make_url(database.owner).set(username="nobody").render_as_string()
    elsewhere = urls_of(cluster.socket, "postgres").owner
    with connect(cluster.socket) as server:
        server.execute(f"GRANT CONNECT ON DATABASE postgres TO {OWNER}")
    for owner in (unknown_role, elsewhere):
        found = bad(Settings(database_url=database.app, migration_database_url=owner))
        assert found == {"owner": "Correct MAPLEBRIDGE_MIGRATION_DATABASE_URL."}


def test_the_doctor_reports_an_owner_that_cannot_back_up_every_row(database: Urls) -> None:
    found = {f.name: f for f in run_checks(settings_for(database))}
    assert not found["backup"].good
    assert found["backup"].remedy == f"As a superuser: ALTER ROLE {OWNER} BYPASSRLS;"


def test_the_doctor_recognises_a_newer_programs_database(database: Urls) -> None:
    with psycopg.connect(as_superuser(database.app)) as server:
        server.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "newer program" in bad(settings_for(database))["migrations"]


def test_the_doctor_finds_an_encoding_without_chinese(cluster: Cluster) -> None:
    with connect(cluster.socket) as server:
        server.execute(f"CREATE DATABASE latin OWNER {OWNER} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    assert "UTF8" in bad(settings_for(urls_of(cluster.socket, "latin")))["encoding"]


def test_the_doctor_finds_a_folder_that_is_not_writable(database: Urls, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for settings in (Settings(data_dir=file), Settings(database_url=database.app, data_dir=file)):
        found = {f.name: f.good for f in run_checks(settings)}
        assert (found["disk"], found["database"]) == (False, settings.database_url is not None)


def test_the_doctor_tells_of_the_basemap(database: Urls, tmp_path: Path) -> None:
    """None is no fault; one whose file is missing is."""
    settings = Settings(database_url=database.app, data_dir=tmp_path)
    found = {f.name: f for f in run_checks(settings)}
    assert found["basemap"].good and "basemap build" in found["basemap"].detail
    settings.basemap_dir.mkdir()
    lost = BasemapInfo(
        version="0123abcd4567",
        built_at=datetime(2026, 3, 1, tzinfo=UTC),
        data_at=None,
        origin="given",
        credit="",
        bbox=(120.6, 31.1, 120.64, 31.14),
        things=1,
        incomplete=0,
        closed=0,
    )
    lost.save(settings.basemap_dir)
    assert "basemap build" in bad(settings)["basemap"]


def test_the_doctor_exits_with_1_when_a_check_fails(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAPLEBRIDGE_STATIC_DIR", "/nowhere")
    found = call("doctor")
    assert found.exit_code == 1
    assert "BAD  front end" in found.output


@pytest.mark.usefixtures("world")
async def test_a_backup_is_restored_with_a_new_feed_epoch(
    store: Store, database: Urls, call: Call, tmp_path: Path
) -> None:
    await store.close()
    file = tmp_path / "county.backup"
    photos = FileBytes(Settings(data_dir=tmp_path).attachments_dir)
    evidence = photos.put(b"bytes of a photo")
    before = asked(database.app, DIVISIONS)
    epoch = asked(database.app, EPOCH)
    with psycopg.connect(as_superuser(database.app)) as server:
        server.execute(f"ALTER ROLE {OWNER} BYPASSRLS")
    try:
        assert call("backup", str(file)).exit_code == 0
    finally:
        with psycopg.connect(as_superuser(database.app)) as server:
            server.execute(f"ALTER ROLE {OWNER} NOBYPASSRLS")
    assert file.stat().st_mode & 0o777 == 0o600
    with psycopg.connect(as_superuser(database.app)) as server:
        server.execute("TRUNCATE divisions")
        server.execute("SELECT add_partitions('2031-01-01', 3)")
    shutil.rmtree(tmp_path / "attachments")
    assert call("restore", str(file)).exit_code == 0
    assert asked(database.app, DIVISIONS) == before
    assert asked(database.app, EPOCH) != epoch
    assert bad(settings_for(database)) == {}
    assert photos.get(evidence) == b"bytes of a photo"
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"bytes of a photo", b"bytes of another"))
    with pytest.raises(BackupDamaged, match="The database was not changed"):
        call("restore", str(file))
    assert beside(file) == [file.name]


def test_a_role_that_cannot_read_every_row_gets_no_backup(call: Call, tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="BYPASSRLS"):
        call("backup", str(tmp_path / "half.dump"))
    assert list(tmp_path.iterdir()) == []


def test_restoring_is_refused_while_a_server_runs(database: Urls, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "county.dump"
    file.touch()
    with psycopg.connect(conninfo_of(database.app)), pytest.raises(DatabaseInUse):
        call("restore", str(file))


def test_restoring_another_file_changes_nothing(database: Urls, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "county.dump"
    file.write_text("not a dump")
    with pytest.raises(ProgramFailed, match="Nothing was changed"):
        call("restore", str(file))
    assert bad(settings_for(database)) == {}


async def test_a_recount_corrects_wrong_counts(call: Call, world: World, store: Store, database: Urls) -> None:
    await report(store, world, world.micro_grids()[0])
    assert asked(database.app, "SELECT n FROM cell_counts") == []
    result = await asyncio.to_thread(call, "recount")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "1")
    assert asked(database.app, "SELECT n FROM cell_counts") == [(1,)]
