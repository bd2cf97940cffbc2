"""Hostile files are refused with a reason by a sandboxed process, and no row is stored."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.keeping.commands.import_messages import MESSAGES, message_of, printable
from ingest.files.limits import LIMITS
from ingest.files.problems import FileRefused, Problem
from ingest.files.reading import read_table
from ingest.files.sandbox import refusal_of_exit, run_sandboxed
from tests.faults import attacks
from tests.shared import CHECKOUT

pytestmark = pytest.mark.served

FULL = os.environ.get("MAPLEBRIDGE_FAULTS") == "full"
CASES = attacks.REFUSED | (attacks.LONG if FULL else {})
SECONDS = 35


@pytest.mark.parametrize("what", CASES)
def test_an_attack_is_refused_in_time_with_its_code(
    tmp_path: Path, what: str, record_property: Callable[[str, object], None]
) -> None:
    make, code = CASES[what]
    path = make(tmp_path)
    begun = time.monotonic()
    with pytest.raises(FileRefused) as refused:
        read_table(path)
    seconds, (problem, *_) = time.monotonic() - begun, refused.value.problems
    record_property(f"{problem.code} after seconds", round(seconds, 1))
    assert code in ("", problem.code)
    assert message_of(problem, chinese=False) != message_of(problem, chinese=True)
    assert seconds < SECONDS * (1 if FULL else 3)


def greedy(what: str) -> Any:
    return run_sandboxed("tests.faults.greedy", {"what": what})


@pytest.mark.parametrize(
    ("what", "limit", "most"),
    [
        ("memory", "memory", "512 MB"),
        ("shared memory of its own", "memory", "512 MB"),
        ("disk", "disk", "200 MB"),
        ("files", "open_files", "64"),
    ],
)
def test_a_process_that_exceeds_a_limit_is_ended_and_its_refusal_names_the_limit(
    what: str, limit: str, most: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        greedy(what)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["limit"]) == ("file.too_demanding", limit)
    assert most in message_of(problem, chinese=False) and most in message_of(problem, chinese=True)


def test_processor_time_is_limited_and_waiting_is_not() -> None:
    """A process that is stopped for longer than the limit of processor time still returns; one that works is ended."""
    assert run_limited(1, "time.sleep(1.5)") == 0
    assert run_limited(1, "while True: pass") == -signal.SIGXCPU
    with pytest.raises(FileRefused) as refused:
        raise refusal_of_exit(-signal.SIGXCPU)
    (problem,) = refused.value.problems
    assert (problem.params["limit"], problem.params["most"]) == ("processor_time", LIMITS.seconds)


def run_limited(seconds: int, work: str) -> int:
    """Return the exit code of Python code with the limits of a reading process, but few seconds of processor time."""
    code = (
        "import time\nfrom dataclasses import replace\nfrom ingest.files import sandbox_child as child\n"
        "from ingest.files.limits import LIMITS\n"
        f"child.confine(replace(LIMITS, seconds={seconds}))\n{work}\n"
    )
    return subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=False, timeout=60).returncode


def test_the_parsers_start_leaves_most_of_its_memory(
    record_property: Callable[[str, object], None],
) -> None:
    """The limit is on written memory, not on libraries: with GDAL loaded three quarters are left."""
    begins = greedy("nothing")
    record_property("megabytes of data with GDAL loaded", begins["data"] // 1_000_000)
    record_property("megabytes of address space with GDAL loaded", begins["address"] // 1_000_000)
    assert begins["data"] < LIMITS.memory_bytes / 4
    assert begins["cpu"][0] == LIMITS.seconds
    assert begins["nice"] > os.nice(0)


def test_the_parser_has_no_network_if_the_kernel_supports_it() -> None:
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this kernel gives no network namespaces to this account")
    assert greedy("network") == {"interfaces": ["lo"]}


def test_drivers_that_read_other_files_are_not_registered() -> None:
    assert not {"OGR_VRT", "CSV", "SQLite", "HTTP", "WFS", "OAPIF", "GML", "LIBKML"} & set(greedy("drivers"))


def test_control_characters_in_a_name_do_not_reach_the_terminal() -> None:
    message = message_of(
        Problem("kind.unknown", row=2, params={"value": "\x1b]0;owned\x07\x1b[2J" + "x" * 1000}), chinese=False
    )
    assert message.isprintable() and len(message) < 500
    assert printable("Sheet\x1b[31m!A1").isprintable()


def test_every_refusal_has_a_message() -> None:
    sources = subprocess.run(
        [
            "git",
            "grep",
            "-hoE",
            r'(refuse|Problem|add_problem)\(f?"[a-z_]+\.[a-z_]+"',
            "--",
            "ingest/files",
            "api/intake/files",
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    codes = {line.rpartition('("')[2].rstrip('"') for line in sources.splitlines()}
    assert len(codes) > 50
    assert codes <= MESSAGES.keys()


def test_the_command_refuses_a_pipe_at_once(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.keeping.commands", "import", "cameras", str(attacks.pipe(tmp_path)),
         "--datum", "wgs84", "--json"],
        cwd=CHECKOUT, env={**os.environ, "MAPLEBRIDGE_DATA_DIR": str(tmp_path)}, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert json.loads(done.stdout)["problems"][0]["code"] == "file.not_a_file"
