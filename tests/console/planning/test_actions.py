"""What is stored of a plan is only added to."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

REWRITING = (
    "UPDATE plan_operations SET operation = '{}'",
    "DELETE FROM plan_operations",
    "UPDATE plan_entries SET note = ''",
    "DELETE FROM plan_entries",
    "UPDATE plans SET created_by = 2",
    "UPDATE plans SET division_path = 'x', base_day = now()",
    "UPDATE plans SET title = '', reason = ''",
    "DELETE FROM plans",
)


async def test_the_server_cannot_rewrite_the_record_of_a_plan(session: AsyncSession) -> None:
    for statement in REWRITING:
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with session.begin_nested():
                await session.execute(text(statement))
