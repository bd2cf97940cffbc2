"""The lock between those who put things on the lines and those who change the lines.

Whoever stores where something lies holds the lines until its transaction ends, together with all others who do. A
change of lines waits for them, and they for it; what is located after it lies on the new lines. Readers take no lock.
"""

from psycopg.errors import LockNotAvailable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from geo.errors import ErrorKind, MaplebridgeError

PATIENCE = "1s"
"""A change waits no longer for an import under way: reports would queue behind it."""

_KEY = "hashtextextended('maplebridge.divisions.lines', 0)"
_HOLD = text(f"SELECT pg_advisory_xact_lock_shared({_KEY})")
_CHANGE = text(f"SELECT pg_advisory_xact_lock({_KEY})")


class LinesInUse(MaplebridgeError):
    """Incidents are being imported on these lines just now. Way out: again in a minute."""

    code = "division.lines_in_use"
    kind = ErrorKind.CONFLICT


async def hold_lines(session: AsyncSession) -> None:
    """Keep the lines as they are until the transaction ends. Before locating, in a statement of its own."""
    await session.execute(_HOLD)


async def change_lines(session: AsyncSession) -> None:
    """Wait for all who hold the lines, and let nobody hold them until the transaction ends. Raises `LinesInUse`."""
    try:
        async with session.begin_nested():
            await session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
            await session.execute(_CHANGE)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise LinesInUse from error
        raise
    await session.execute(text("SET LOCAL lock_timeout = 0"))
