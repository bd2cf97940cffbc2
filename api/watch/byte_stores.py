"""The store of attachments' bytes that the settings name, and its maintenance."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import structlog

from api.settings import Settings
from api.watch.loops import AFTER_SCREENS_SECONDS, Loop
from console.attachments.bucket import Bucket, BucketBytes
from console.attachments.byte_store import ByteStore, ByteStoreAway, FileBytes
from console.attachments.queries import unused_among
from geo.store import Reach, Store

log = structlog.get_logger()

KEPT_UNUSED = timedelta(days=1)
"""Bytes are stored before their row: younger ones may be of an upload under way."""

AT_ONCE = 1_000
PASS_SECONDS = 3600.0


def bytes_of(settings: Settings) -> ByteStore:
    """Return the bucket of the settings, or the folder."""
    url, secret = settings.attachments_bucket_url, settings.attachments_bucket_secret
    if url is None or settings.attachments_bucket_key is None or secret is None:  # The settings demand all or none.
        return FileBytes(settings.attachments_dir)
    region = settings.attachments_bucket_region
    return BucketBytes(Bucket(url, settings.attachments_bucket_key, secret.get_secret_value(), region))


def watch_bytes(store: Store, kept: ByteStore, *, root: Reach, now: Callable[[], datetime]) -> Loop:
    """A loop that removes unused bytes every hour. A bucket that does not answer is logged, and asked again then."""

    async def step() -> None:
        try:
            await remove_unused(store, kept, root, now=now())
        except ByteStoreAway:
            log.warning("byte_store_away")

    return Loop("attachments", step, rest_s=PASS_SECONDS, first_s=AFTER_SCREENS_SECONDS)


async def remove_unused(store: Store, kept: ByteStore, root: Reach, *, now: datetime) -> int:
    """Remove bytes that were half-written, or that no attachment has, over a day ago. Returns how many.

    A content that is sent anew meanwhile is written again and so is young, whatever the database said before.
    """
    before = now - KEPT_UNUSED
    removed = await asyncio.to_thread(kept.remove_parts, before=before)
    listed = kept.contents()
    while old := await asyncio.to_thread(_next_old, listed, before):
        async with store.transaction(root) as session:
            unused = await unused_among(session, old)
        removed += await asyncio.to_thread(_remove, kept, unused, before)
    if removed:
        log.info("unused_bytes_removed", count=removed)
    return removed


def _next_old(listed: Iterator[tuple[str, datetime]], before: datetime) -> list[str]:
    """Return the next digests that were written before a moment; none at the end of the list."""
    return [*islice((digest for digest, written_at in listed if written_at < before), AT_ONCE)]


def _remove(kept: ByteStore, digests: Iterable[str], before: datetime) -> int:
    return sum(kept.remove(digest, before=before) for digest in digests)
