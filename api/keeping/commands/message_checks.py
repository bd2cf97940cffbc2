"""Checks of `doctor` on what tells people of tasks while their page is closed."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

from api.keeping.commands.finding import Finding
from api.keeping.words import said
from api.settings import Settings
from api.watch.push_service import push_key_of
from api.watch.task_hook import hook_of
from console.messages.rules import SERVICES, Outcome, Outgoing


def check_push(settings: Settings) -> Finding:
    """Say whether there is Web Push, which none needs: its key, and the services that may be called."""
    if settings.push_contact is None:
        return Finding("web push", True, said("none; MAPLEBRIDGE_PUSH_CONTACT turns it on"))
    if push_key_of(settings.data_dir) is None:
        remedy = said("Delete push.key in the data folder, or restore it; phones subscribe anew under another one.")
        return Finding("web push", False, said("its key cannot be read or kept"), remedy)
    hosts = ", ".join([*SERVICES, *settings.push_hosts])
    return Finding("web push", True, said("each phone proves it; services: {hosts}", hosts=hosts))


def check_hook(settings: Settings) -> Finding:
    """Post a test to the hook of tasks, which none needs. Its address is told by its host alone: it may hold a key."""
    hook = hook_of(settings, now=lambda: datetime.now(UTC))
    if hook is None:
        return Finding("hook of tasks", True, said("none; MAPLEBRIDGE_TASKS_HOOK_URL names one"))
    host = urlsplit(hook.url).hostname
    answer = asyncio.run(hook.send(Outgoing(0, "test", hook.now())))
    if answer.outcome is Outcome.TAKEN:
        return Finding("hook of tasks", True, said("{host} takes messages", host=host))
    remedy = said("Check the gateway, the way to it and the secret; until then, no messages of tasks go out.")
    detail = said("{host} has not taken a test: {fault}", host=host, fault=answer.fault)
    return Finding("hook of tasks", False, detail, remedy)
