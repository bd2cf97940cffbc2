"""Configuration files of the private cluster: for a small machine, crash-safe, and without personal data in its log."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from api.keeping.postgres.roles import APP, OWNER, SUPERUSER

MAP = "maplebridge"
AUTHENTICATION = f"""\
# No TCP. The account of the server is the app role and no other; owner and superuser need the keys beside the socket.
local postgres,template0,template1 {APP} reject
local all {APP} peer map={MAP}
local all {OWNER} scram-sha-256
local all {SUPERUSER} scram-sha-256
"""

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "idle_in_transaction_session_timeout": "5min",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    # Statements and error details contain values, which may be personal data.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}

NOT_DURABLE: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Nothing is replayed from the log or sent to a copy, so it holds as little as it can.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "off",
    "max_wal_size": "256MB",
    # Each connection would load PostGIS anew, and tests make thousands of them.
    "shared_preload_libraries": "postgis-3",
}
"""For tests only: a crash of the machine would lose the cluster."""

INCLUDED = "maplebridge.conf"


def write_configuration(data: Path, *, socket: Path, accounts: Iterable[str], durable: bool) -> None:
    """Write changed configuration files at each start, so that an older cluster gets a newer Maplebridge's settings.

    `accounts` are the operating-system accounts that connect as the app role. Unchanged files are left alone, and each
    file is replaced atomically: the disk may be full.
    """
    settings = {**SETTINGS, "unix_socket_directories": f'"{socket}"', **({} if durable else NOT_DURABLE)}
    lines = [f"{name} = {_quoted(value)}\n" for name, value in settings.items()]
    _write(data / INCLUDED, "".join(lines))
    _write(data / "pg_hba.conf", AUTHENTICATION)
    _write(data / "pg_ident.conf", "".join(f'{MAP} "{account}" {APP}\n' for account in accounts))
    main = data / "postgresql.conf"
    include = f"include '{INCLUDED}'\n"
    if include not in main.read_text(encoding="utf8"):
        with main.open("a", encoding="utf8") as file:
            file.write(include)


def _write(file: Path, text: str) -> None:
    """Write a file as root that the server's account can read; the folder keeps other users out."""
    if file.exists() and file.read_text(encoding="utf8") == text:
        return
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf8")
    part.chmod(0o644)
    part.replace(file)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
