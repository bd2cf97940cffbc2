"""The demo makes its county's basemap and roads once, and leaves those that somebody has given."""

from pathlib import Path

import pytest

from api.keeping.commands import demo as command
from api.keeping.commands.demo import Demo, lacks_maps
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from layers.current import CURRENT


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("xizhou")


def demo_in(folder: Path, pack: Pack, **settings: str) -> Demo:
    return Demo(Settings().model_copy(update={"data_dir": folder, **settings}), pack, speed=1.0)


def put_into(folder: Path) -> None:
    folder.mkdir()
    (folder / CURRENT).touch()


@pytest.fixture(params=["a library", "no library"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    has_one: bool = request.param == "a library"
    monkeypatch.setattr(command, "installed", lambda: "pyvalhalla" if has_one else None)
    return has_one


def test_maps_are_made_until_there_are_both(tmp_path: Path, pack: Pack, library: bool) -> None:
    demo = demo_in(tmp_path, pack)
    assert lacks_maps(demo)
    put_into(demo.settings.basemap_dir)
    assert lacks_maps(demo) == library, "without a library there would be none each time"
    put_into(demo.settings.roads_dir)
    assert not lacks_maps(demo)


def test_no_roads_are_made_beside_a_road_server_and_no_map_for_a_county_of_files(tmp_path: Path, pack: Pack) -> None:
    demo = demo_in(tmp_path, pack, roads_url="http://127.0.0.1:8002")
    assert lacks_maps(demo)
    put_into(demo.settings.basemap_dir)
    assert not lacks_maps(demo)
    from_files = pack.model_copy(update={"demo": pack.demo.model_copy(update={"generator": None})})
    assert not lacks_maps(demo_in(tmp_path / "other", from_files))
