"""Write a picture anew as JPEG, with a thumbnail. Runs in a sandboxed process.

The new file has pixels alone: no EXIF, XMP, comment, colour profile or second picture comes along. It stands upright.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from ingest.files.job_runner import run_job
from ingest.files.problems import refuse

MOST_PIXELS = 50_000_000
"""Of the picture as sent: 150 MB while it is decoded. Phones take up to 50 million."""

LONGEST_SIDE = 3508
"""Of the picture as kept: a sheet of A4 at 300 dots per inch stays readable."""

THUMBNAIL_SIDE = 320
QUALITY = 88
THUMBNAIL_QUALITY = 75


def write_picture(job: Mapping[str, Any]) -> dict[str, int]:
    """Read the picture `path` of a `format`, and write `picture` and `thumbnail`. Returns its width and height.

    The header is read first: a small file may unpack to gigabytes.
    """
    Image.MAX_IMAGE_PIXELS = None  # Ours is checked below.
    with Image.open(job["path"], formats=[job["format"]]) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise refuse("pixels", width=width, height=height, most=MOST_PIXELS)
        # A JPEG may hold further pictures for other screens, which are no frames.
        if job["format"] != "JPEG" and getattr(image, "is_animated", False):
            raise refuse("animated")
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = _on_white(ImageOps.exif_transpose(image))
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    size = upright.size
    _save(upright, job["picture"], quality=QUALITY)
    upright.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    _save(upright, job["thumbnail"], quality=THUMBNAIL_QUALITY)
    return {"width": size[0], "height": size[1]}


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGB", clear.size, "white")
    white.paste(clear, mask=clear)
    return white


def _save(image: Image.Image, path: str, *, quality: int) -> None:
    """Save the pixels; Pillow would write a comment that it has read."""
    image.info.clear()
    image.save(Path(path), "JPEG", quality=quality, optimize=True)


if __name__ == "__main__":
    sys.exit(run_job(write_picture))
