"""Both stores of bytes keep the same promises: a folder, and a bucket of a server that speaks S3."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from console.attachments.bucket import Bucket, BucketBytes
from console.attachments.byte_store import BytesMissing, ByteStore, ByteStoreAway, FileBytes, digest_of

KEY, SECRET, REGION = "key-of-test", "secret-of-test", "us-east-1"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    """A bucket of a small server in this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name=REGION
    )
    client.create_bucket(Bucket="attachments")
    client.put_object(Bucket="attachments", Key="notes.txt", Body=b"of somebody else")
    client.close()
    yield Bucket(f"{url}/attachments", KEY, SECRET, REGION)
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ByteStore:
    if request.param == "folder":
        return FileBytes(tmp_path / "attachments")
    return BucketBytes(request.getfixturevalue("bucket"))


def test_a_store_keeps_what_it_was_given_and_lists_it(store: ByteStore) -> None:
    content = os.urandom(300_000)
    began = datetime.now(UTC) - timedelta(seconds=2)
    digest = store.put(content)
    assert digest == digest_of(content) == store.put(content)
    assert store.get(digest) == content
    (written,) = {at for one, at in store.contents() if one == digest}
    assert began < written < datetime.now(UTC) + timedelta(seconds=2)
    assert all(len(one) == 64 for one, _ in store.contents())
    assert not store.remove(digest, before=written - HOUR), "younger than that"
    assert store.remove(digest, before=written + HOUR)
    assert not store.remove(digest, before=written + HOUR)
    with pytest.raises(BytesMissing):
        store.get(digest)
    assert digest not in {one for one, _ in store.contents()}


def test_a_file_that_cannot_be_written_whole_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileBytes(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(b"evidence")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_bucket_that_refuses_or_does_not_answer_is_away(bucket: Bucket) -> None:
    nowhere = Bucket("http://127.0.0.1:9/attachments", KEY, SECRET, REGION)
    for away in (nowhere, Bucket(f"{bucket.url}-elsewhere", KEY, SECRET, REGION)):
        with pytest.raises(ByteStoreAway):
            BucketBytes(away).put(b"evidence")


def test_only_digests_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"of another")
    with pytest.raises(BytesMissing):
        FileBytes(tmp_path / "attachments").get("../secret")
