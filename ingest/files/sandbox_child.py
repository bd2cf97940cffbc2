"""Becoming a bounded process, then the module that is named. Run as `python -m ingest.files.sandbox_child MODULE`.

The limits are set before any parser is loaded and outlive the exec; where the kernel allows it, the process has no
network either. Only the standard library is imported here.

Memory is bounded by what the process may write to (RLIMIT_DATA): the heap and every private mapping, which is what a
hostile file makes grow. The address space (RLIMIT_AS) counts libraries and reservations as well, 370 MB before the
first byte is read and different on every machine; it is the second lock, for kernels that count only the heap as data.
A control group would need rights that a keeper's account does not have, and a watch on the resident size comes late.
"""

import ctypes
import os
import resource
import sys

from ingest.files.limits import LIMITS

NEW_USER, NEW_NET = 0x10000000, 0x40000000
NO_NEW_RIGHTS = 38
NICENESS = 10
"""A server beside goes first."""


def confine() -> None:
    """Bound memory, processor time, files and their size, and leave the network where the kernel lets us."""
    for what, most in (
        (resource.RLIMIT_DATA, LIMITS.memory_bytes),
        (resource.RLIMIT_AS, LIMITS.address_bytes),
        (resource.RLIMIT_CPU, LIMITS.seconds),
        (resource.RLIMIT_FSIZE, LIMITS.unzipped_bytes),
        (resource.RLIMIT_NOFILE, LIMITS.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(NICENESS)
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0)
    # Refused in some containers. Nothing we parse with follows a link; this is the second lock.
    system.unshare(NEW_NET if os.geteuid() == 0 else NEW_USER | NEW_NET)


if __name__ == "__main__":
    confine()
    os.execv(sys.executable, [sys.executable, "-m", sys.argv[1]])  # noqa: S606  (its caller is `bounded`)
