"""What a file is, by its first bytes. Names and media types that a sender gives are not trusted."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class MediaKind(StrEnum):
    """What an attachment is for."""

    PHOTO = "photo"
    VOICE = "voice"
    PAPER = "paper"


PICTURES: Mapping[str, str] = MappingProxyType({"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"})
"""Media types of pictures, and the only format of Pillow that may read each."""

RECORDINGS: Mapping[str, str] = MappingProxyType(
    {"audio/mp4": "mp4", "audio/webm": "webm", "audio/ogg": "ogg", "audio/mpeg": "mp3"}
)
"""Media types of recordings, and the only demuxer of FFmpeg that may read each."""

PDF = "application/pdf"

ALLOWED: Mapping[MediaKind, frozenset[str]] = MappingProxyType(
    {
        MediaKind.PHOTO: frozenset(PICTURES),
        MediaKind.VOICE: frozenset(RECORDINGS),
        MediaKind.PAPER: frozenset({*PICTURES, PDF}),
    }
)

MARKS = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBPVP8", "image/webp"),
    (0, b"%PDF-", PDF),
    (4, b"ftyp", "audio/mp4"),
    (0, b"\x1aE\xdf\xa3", "audio/webm"),
    (0, b"OggS\x00", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
)
MP3_FRAMES = (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")


def type_of(content: bytes) -> str | None:
    """Return the media type by the first bytes; None for one that is not taken."""
    for at, mark, media_type in MARKS:
        if content.startswith(mark, at):
            return media_type
    return "audio/mpeg" if content.startswith(MP3_FRAMES) else None
