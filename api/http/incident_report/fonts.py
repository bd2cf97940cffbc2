"""Cut the bundled font to the letters in use, so that a report carries a few kilobytes of it."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from api.http.incident_report.assets import FontParts
from api.http.incident_report.rare_letters import rare_letters

FIRST_IDEOGRAPH = 0x3400
WEIGHT = 430
"""A little more than regular: printers thin the strokes."""
DROPPED = ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx")
"""Tables of a font that a line of plain text does without."""


def font_of(parts: FontParts, letters: Iterable[str]) -> bytes:
    """Return a TrueType font with these letters, as far as the bundled one or the machine's has them."""
    wanted = {ord(letter) for letter in letters}
    cut: list[BytesIO | str] = []
    for name, ranges in parts.letters.items():
        inside = {code for code in wanted if any(first <= code <= last for first, last in ranges)}
        wanted -= inside
        if inside:
            cut.append(BytesIO(_cut(parts.folder / name, inside)))
    rare = rare_letters(code for code in wanted if code >= FIRST_IDEOGRAPH)
    if rare:
        cut.append(BytesIO(rare))
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
