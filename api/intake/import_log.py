"""What came in by files: one row for each import that was kept, written in the import's own transaction.

A file that was refused changed nothing, so nothing is written of it.
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
    """A file that was taken in. `keeper` is the account of the machine that did it, `digest` the file's SHA-256.

    `counts` says what became of its rows. It belongs to the root: a town's user does not see what came in for all.
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
    """Where an import comes from: who brings it, the file's name without its folder, and its SHA-256."""

    keeper: str = ""
    file: str = ""
    digest: bytes = b""


NO_FILE = Origin()
"""Of rows that came from no file."""


async def list_imports(session: AsyncSession, *, limit: int) -> Sequence[ImportEntry]:
    """The newest imports first, as far as the session may see."""
    return (await session.scalars(select(ImportEntry).order_by(ImportEntry.id.desc()).limit(limit))).all()
