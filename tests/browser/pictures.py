"""Pictures of the screens for the guide and the READMEs, taken while a browser walks through them."""

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.async_api import Page

from tests.shared import CHECKOUT

PICTURES = (
    "hall", "candidates", "sent", "units", "new", "hotspots", "palette", "patrol-task", "patrol-finish", "wall",
    "start", "desk", "board",
)  # fmt: skip
"""All that a walk takes, in each language."""

FOLDER = CHECKOUT / "docs" / "images" / "guide"
MOST_BYTES = 150_000

SETTLING_MS = 8_000
"""Until tiles have come and nothing fades or moves any more, on a machine that draws by software."""
PATIENCE_MS = 180_000
QUALITIES = (82, 70, 55, 40)


def file_of(name: str, lang: str) -> str:
    return f"{name}-{lang}.webp"


@dataclass(slots=True)
class Album:
    """The pictures of one walk, in one language."""

    lang: str
    folder: Path = FOLDER
    taken: set[str] = field(default_factory=set)

    async def take(self, page: Page, name: str) -> None:
        assert name in PICTURES, name
        await page.wait_for_timeout(SETTLING_MS)
        png = await page.screenshot(timeout=PATIENCE_MS)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / file_of(name, self.lang)).write_bytes(packed(png))
        self.taken.add(name)

    def check(self) -> None:
        assert self.taken == set(PICTURES), set(PICTURES) - self.taken


def packed(png: bytes) -> bytes:
    """The same picture as WebP, of the best quality that is small enough."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in QUALITIES:
        bytes_ = io.BytesIO()
        picture.save(bytes_, "WEBP", quality=quality, method=6)
        if bytes_.tell() <= MOST_BYTES:
            return bytes_.getvalue()
    raise AssertionError(f"larger than {MOST_BYTES} bytes at every quality")
