"""What was released stays as it was: a migration that databases have gone through is never edited again."""

import hashlib
import json
from pathlib import Path

from tests.shared import CHECKOUT

MIGRATIONS = CHECKOUT / "api" / "keeping" / "migrations" / "versions"
RELEASED = Path(__file__).with_name("released_migrations.json")
"""SHA-256 of each released migration. At a release: `python -m tests.house.release` adds those that are new."""


def test_no_released_migration_is_edited() -> None:
    """Mend it: take the edit back, and make it in a new migration."""
    released: dict[str, str] = json.loads(RELEASED.read_text(encoding="utf8"))
    assert {"0001_tables.py", "0002_reach.py", "0003_partitions.py", "0004_off_duty.py"} <= released.keys()
    assert released == {name: digest_of(MIGRATIONS / name) for name in released}


def digest_of(file: Path) -> str:
    """The file's SHA-256, "" where there is none."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""
