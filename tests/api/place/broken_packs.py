"""Invalid packs, made from the shipped one."""

import shutil
from pathlib import Path

import pytest

from api.place.problems import PackError
from api.place.reading import SHIPPED, read_pack

WUJIANG = SHIPPED / "wujiang"


def text_of(file: str) -> str:
    return (WUJIANG / file).read_text(encoding="utf8")


def broken_pack(folder: Path, **changes: tuple[str, str]) -> Path:
    """Copy the shipped pack, replacing one text in each file named (`flow=("old", "new")`)."""
    shutil.copytree(WUJIANG, folder, dirs_exist_ok=True)
    for name, (old, new) in changes.items():
        path = folder / f"{name}.toml"
        text = path.read_text(encoding="utf8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf8")
    return folder


def pack_error(folder: Path, **changes: tuple[str, str]) -> PackError:
    """Return the error that reading such a copy raises."""
    with pytest.raises(PackError) as caught:
        read_pack(broken_pack(folder, **changes), label="place")
    return caught.value


def texts_of(error: PackError) -> list[str]:
    return [problem["text"] for problem in error.params["problems"]]
