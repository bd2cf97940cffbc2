"""Recalls a task in the hall as an operator does: with a reason, and confirmed."""

from tests.browser.screens import Screen


async def recall(hall: Screen, *, reason: str = "not_needed", **task: str | int) -> None:
    await hall.find("task", **task).locator("[data-testid=recall]").click()
    await hall.find("recall-form").locator(f"input[value={reason}]").check()
    await hall.find("recall-confirm").click()
