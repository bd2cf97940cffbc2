"""Sweeping the deadlines of all features, beside the requests."""

from collections.abc import Callable, Sequence
from datetime import datetime

from api.watch.loops import Loop
from console.closures.deadlines import KINDS as OF_CLOSURES
from console.deadlines.actions import sweep
from console.deadlines.rules import DeadlineKind
from console.incidents.deadlines import KINDS as OF_INCIDENTS
from console.tasks.deadlines import KINDS as OF_TASKS
from geo.store import Reach, Store

KINDS = (*OF_TASKS, *OF_INCIDENTS, *OF_CLOSURES)
"""Kinds of deadline: each feature's own, put together. That of plans needs what a server keeps of their lines, and
those of clocks and notices how it delivers."""

PASS_SECONDS = 1.0


def watch_deadlines(
    store: Store, of_plans: DeadlineKind, of_clocks: Sequence[DeadlineKind], *, root: Reach, now: Callable[[], datetime]
) -> Loop:
    """A loop that fires what is due, and warns of what will be. `root` reaches everything.

    Several servers may run it at once: each deadline is taken by one of them. New lines come first, in transactions of
    their own: they take seconds, and what is due on their first day is due on them.
    """

    async def sweep_all() -> None:
        for kinds in ((of_plans,), (*KINDS, *of_clocks)):
            swept = True
            while swept:
                async with store.transaction(root) as session:
                    swept = bool(await sweep(session, kinds, now=now()))

    return Loop("deadlines", sweep_all, rest_s=PASS_SECONDS)
