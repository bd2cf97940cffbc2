"""What building from a file of roads shares: the check of the file, and the folder that holds what is built."""

import hashlib
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geo.errors import MaplebridgeError
from ingest.files.problems import FileRefused
from ingest.files.sandbox import run_sandboxed

BUILDING = "build-"
FAR_M = 500.0
FAR_SHARE = 0.5
"""More grids than this share farther than FAR_M from any road: the file is another county's."""
LEFT_SECONDS = 86_400
Refused = type[MaplebridgeError]


def prepare(file: Path, folder: Path, refused: Refused) -> None:
    """Make the folder, without what builders that were killed have left. Raises `refused` without a file."""
    if not file.is_file():
        raise refused(reason="missing", file=str(file))
    folder.mkdir(parents=True, exist_ok=True)
    for place in folder.glob(f"{BUILDING}*"):
        if time.time() - place.stat().st_mtime > LEFT_SECONDS:
            shutil.rmtree(place, ignore_errors=True)


def check(file: Path, refused: Refused) -> dict[str, Any]:
    """Return what the file says about itself. Raises `refused`."""
    facts = sandboxed("ingest.roads.checking", {"file": str(file.resolve())}, refused)
    if "refused" in facts:
        raise refused(reason=facts["refused"], file=file.name, **facts["params"])
    return facts


def sandboxed(module: str, job: dict[str, Any], refused: Refused) -> dict[str, Any]:
    """Run a job on a `file`. Raises `refused`."""
    try:
        done: dict[str, Any] = run_sandboxed(module, job)
    except FileRefused as refusal:
        problem = refusal.problems[0]
        reason = "unreadable" if problem.code == "file.unreadable" else "too_large"
        raise refused(reason=reason, file=Path(job["file"]).name, **problem.params) from refusal
    return done


def refuse_elsewhere(far: int, grids: int, refused: Refused) -> None:
    """Refuse roads that most grids are far from."""
    if far > FAR_SHARE * grids:
        raise refused(reason="elsewhere", far=far, grids=grids, metres=round(FAR_M))


def version_of(built: Path) -> str:
    with built.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()[:12]


def remove_old(builds: Iterable[Path], kept: Iterable[Path]) -> None:
    """Remove builds that nobody begins with: the one before stays for those who have just read its name."""
    names = {file.name for file in kept}
    for file in builds:
        if file.name not in names:
            file.unlink(missing_ok=True)
