"""The pages of docs/clients that tell how a phone is set up, and the blocks in them."""

import re
from pathlib import Path

from tests.shared import CHECKOUT

PAGES = [
    CHECKOUT / "docs" / "clients" / f"{name}.md"
    for name in (
        "background-geolocation",
        "gpslogger",
        "home-assistant",
        "osmand",
        "overland",
        "owntracks",
        "traccar-client",
    )
]


def blocks(page: Path, kind: str) -> list[str]:
    """Return the blocks of a page that are marked as an `address` or as `http`."""
    return re.findall(rf"^```{kind}\n(.*?)^```", page.read_text(encoding="utf8"), flags=re.MULTILINE | re.DOTALL)
