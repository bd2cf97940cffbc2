"""Assets of reports from the front end's build: the words of the screens, and the parts of the font."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import orjson

from geo.errors import ErrorKind, MaplebridgeError

Ranges = tuple[tuple[int, int], ...]

FOLDER = "incident-report"


class ReportAssetsMissing(MaplebridgeError):
    """The front end, which ships the font and the words of reports, has not been built."""

    code: ClassVar[str] = "report.assets_missing"
    kind = ErrorKind.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the screens in one language."""

    by_key: Mapping[str, str]

    def __call__(self, key: str, **params: str) -> str:
        """Return the words for a key of the screens, with its parameters; the key itself where there are none."""
        words = self.by_key.get(key, key)
        for name, value in params.items():
            words = words.replace(f"{{{name}}}", value)
        return words

    def code(self, group: str, code: str) -> str:
        """Return the words for a code of a group, the code itself where there are none."""
        return self.by_key.get(f"{group}.{code}", code)


@dataclass(frozen=True, slots=True)
class FontParts:
    """The folder of the bundled font's parts, and the letters that each part has."""

    folder: Path
    letters: Mapping[str, Ranges]


@dataclass(frozen=True, slots=True)
class Assets:
    """The font, and the words by language."""

    font: FontParts
    words: Mapping[str, Words]


@cache
def read_assets(static_dir: Path) -> Assets:
    """Read what the build has put there. Raises `ReportAssetsMissing`."""
    folder = static_dir / FOLDER
    try:
        found = orjson.loads((folder / "report.json").read_bytes())
    except FileNotFoundError as error:
        raise ReportAssetsMissing from error
    letters = {name: _ranges(text) for name, text in found["parts"].items()}
    return Assets(FontParts(folder, letters), {lang: Words(words) for lang, words in found["words"].items()})


def _ranges(text: str) -> Ranges:
    """Parse a `unicode-range` of CSS: `U+4e00-4e0f,U+ff0c`."""
    bounds = (part.strip().removeprefix("U+").partition("-") for part in text.split(","))
    return tuple((int(first, 16), int(last or first, 16)) for first, _, last in bounds)
