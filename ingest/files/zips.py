"""Unpack untrusted archives, counting bytes while they stream, since headers can lie."""

import gzip
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from ingest.files.limits import Limits
from ingest.files.problems import refuse

CHUNK = 65536
NESTED = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
ENCRYPTED = 0x1
RATIO_COUNTS_FROM = 1_000_000
"""Bytes below which the ratio is not checked: a sheet of equal cells compresses well."""


def checked_entries(path: Path, limits: Limits) -> list[ZipInfo]:
    """List the archive's files if its size, number, names and kinds are allowed. Raises FileRefused."""
    if path.stat().st_size > limits.zipped_bytes:
        raise refuse("zip.too_large", limit=limits.zipped_bytes)
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise refuse("zip.broken") from error
    if len(entries) > limits.zip_entries:
        raise refuse("zip.too_many_entries", limit=limits.zip_entries, found=len(entries))
    for entry in entries:
        _check_entry(entry)
    return [e for e in entries if not e.is_dir()]


def _check_entry(entry: ZipInfo) -> None:
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in entry.filename or "\0" in entry.filename:
        raise refuse("zip.unsafe_path", entry=entry.filename)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise refuse("zip.symlink", entry=entry.filename)
    if entry.flag_bits & ENCRYPTED:
        raise refuse("zip.encrypted", entry=entry.filename)


def unpack(path: Path, into: Path, limits: Limits) -> list[Path]:
    """Unpack the archive's files, each into a folder of its own below `into`, and return their paths.

    Raises FileRefused if a limit is exceeded or an archive is nested within.
    """
    entries, written, total = checked_entries(path, limits), [], 0
    try:
        with ZipFile(path) as archive:
            for number, entry in enumerate(entries):
                folder = into / str(number)
                folder.mkdir()
                target = folder / PurePosixPath(entry.filename).name
                with target.open("wb") as out:
                    for chunk in _stream(archive, entry, limits):
                        total += len(chunk)
                        if total > limits.unzipped_bytes:
                            raise refuse("zip.bomb", limit=limits.unzipped_bytes)
                        out.write(chunk)
                written.append(target)
    except (BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise refuse("zip.broken") from error
    return written


def _stream(archive: ZipFile, entry: ZipInfo, limits: Limits) -> Iterator[bytes]:
    size = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(CHUNK):
            if not size and chunk.startswith(NESTED):
                raise refuse("zip.nested", entry=entry.filename)
            size += len(chunk)
            if size > RATIO_COUNTS_FROM and size > limits.zip_ratio * max(entry.compress_size, 1):
                raise refuse("zip.bomb", entry=entry.filename, ratio=limits.zip_ratio)
            yield chunk


def gunzip(path: Path, into: Path, limits: Limits) -> Path:
    """Unpack a gzip file into a file named without its `.gz`, within the limits of an archive."""
    if path.stat().st_size > limits.zipped_bytes:
        raise refuse("zip.too_large", limit=limits.zipped_bytes)
    target, size = into / (path.stem if path.suffix.lower() == ".gz" else path.name), 0
    try:
        with gzip.open(path) as stream, target.open("wb") as out:
            while chunk := stream.read(CHUNK):
                if not size and (chunk.startswith(NESTED) or chunk[257:262] == b"ustar"):
                    raise refuse("zip.nested", entry=target.name)
                size += len(chunk)
                if size > limits.unzipped_bytes:
                    raise refuse("zip.bomb", limit=limits.unzipped_bytes)
                if size > RATIO_COUNTS_FROM and size > limits.zip_ratio * path.stat().st_size:
                    raise refuse("zip.bomb", entry=target.name, ratio=limits.zip_ratio)
                out.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise refuse("zip.broken") from error
    return target
