"""The launcher keeps bytecode, so that the next start is quick."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import CHECKOUT

LOCK = "requirements.lock"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that is set up: links to this one's parts, in a folder with its own state."""
    setup = tmp_path / ".maplebridge" / "setup"
    setup.mkdir(parents=True)
    for file in ("maplebridge", LOCK):
        shutil.copy2(CHECKOUT / file, tmp_path / file)
    for room in ("api", "console", "geo", "ingest", "layers"):
        (tmp_path / room).symlink_to(CHECKOUT / room)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (setup / "packages.stamp").write_text(hashlib.sha256((tmp_path / LOCK).read_bytes()).hexdigest())
    return tmp_path


def test_bytecode_is_kept_even_with_pythondontwritebytecode(checkout: Path) -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([checkout / "maplebridge", "--help"], env=environment, check=True, capture_output=True)
    kept = {file.name.partition(".")[0] for file in (checkout / ".maplebridge/setup/bytecode").rglob("*.pyc")}
    assert "serve" in kept
