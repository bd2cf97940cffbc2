"""Limit this process, then run the named module: `python -m ingest.files.sandbox_child MODULE`.

The limits are set before any parser is loaded and survive the exec; if the kernel allows it, the process has no
network either. Only the standard library is imported here.

Memory is limited by RLIMIT_DATA: the heap and private mappings, which a hostile file makes grow. RLIMIT_AS also counts
libraries and reservations, 370 MB before the first byte is read and different on every machine; it is a second
safeguard, for kernels that count only the heap as data. A control group would need privileges that the account does
not have, and watching the resident size would react too late.
"""

import ctypes
import os
import resource
import sys

from ingest.files.limits import Limits, limits_of

NEW_USER, NEW_NET = 0x10000000, 0x40000000
NO_NEW_RIGHTS = 38
SECONDS_UNTIL_KILLED = 5
"""Between the signal that tells which limit was exceeded and the one that no process survives."""
NICENESS = 10
"""Lower priority than a server on the same machine."""


def confine(limits: Limits) -> None:
    """Limit memory, processor time, files and their size, and drop the network if the kernel allows it."""
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + SECONDS_UNTIL_KILLED))
    for what, most in (
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_AS, limits.address_bytes),
        (resource.RLIMIT_FSIZE, limits.unzipped_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(NICENESS)
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0)
    # Refused in some containers. No parser used here follows links; this is a second safeguard.
    system.unshare(NEW_NET if os.geteuid() == 0 else NEW_USER | NEW_NET)


if __name__ == "__main__":
    confine(limits_of(sys.argv[1]))
    os.execv(sys.executable, [sys.executable, "-m", sys.argv[1]])  # noqa: S606  (its caller is `bounded`)
