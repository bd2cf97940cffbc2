"""`maplebridge export` and `import places`, as a keeper types them."""

import os
import subprocess
import sys
from pathlib import Path

from api.keeping.postgres.roles import Urls
from geo.store import Store
from tests.ingest.files.making import rows_of
from tests.shared import CHECKOUT
from tests.worlds import World


def maplebridge(database: Urls, folder: Path, *words: str, lang: str = "C.UTF-8") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.keeping.commands", *words],
        cwd=CHECKOUT,
        env={
            **os.environ,
            "LC_ALL": lang,
            "MAPLEBRIDGE_DATA_DIR": str(folder),
            "MAPLEBRIDGE_DATABASE_URL": database.app,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def test_places_go_out_and_come_in_again_unchanged(
    database: Urls, store: Store, world: World, tmp_path: Path
) -> None:
    file = str(tmp_path / "places.gpkg")
    out = maplebridge(database, tmp_path, "export", "places", file, "--datum", "gcj02", lang="zh_CN.UTF-8")
    assert (out.returncode, out.stdout) == (0, f"{file}: 已写出 1 行；坐标基准 gcj02\n")
    back = maplebridge(database, tmp_path, "import", "places", file, "--datum", "gcj02", "--dry-run")
    assert back.returncode == 0, back.stdout
    assert "rows 1, added 0" in back.stdout
    wrong = maplebridge(database, tmp_path, "import", "places", file, "--datum", "wgs84")
    assert wrong.returncode == 1
    assert "the file declares its coordinates as gcj02" in wrong.stdout


async def test_what_cannot_be_exported_leaves_the_old_file(
    database: Urls, store: Store, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text("old")
    refused = maplebridge(database, tmp_path, "export", "cameras", str(file), "--day", "2026-03-01")
    assert (refused.returncode, file.read_text()) == (1, "old")
    assert refused.stdout == f"{file}: cameras have no dates: leave out --day\n"
    unknown = maplebridge(database, tmp_path, "export", "cameras", str(file), "--division", "nowhere")
    assert (unknown.returncode, file.read_text()) == (2, "old")
    ending = maplebridge(database, tmp_path, "export", "cameras", str(tmp_path / "cameras.pdf"))
    assert ending.returncode == 2 and ".gpkg" in ending.stderr
    assert maplebridge(database, tmp_path, "export", "cameras", str(file), "--division", "320509100").returncode == 0
    assert len(rows_of(file).records) == 4
    assert not [*tmp_path.glob(".maplebridge-*")]  # noqa: ASYNC240
