"""Prepare what was sent for keeping: tell its type, and let a sandboxed process write it anew."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.files.problems import FileRefused
from ingest.files.sandbox import run_sandboxed
from ingest.media.refusals import MediaTooLarge, MediaUnreadable, MediaUnsupported
from ingest.media.types import ALLOWED, PDF, PICTURES, RECORDINGS, MediaKind, type_of

JPEG, MP3 = "image/jpeg", "audio/mpeg"
PDF_END = b"%%EOF"
PDF_TAIL_BYTES = 2048
OVERSIZE = frozenset({"pixels", "seconds"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is kept of a file: its content, written anew (a PDF as it came), and the thumbnail of a picture."""

    content: bytes
    media_type: str
    thumbnail: bytes | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None


def prepare(content: bytes, kind: MediaKind) -> Prepared:
    """Write a file anew. Raises `MediaUnsupported`, `MediaUnreadable` or `MediaTooLarge`."""
    found = type_of(content)
    if found is None or found not in ALLOWED[kind]:
        raise MediaUnsupported(kind=kind.value, found=found)
    if found == PDF:
        return _paper(content)
    try:
        return _picture(content, PICTURES[found]) if found in PICTURES else _recording(content, RECORDINGS[found])
    except FileRefused as refused:
        problem = refused.problems[0]
        if problem.code in OVERSIZE:
            raise MediaTooLarge(reason=problem.code, **problem.params) from None
        raise MediaUnreadable(reason=problem.code) from None


def _paper(content: bytes) -> Prepared:
    """Keep a PDF as it came: it is only ever downloaded, never opened here or on a screen."""
    if PDF_END not in content[-PDF_TAIL_BYTES:]:
        raise MediaUnreadable(reason="cut_off")
    return Prepared(content, PDF)


def _picture(content: bytes, reader: str) -> Prepared:
    with TemporaryDirectory(prefix="maplebridge-") as folder:
        sent, picture, thumbnail = (Path(folder) / name for name in ("sent", "picture", "thumbnail"))
        sent.write_bytes(content)
        job = {"path": str(sent), "format": reader, "picture": str(picture), "thumbnail": str(thumbnail)}
        size = run_sandboxed("ingest.media.picture_writing", job)
        return Prepared(picture.read_bytes(), JPEG, thumbnail.read_bytes(), size["width"], size["height"])


def _recording(content: bytes, reader: str) -> Prepared:
    with TemporaryDirectory(prefix="maplebridge-") as folder:
        sent, recording = (Path(folder) / name for name in ("sent", "recording"))
        sent.write_bytes(content)
        job = {"path": str(sent), "format": reader, "recording": str(recording)}
        outcome = run_sandboxed("ingest.media.recording_writing", job)
        return Prepared(recording.read_bytes(), MP3, seconds=outcome["seconds"])
