"""Decide the encoding of text: what a file declares is checked against its bytes.

Valid UTF-8 is UTF-8, whatever a file declares: text in GB18030 or Big5 is not valid UTF-8 but by chance. Between those
two the characters decide, since most bytes are valid in both. Where nothing decides, the file is refused, and
`--encoding` states it.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.files.plausibility import JUDGED, characters_beyond_ascii, plausibility
from ingest.files.problems import FileRefused, Problem, refuse

UTF8, GB18030, BIG5 = "utf-8", "gb18030", "big5hkscs"
CHUNK = 1 << 20
READS_LIKE_CHINESE = 0.6
CLEARLY_BETTER = 0.15
CLEARLY_CHINESE = 0.9
Pieces = Callable[[], Iterable[bytes]]

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CODE_PAGE = re.compile(r"^(?:ansi|oem|windows|win|cp|ms|ibm|x|dos|code ?page)?[\s_-]*(\d+)$")
_CODE_PAGES = {
    "936": GB18030, "20936": GB18030, "54936": GB18030, "10008": GB18030, "950": BIG5, "951": BIG5, "10002": BIG5,
    "65001": UTF8, "1200": "utf-16-le", "1201": "utf-16-be", "88591": "iso8859-1", "28591": "iso8859-1",
    "885915": "iso8859-15", "8859": "iso8859-1",
}  # fmt: skip
_DBASE_LANGUAGES = {"77": GB18030, "79": BIG5, "3": "cp1252", "87": None}
"""Language driver numbers of dBASE that a .cpg may hold as `LDID/77`. 87 is the machine's own, whichever that was."""
_UNSAID = frozenset({"", "ansi", "oem", "system", "default", "acp", "local", "mbcs"})
"""Declarations that name the writer's machine and no encoding."""
_TEXT_CODEC = re.compile(r"^(utf|gb|hz|big5|cp|iso8859|latin|ascii|mac|koi8|euc|shift_jis|johab|tis|ptcp|kz)")


_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([\w:.-]+)""", re.IGNORECASE)
HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding to read text in, by Python's name, and the notes that tell why."""

    name: str
    notes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """Text decoded in one encoding: whether every byte was valid, the characters beyond ASCII, and where it broke."""

    valid: bool
    beyond_ascii: str
    broken_line: int = 0

    @property
    def score(self) -> float:
        return plausibility(self.beyond_ascii) if self.valid else 0.0


def codec_named(declared: str) -> str | None:
    """Return Python's name of a declared encoding; None for one that names only a machine. Raises LookupError."""
    plain = unicodedata.normalize("NFKC", declared).strip().casefold()
    if plain in _UNSAID:
        return None
    if plain.startswith("ldid/"):
        return _DBASE_LANGUAGES[plain.removeprefix("ldid/")]
    if number := _CODE_PAGE.match(plain):
        plain = _CODE_PAGES.get(number[1], f"cp{number[1]}")
    name = codecs.lookup(plain.removeprefix("x-").replace(" ", "-")).name
    if not _TEXT_CODEC.match(name):
        raise LookupError(declared)
    if name.startswith(("gb", "hz")):
        return name if name == "hz" else GB18030
    if name.startswith("big5") or name == "cp950":
        return BIG5
    return UTF8 if name == "utf-8-sig" else name


def decide(pieces: Pieces, *, declared: str | None = None, given: str | None = None) -> Encoding:
    """Decide the encoding of bytes that `pieces` yields anew at each call. Raises FileRefused.

    `declared` is what the file says of itself, `given` what its importer says, which counts, unless the file begins
    with the mark of UTF-8 and is valid as such: the file of rejected rows, say, of one in another encoding.
    """
    marked = _marked(pieces)
    if given is not None:
        name = _given(pieces, given, marked)
        is_corrected = name == "utf-8-sig" and codec_named(given) != UTF8
        return Encoding(name, _differs(given, UTF8) if is_corrected else ())
    if marked:
        return _by_mark(pieces, marked)
    utf8 = _read(pieces, UTF8)
    said = _codec_declared(declared)
    if utf8.valid:
        return _valid_utf8(pieces, utf8, said, declared)
    return _not_utf8(pieces, said, declared)


def decide_file(path: Path, *, declared: str | None = None, given: str | None = None) -> Encoding:
    """Decide the encoding of a file, reading it in chunks."""
    return decide(lambda: _chunks(path), declared=declared, given=given)


def declared_encoding(path: Path) -> str | None:
    """Return the encoding that a page or XML document states in its beginning."""
    with path.open("rb") as stream:
        found = _DECLARED.search(stream.read(HEAD_BYTES).replace(b"\0", b""))
    return found[1].decode("ascii", "replace") if found else None


def _chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            yield piece


def _marked(pieces: Pieces) -> str | None:
    """Return the encoding of a byte order mark, or of UTF-16 without one, which has a zero in every other byte."""
    head = next(iter(pieces()), b"")[:HEAD_BYTES]
    found = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if found is None and len(head) >= 16 and b"\0" in head:
        first, second = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
        found = "utf-16-le" if second > 0.3 > first else "utf-16-be" if first > 0.3 > second else None
    return found


def _by_mark(pieces: Pieces, marked: str) -> Encoding:
    reading = _read(pieces, marked)
    if not reading.valid:
        raise _damaged(marked, reading)
    return Encoding(marked) if marked == "utf-8-sig" else Encoding(marked, _found(marked))


def _given(pieces: Pieces, given: str, marked: str | None) -> str:
    try:
        name = codec_named(given)
    except (LookupError, ValueError) as error:
        raise refuse("text.encoding_unknown", encoding=given[:40]) from error
    if name is None:
        raise refuse("text.encoding_unknown", encoding=given[:40])
    if (
        (marked == "utf-8-sig" and (name == UTF8 or _read(pieces, UTF8).valid))
        or name == "utf-16"
        or (name.startswith("utf-16") and marked == "utf-16")
    ):
        name = marked or name
    reading = _read(pieces, name)
    if not reading.valid:
        raise FileRefused(
            [Problem("text.encoding_wrong", params={"encoding": given[:40], "line": reading.broken_line})]
        )
    return name


def _codec_declared(declared: str | None) -> str | None:
    if declared is None:
        return None
    try:
        return codec_named(declared)
    except (LookupError, ValueError) as error:
        raise refuse("text.encoding_unknown", encoding=declared[:40]) from error


def _valid_utf8(pieces: Pieces, utf8: _Reading, said: str | None, declared: str | None) -> Encoding:
    if not utf8.beyond_ascii or said in (None, UTF8, "ascii"):
        return Encoding(UTF8)
    # Letters with accents in UTF-8, such as é, are common Chinese characters in GB18030, and the other way round.
    has_only_letters = max(utf8.beyond_ascii) < "\u0800"
    if said in (GB18030, BIG5) and has_only_letters and _read(pieces, said).score >= CLEARLY_CHINESE:
        raise refuse("text.encoding_unsure", encodings=[UTF8, said])
    return Encoding(UTF8, _differs(declared, UTF8))


def _not_utf8(pieces: Pieces, said: str | None, declared: str | None) -> Encoding:
    gb, big5 = _read(pieces, GB18030), _read(pieces, BIG5)
    if said not in (None, UTF8, GB18030, BIG5, "ascii"):
        return _as_declared(pieces, said, declared, gb)
    best = BIG5 if big5.score - gb.score >= CLEARLY_BETTER else GB18030
    if said == BIG5 and big5.score >= READS_LIKE_CHINESE and gb.score - big5.score < CLEARLY_BETTER:
        best = BIG5
    if max(gb.score, big5.score) < READS_LIKE_CHINESE:
        raise _undecided(pieces, said, gb, big5)
    notes = _found(best) if said in (None, best) else _differs(declared, best)
    return Encoding(best, notes)


def _as_declared(pieces: Pieces, said: str, declared: str | None, gb: _Reading) -> Encoding:
    """Return a declared encoding of another script, in which nearly all bytes are valid, unless it is Chinese."""
    if gb.score >= CLEARLY_CHINESE and len(gb.beyond_ascii) >= 2:
        raise refuse("text.encoding_differs", encoding=declared, found=GB18030)
    reading = _read(pieces, said)
    if not reading.valid:
        raise FileRefused([Problem("text.encoding_wrong", params={"encoding": declared, "line": reading.broken_line})])
    return Encoding(said, _found(said))


def _undecided(pieces: Pieces, said: str | None, gb: _Reading, big5: _Reading) -> FileRefused:
    """Make the refusal of text in no encoding that can be told: broken UTF-8, or another one."""
    whole = "".join(piece.decode(UTF8, "replace") for piece in pieces())
    good, bad = len(re.findall(r"[\u0800-\ufffc]", whole)), whole.count("\ufffd")
    if good > bad:
        line = whole[: whole.index("\ufffd")].count("\n") + 1
        return FileRefused([Problem("text.damaged", params={"encoding": UTF8, "line": line})])
    if gb.valid or big5.valid:
        return refuse("text.encoding_unsure", encodings=[n for n, r in ((GB18030, gb), (BIG5, big5)) if r.valid])
    return refuse("text.encoding", encoding=said or "")


def _damaged(encoding: str, reading: _Reading) -> FileRefused:
    return FileRefused([Problem("text.damaged", params={"encoding": encoding, "line": reading.broken_line})])


def _differs(declared: str | None, found: str) -> tuple[Mapping[str, Any], ...]:
    return ({"code": "text.encoding_corrected", "declared": declared, "encoding": found},)


def _found(encoding: str) -> tuple[Mapping[str, Any], ...]:
    return ({"code": "text.encoding_found", "encoding": encoding},)


def _read(pieces: Pieces, name: str) -> _Reading:
    """Decode everything in one encoding. Raises FileRefused for zero bytes, which no text has."""
    decoder, seen, lines, length = codecs.getincrementaldecoder(name)(), [], 1, 0
    for piece in pieces():
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError as error:
            return _Reading(False, "", lines + piece[: error.start].count(b"\n"))
        if "\0" in text:
            raise refuse("text.binary")
        lines += text.count("\n")
        if length < JUDGED:
            seen.append(characters_beyond_ascii(text))
            length += len(seen[-1])
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _Reading(False, "", lines)
    return _Reading(True, "".join(seen))
