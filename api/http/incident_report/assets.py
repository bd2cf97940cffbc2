"""What the front end's build gives to reports: the words of the screens, and the font, cut to the letters in use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import ClassVar, Literal

import orjson
from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from geo.errors import ErrorKind, MaplebridgeError

Lang = Literal["zh", "en"]
Ranges = tuple[tuple[int, int], ...]

FOLDER = "incident-report"
WEIGHT = 430
"""A little more than regular: printers thin the strokes."""
DROPPED = ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx")
"""Tables of a font that a line of plain text does without."""


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
class Assets:
    """The folder of the font's parts, the letters that each part has, and the words by language."""

    folder: Path
    parts: Mapping[str, Ranges]
    words: Mapping[str, Words]


@cache
def read_assets(static_dir: Path) -> Assets:
    """Read what the build has put there. Raises `ReportAssetsMissing`."""
    folder = static_dir / FOLDER
    try:
        found = orjson.loads((folder / "report.json").read_bytes())
    except FileNotFoundError as error:
        raise ReportAssetsMissing from error
    parts = {name: _ranges(text) for name, text in found["parts"].items()}
    return Assets(folder, parts, {lang: Words(words) for lang, words in found["words"].items()})


def _ranges(text: str) -> Ranges:
    """Parse a `unicode-range` of CSS: `U+4e00-4e0f,U+ff0c`."""
    bounds = (part.strip().removeprefix("U+").partition("-") for part in text.split(","))
    return tuple((int(first, 16), int(last or first, 16)) for first, _, last in bounds)


def font_of(assets: Assets, letters: Iterable[str]) -> bytes:
    """Return a TrueType font with these letters, as far as the bundled one has them."""
    wanted = {ord(letter) for letter in letters}
    cut: list[BytesIO | str] = []
    for name, ranges in assets.parts.items():
        inside = {code for code in wanted if any(first <= code <= last for first, last in ranges)}
        wanted -= inside
        if inside:
            cut.append(BytesIO(_cut(assets.folder / name, inside)))
    return _bytes_of(Merger().merge(cut))


def _cut(file: Path, codes: set[int]) -> bytes:
    """Cut a part of the variable font to these letters, then to one weight: few outlines take little time."""
    with TTFont(BytesIO(file.read_bytes())) as font:
        options = Options()
        options.layout_features = []
        options.drop_tables += DROPPED
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=codes)
        subsetter.subset(font)
        instantiateVariableFont(font, {"wght": WEIGHT}, inplace=True)
        font.flavor = None
        return _bytes_of(font)


def _bytes_of(font: TTFont) -> bytes:
    made = BytesIO()
    font.save(made)
    return made.getvalue()
