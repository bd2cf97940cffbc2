"""Child processes of a command."""

import os
import signal
from pathlib import Path

import pytest

from api.keeping.commands.demo.children import KILLED, Child, ChildEnded

pytestmark = pytest.mark.served

SECONDS = 60


def test_a_killed_child_is_restarted_and_one_that_ended_is_reported(tmp_path: Path) -> None:
    nowhere = {"MAPLEBRIDGE_COUNTY": "/nowhere"}
    with Child("serve", logs=tmp_path, env=nowhere) as child:
        first = child.process.pid
        assert not child.restart_if_killed()
        os.kill(first, signal.SIGKILL)
        assert child.process.wait(SECONDS) == KILLED
        assert child.restart_if_killed()
        assert child.process.pid != first
        assert child.process.wait(SECONDS) not in (0, KILLED)
        with pytest.raises(ChildEnded, match="serve ended with status 1"):
            child.restart_if_killed()
