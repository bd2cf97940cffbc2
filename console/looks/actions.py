"""Record looks at personal data, inside the transaction that shows it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.looks.rules import Looked
from console.looks.tables import Look


async def record_look(
    session: AsyncSession, actor: Actor, looked: Looked, entity_id: int, *, path: str, now: datetime
) -> None:
    """Record that the actor looks at `looked` of an entity in the division `path`.

    What is shown leaves only once the transaction is committed, so that no look is without its row.
    """
    session.add(Look(at=now, user_id=actor.user_id, subject=looked.value, entity_id=entity_id, division_path=path))
    await session.flush()
