"""How many seeded schedules of the feed are run in two minutes, and whether any of them breaks a promise.

python -m bench.schedules [--schedules 100000] [--from 0] [--fault NAME]. Needs nothing else.
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter

from tests.live.schedules import FAULTS, SOUND, broken_by

AT_ONCE = 1_000
REACH, SECONDS = 100_000, 120.0


def _broken(first: int, fault: str | None) -> list[str]:
    parts = FAULTS[fault] if fault else SOUND
    return [str(broken) for broken in broken_by(parts, seeds=range(first, first + AT_ONCE))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=REACH)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--fault", choices=[*FAULTS])
    options = parser.parse_args()
    firsts = range(options.first, options.first + options.schedules, AT_ONCE)
    start, workers = perf_counter(), os.cpu_count() or 1
    with ProcessPoolExecutor(workers) as pool:
        broken = [one for some in pool.map(_broken, firsts, [options.fault] * len(firsts)) for one in some]
    seconds = perf_counter() - start
    rate = len(firsts) * AT_ONCE / seconds
    reach = REACH / SECONDS
    sys.stdout.write(
        f"{len(firsts) * AT_ONCE:,} schedules on {workers} processors in {seconds:.0f} s: {rate:,.0f} a second, "
        f"{rate / reach:.2f} of {reach:,.0f} (100,000 in two minutes); {len(broken)} broken\n"
    )
    sys.stdout.writelines(f"  {one}\n" for one in broken[:10])
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
