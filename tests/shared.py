"""Where the real data for tests lies, if it does."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


def folder_of_shared_data() -> Path:
    return Path(os.environ.get("MAPLEBRIDGE_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))


def has_shared_data(*names: str) -> bool:
    """Whether all of these shared data files are there."""
    return all((folder_of_shared_data() / name).is_file() for name in names)


def shared_data(name: str) -> Path:
    """The path of a shared data file; skips the calling test, saying so, where there is none."""
    folder = folder_of_shared_data()
    if not (folder / name).is_file():
        pytest.skip(f"no {name} in {folder}; MAPLEBRIDGE_SHARED_DATA says where the shared data lies")
    return folder / name
