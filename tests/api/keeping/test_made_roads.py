"""The demo makes its county's roads once, and leaves those that somebody has given."""

from pathlib import Path

import pytest

from api.keeping.commands import demo as command
from api.keeping.commands.demo import Demo, lacks_roads
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from layers.roads.graph import CURRENT


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("xizhou")


def demo_in(folder: Path, pack: Pack, **settings: str) -> Demo:
    return Demo(Settings().model_copy(update={"data_dir": folder, **settings}), pack, speed=1.0)


@pytest.fixture(params=["a library", "no library"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    has_one: bool = request.param == "a library"
    monkeypatch.setattr(command, "installed", lambda: "pyvalhalla" if has_one else None)
    return has_one


def test_roads_are_made_until_there_is_a_graph(tmp_path: Path, pack: Pack, library: bool) -> None:
    demo = demo_in(tmp_path, pack)
    assert lacks_roads(demo)
    demo.settings.made_map.parent.mkdir()
    demo.settings.made_map.touch()
    assert lacks_roads(demo) == library, "the build was cut short; without a library it would be so each time"
    demo.settings.roads_dir.mkdir()
    (demo.settings.roads_dir / CURRENT).touch()
    assert not lacks_roads(demo)


def test_no_roads_are_made_beside_a_road_server_or_for_a_county_of_files(tmp_path: Path, pack: Pack) -> None:
    assert not lacks_roads(demo_in(tmp_path, pack, roads_url="http://127.0.0.1:8002"))
    from_files = pack.model_copy(update={"demo": pack.demo.model_copy(update={"generator": None})})
    assert not lacks_roads(demo_in(tmp_path, from_files))
