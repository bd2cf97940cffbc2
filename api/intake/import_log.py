"""Log of imports: one row for each stored file, written in the import's own transaction.

A refused file changes nothing and gets no entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path


class ImportEntry(Base):
    """An imported file. `keeper` is the operating system account that imported it, `digest` the file's SHA-256.

    `counts` are its rows by outcome. The entry belongs to the root division, so that users of a town do not see it.
    """

    __tablename__ = "imports"
    __table_args__ = ({"info": SCOPED},)

    id: Mapped[BigId]
    at: Mapped[datetime]
    keeper: Mapped[str]
    file: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[str]
    datum: Mapped[str]
    counts: Mapped[dict[str, Any]]
    division_path: Mapped[Path]


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of an import: the importing account, the file's name without its folder, and its SHA-256."""

    keeper: str = ""
    file: str = ""
    digest: bytes = b""


NO_FILE = Origin()
"""Origin of rows that are not from a file."""


async def find_import(session: AsyncSession, *, kind: str, digest: bytes) -> ImportEntry | None:
    """Return the latest import of a file with this content, if there is one."""
    same = select(ImportEntry).where(ImportEntry.kind == kind, ImportEntry.digest == digest)
    return (await session.scalars(same.order_by(ImportEntry.id.desc()).limit(1))).first()


async def list_imports(session: AsyncSession, *, limit: int) -> Sequence[ImportEntry]:
    """List imports that the session may see, newest first."""
    return (await session.scalars(select(ImportEntry).order_by(ImportEntry.id.desc()).limit(limit))).all()
