"""Where the bytes of attachments are, by the SHA-256 of their content: files in a folder, or a bucket."""

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from geo.errors import ErrorKind, MaplebridgeError

DIGEST = re.compile(r"[0-9a-f]{64}")
PART = ".part"


class BytesMissing(MaplebridgeError):
    """The store does not have the content of an attachment: it was not restored with the database."""

    code = "attachment.missing"
    kind = ErrorKind.UNAVAILABLE


class ByteStoreAway(MaplebridgeError):
    """The bucket does not answer, or refuses."""

    code = "attachment.store_away"
    kind = ErrorKind.UNAVAILABLE


class ByteStore(Protocol):
    """Contents by their digest. Methods wait for a disk or a network: call them in a thread."""

    def put(self, content: bytes) -> str:
        """Keep a content durably, and return its digest. One that is there is written again, as new."""
        ...

    def get(self, digest: str) -> bytes:
        """Return a content. Raises `BytesMissing`."""
        ...

    def remove(self, digest: str, *, before: datetime) -> bool:
        """Remove a content that was written before a moment; return whether it was there and is not any more."""
        ...

    def contents(self) -> Iterator[tuple[str, datetime]]:
        """List the digests, and when each was written."""
        ...

    def remove_parts(self, *, before: datetime) -> int:
        """Remove what was left half-written before a moment; return how many."""
        ...


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


class FileBytes:
    """Contents as files of a folder, two levels deep. A file gets its name once it is on the disk as a whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        digest = digest_of(content)
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, part = tempfile.mkstemp(dir=path.parent, suffix=PART)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        finally:
            Path(part).unlink(missing_ok=True)
        _sync_folder(path.parent)
        return digest

    def get(self, digest: str) -> bytes:
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            raise BytesMissing from None

    def remove(self, digest: str, *, before: datetime) -> bool:
        path = self._path(digest)
        try:
            if _written_at(path) >= before:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
        return True

    def contents(self) -> Iterator[tuple[str, datetime]]:
        for path in self._files():
            if DIGEST.fullmatch(path.name):
                try:
                    yield path.name, _written_at(path)
                except FileNotFoundError:  # Removed meanwhile.
                    continue

    def remove_parts(self, *, before: datetime) -> int:
        left = [path for path in self._files() if path.suffix == PART and _is_older(path, before)]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _files(self) -> Iterator[Path]:
        """All files. Raises PermissionError for a folder that may not be read: `glob` would leave it out."""
        if self._folder.exists():
            for folder in self._folder.iterdir():
                yield from folder.iterdir()

    def _path(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise BytesMissing
        return self._folder / digest[:2] / digest


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _is_older(path: Path, moment: datetime) -> bool:
    """Return whether a file was written before; a part may be renamed at any time."""
    try:
        return _written_at(path) < moment
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
