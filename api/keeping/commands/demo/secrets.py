"""Passwords of a demo's accounts: generated once, kept in a file that only its owner can read, printed at each
start.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True)
class DemoSecrets:
    """Passwords by username, and whether the demo's history has been sent."""

    file: Path
    passwords: dict[str, str] = field(default_factory=dict)
    has_history: bool = False

    @classmethod
    def read(cls, file: Path) -> "DemoSecrets":
        """Read the file; empty when there is none yet."""
        if not file.exists():
            return cls(file)
        kept = json.loads(file.read_text(encoding="utf8"))
        return cls(file, passwords=kept["passwords"], has_history=kept["has_history"])

    def add_missing(self, usernames: Iterable[str]) -> list[str]:
        """Generate and save the missing passwords, and return the usernames that got one."""
        new = [name for name in usernames if name not in self.passwords]
        self.passwords |= {name: new_password() for name in new}
        self.save()
        return new

    def save(self) -> None:
        """Write the file atomically, readable by its owner only."""
        part = self.file.with_suffix(".part")
        kept = {name: value for name, value in asdict(self).items() if name != "file"}
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        part.write_text(json.dumps(kept, indent=2), encoding="utf8")
        part.replace(self.file)


def new_password() -> str:
    """Generate a password of 72 random bits with all required classes of characters."""
    return f"Mb-{secrets.token_urlsafe(9)}"
