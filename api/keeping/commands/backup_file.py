"""The file of a backup: a tar of the database's dump, and of the bytes of attachments by their digest.

A backup of before there were attachments is the dump alone, and is restored as it is.
"""

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import ClassVar

from api.keeping.commands.progress import Progress
from api.keeping.words import said
from console.attachments.byte_store import DIGEST, BytesMissing, ByteStore, digest_of
from geo.errors import MaplebridgeError

DATABASE = "database.dump"
ATTACHMENTS = "attachments"


class BackupDamaged(MaplebridgeError):
    """The file is no backup, or what it holds has changed. `params`: `member`."""

    code: ClassVar[str] = "backup.damaged"

    def __str__(self) -> str:
        return said("{member} in the backup is damaged. The database was not changed.", **self.params)


def pack(dumped: Path, kept: ByteStore, file: Path, *, shown: Progress) -> set[str]:
    """Write a dump and all bytes to `file`, readable by its owner only, and return the digests that it holds.

    The dump is older than the bytes are read: these hold at least what its rows name.
    """
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    digests: set[str] = set()
    try:
        with part.open("wb") as raw, tarfile.open(fileobj=raw, mode="w") as tar:
            tar.add(dumped, DATABASE)
            for digest, _ in kept.contents():
                shown.step("attachments", len(digests))
                try:
                    content = kept.get(digest)
                except BytesMissing:  # Unused, and removed meanwhile.
                    continue
                member = tarfile.TarInfo(f"{ATTACHMENTS}/{digest}")
                member.size, member.mode = len(content), 0o600
                tar.addfile(member, BytesIO(content))
                digests.add(digest)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return digests


@contextmanager
def unpacked(file: Path, kept: ByteStore, *, shown: Progress) -> Iterator[Path]:
    """Put the bytes of a backup into the store, and yield its dump. Raises `BackupDamaged` before the block.

    Bytes that are there are written again; none is removed.
    """
    if not tarfile.is_tarfile(file):
        yield file
        return
    with TemporaryDirectory(prefix="maplebridge-") as folder:
        dumped = Path(folder) / DATABASE
        with tarfile.open(file) as tar:
            for count, member in enumerate(tar):
                source = tar.extractfile(member)
                if source is None:
                    raise BackupDamaged(member=member.name)
                if member.name == DATABASE:
                    with dumped.open("wb") as target:
                        shutil.copyfileobj(source, target)
                else:
                    shown.step("attachments", count)
                    _put(kept, member.name, source.read())
        if not dumped.exists():
            raise BackupDamaged(member=DATABASE)
        yield dumped


def _put(kept: ByteStore, name: str, content: bytes) -> None:
    path = PurePosixPath(name)
    if path.parent.name != ATTACHMENTS or not DIGEST.fullmatch(path.name) or digest_of(content) != path.name:
        raise BackupDamaged(member=name)
    kept.put(content)
