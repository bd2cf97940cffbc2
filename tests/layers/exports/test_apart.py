"""The environment of the process that writes an export."""

import pytest

from layers.exports.apart import child_environment


def test_the_child_reads_the_cache_of_bytecode_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "/kept/bytecode")
    monkeypatch.setenv("MAPLEBRIDGE_DATABASE_URL", "postgresql://app:s3cret@db/maplebridge")
    environment = child_environment()
    assert environment["PYTHONPYCACHEPREFIX"] == "/kept/bytecode"
    assert "s3cret" not in "".join(environment.values())


def test_the_child_starts_without_a_cache_of_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    assert "PYTHONPYCACHEPREFIX" not in child_environment()
