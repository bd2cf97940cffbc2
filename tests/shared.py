"""Where the real data for tests lies, if it does."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


def shared_data(name: str) -> Path:
    """The path of a shared data file; skips the calling test, saying so, where there is none."""
    folder = Path(os.environ.get("MAPLEBRIDGE_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
    if not (folder / name).is_file():
        pytest.skip(f"no {name} in {folder}; MAPLEBRIDGE_SHARED_DATA says where the shared data lies")
    return folder / name
