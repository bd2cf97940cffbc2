"""Write down the migrations that a release ships, so that none of them is edited afterwards.

python -m tests.house.release
"""

import json
import sys

from tests.house.test_releases import MIGRATIONS, RELEASED, digest_of


def main() -> None:
    """Add what is new to the list; what stands there is kept as it is."""
    known: dict[str, str] = json.loads(RELEASED.read_text(encoding="utf8"))
    found = {file.name: digest_of(file) for file in sorted(MIGRATIONS.glob("0*.py"))}
    RELEASED.write_text(json.dumps(found | known, indent=2, sort_keys=True) + "\n", encoding="utf8")
    sys.stdout.write("".join(f"{name}\n" for name in sorted(found.keys() - known.keys())))


if __name__ == "__main__":
    main()
