"""Becoming a bounded process, then the parser of a file nobody vouches for. Run as `python -m ingest.files.child`.

The limits are set before any parser is loaded and outlive the exec; where the kernel allows it, the process has no
network either. Only the standard library is imported here.
"""

import ctypes
import os
import resource
import sys

from ingest.files.limits import LIMITS

NEW_USER, NEW_NET = 0x10000000, 0x40000000


def confine() -> None:
    """Bound memory, processor time and file size, and leave the network where the kernel lets us."""
    for what, most in (
        (resource.RLIMIT_AS, LIMITS.memory_bytes),
        (resource.RLIMIT_CPU, LIMITS.seconds),
        (resource.RLIMIT_FSIZE, LIMITS.unzipped_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Refused in some containers. Nothing we parse with follows a link; this is the second lock.
    ctypes.CDLL(None, use_errno=True).unshare(NEW_NET if os.geteuid() == 0 else NEW_USER | NEW_NET)


if __name__ == "__main__":
    confine()
    os.execv(sys.executable, [sys.executable, "-m", "ingest.files.parsing"])  # noqa: S606  (fixed arguments)
