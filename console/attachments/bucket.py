"""The bytes of attachments in an S3-compatible bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from console.attachments.byte_store import DIGEST, BytesMissing, ByteStoreAway, digest_of

ANSWERS_WITHIN = timedelta(seconds=10)
RETRIES_WITHIN = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is: `url` ends in its name, as in `https://s3.example.cn/attachments`."""

    url: str
    key: str
    secret: str
    region: str


class BucketBytes:
    """Contents as objects of a bucket, by digest. An object appears once it is whole, so there are no parts."""

    def __init__(self, bucket: Bucket) -> None:
        server, _, name = bucket.url.rstrip("/").rpartition("/")
        self._store = S3Store(
            name,
            endpoint=server,
            region=bucket.region,
            access_key_id=bucket.key,
            secret_access_key=bucket.secret,
            virtual_hosted_style_request=False,
            client_options={"allow_http": urlsplit(server).scheme == "http", "timeout": ANSWERS_WITHIN},
            retry_config={"max_retries": 2, "retry_timeout": RETRIES_WITHIN},
        )

    def put(self, content: bytes) -> str:
        digest = digest_of(content)
        try:
            with _asked():
                self._store.put(digest, content)
        except BytesMissing as no_bucket:
            raise ByteStoreAway from no_bucket
        return digest

    def get(self, digest: str) -> bytes:
        with _asked():
            return bytes(self._store.get(digest).bytes())

    def remove(self, digest: str, *, before: datetime) -> bool:
        try:
            with _asked():
                if self._store.head(digest)["last_modified"] >= before:
                    return False
                self._store.delete(digest)
        except BytesMissing:
            return False
        return True

    def contents(self) -> Iterator[tuple[str, datetime]]:
        with _asked():
            for some in self._store.list():
                yield from ((one["path"], one["last_modified"]) for one in some if DIGEST.fullmatch(one["path"]))

    def remove_parts(self, *, before: datetime) -> int:
        return 0


@contextmanager
def _asked() -> Iterator[None]:
    """Raise `BytesMissing` and `ByteStoreAway` for what the client raises."""
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise BytesMissing from None
    except BaseError as error:
        raise ByteStoreAway from error
