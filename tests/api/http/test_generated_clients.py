"""A client generated from the OpenAPI document type-checks strictly, and has a call for the batch of reports."""

import subprocess
import sys
from pathlib import Path

import pytest

from api.http.routers.reports import lines_of
from tests.described import described, document
from tests.shared import CHECKOUT

MYPY_CACHE = CHECKOUT / ".mypy_cache" / "generated-client"
"""What mypy knows of the libraries is kept from one run to the next."""


def run(*words: str, cwd: Path) -> None:
    done = subprocess.run([sys.executable, "-m", *words], cwd=cwd, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_generated_client_type_checks_and_sends_batches(tmp_path: Path) -> None:
    """In a folder of its own, so that neither program reads this project's settings."""
    (tmp_path / "openapi.json").write_text(document())
    run("openapi_python_client", "generate", "--path", "openapi.json", "--output-path", "out", cwd=tmp_path)
    made = tmp_path / "out" / "maplebridge_client"
    batch = (made / "api" / "reports" / "report_batch_api_incidents_batch_post.py").read_text()
    assert "body: list[IncidentIn]" in batch and "Response[BatchOut | ProblemOut]" in batch
    run("mypy", "--strict", "--cache-dir", str(MYPY_CACHE), "maplebridge_client", cwd=tmp_path / "out")


def test_the_document_has_an_ascii_title_and_describes_the_batch() -> None:
    assert described()["info"]["title"].isascii()
    body = described()["paths"]["/api/incidents/batch"]["post"]["requestBody"]
    assert body["content"].keys() == {"application/json", "application/x-ndjson"}


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b'[{"a":1},{"b":"\xe6\x9e\xab"}]', b'{"a":1}\n{"b":"\xe6\x9e\xab"}'),
        (b' [{"a":\n1}]', b'{"a":1}'),
        (b"[]", b""),
        (b'{"a":1}\n{"b":2}\n', b'{"a":1}\n{"b":2}\n'),
        (b"", b""),
    ],
)
def test_an_array_is_read_as_lines(body: bytes, lines: bytes) -> None:
    assert lines_of(body) == lines


@pytest.mark.parametrize("body", [b"[", b'[{"a":1}', b"[NaN]", b"[" * 5000, b'[1]\n{"a":1}'])
def test_what_is_no_array_is_read_line_by_line(body: bytes) -> None:
    assert lines_of(body) == body
