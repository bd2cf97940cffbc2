"""Letters that the bundled font has not, such as 𠮷 in names: from the machine's Noto Sans CJK, as in the image."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont, newTable

FILES = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc"),
)
"""Where Debian, Arch, openEuler and Fedora have it."""
FAMILY = "Noto Sans CJK SC"
DROPPED = ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx", "VORG")
CURVE_ERROR = 1.0
"""Of a thousandth of the letter's height."""


def rare_letters(codes: Iterable[int]) -> bytes:
    """Return a TrueType font with those of the letters that the machine has; empty for none."""
    file = next((file for file in FILES if file.is_file()), None)
    if file is None:
        return b""
    with TTCollection(file, lazy=True) as fonts:
        font = next((one for one in fonts.fonts if one["name"].getDebugName(1) == FAMILY), None)
        if font is None:
            return b""
        known = frozenset(codes) & font.getBestCmap().keys()
        return _cut(font, known) if known else b""


def _cut(font: TTFont, codes: frozenset[int]) -> bytes:
    """Cut a font to some letters, and turn their outlines into those that TrueType has."""
    options = Options()
    options.layout_features = []
    options.drop_tables += DROPPED
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    order, glyphs = font.getGlyphOrder(), font.getGlyphSet()
    made = {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, CURVE_ERROR, reverse_direction=True))
        made[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = outlines = newTable("glyf")
    outlines.glyphOrder, outlines.glyphs = order, made
    del font["CFF "]
    outlines.compile(font)
    font["maxp"] = _profile(len(order))
    font["post"].formatType = 3.0
    font.sfntVersion = "\000\001\000\000"
    target = BytesIO()
    font.save(target)
    return target.getvalue()


def _profile(count: int) -> object:
    """Return the table of maxima that a TrueType font has; saving fills in those of its outlines."""
    profile = newTable("maxp")
    profile.tableVersion, profile.numGlyphs = 0x00010000, count
    for name in ("Zones", "TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements",
                 "SizeOfInstructions", "ComponentElements", "ComponentDepth"):  # fmt: skip
        setattr(profile, f"max{name}", int(name == "Zones"))
    return profile
