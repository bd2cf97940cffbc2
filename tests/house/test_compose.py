"""compose.yaml prepares its database as the private cluster is prepared."""

import re

import pytest

from api.keeping.postgres.roles import APP, EXTENSIONS, LEAKPROOF, OWNER
from api.settings import Settings
from tests.shared import CHECKOUT

COMPOSE = (CHECKOUT / "compose.yaml").read_text(encoding="utf8")


def test_the_database_of_compose_has_what_migrations_never_add() -> None:
    wanted = [f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS]
    wanted += [f"ALTER FUNCTION {name} LEAKPROOF;" for name in LEAKPROOF]
    wanted += [f"CREATE ROLE {name} LOGIN NOSUPERUSER" for name in (OWNER, APP)]
    assert [words for words in wanted if words not in COMPOSE] == []


def test_what_compose_passes_on_unset_is_the_servers_own_default(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = dict(re.findall(r'^    (MAPLEBRIDGE_\w+): "\$\{\1:-(.*)\}"$', COMPOSE, flags=re.MULTILINE))
    assert {"MAPLEBRIDGE_PUBLIC_URL", "MAPLEBRIDGE_PUBLIC_ORIGINS", "MAPLEBRIDGE_TRUSTED_HOSTS"} <= passed.keys()
    for name, default in passed.items():
        monkeypatch.delenv(name, raising=False)
        own = Settings()
        monkeypatch.setenv(name, default)
        assert Settings() == own, name
        monkeypatch.delenv(name)


def test_the_image_holds_no_history_no_data_and_no_tests() -> None:
    first, *let_in = (CHECKOUT / ".dockerignore").read_text(encoding="utf8").partition("\n*\n")[2].splitlines()
    rooms = {line.strip("!/") for line in [first, *let_in] if line.startswith("!")}
    assert {"api", "console"} <= rooms and not rooms & {".git", ".maplebridge", "tests", "bench"}


def test_every_image_is_pinned_by_a_digest_that_can_be_renewed_as_the_page_says() -> None:
    dockerfile = (CHECKOUT / "Dockerfile").read_text(encoding="utf8")
    bases = re.findall(r"^FROM (\S+)", dockerfile, flags=re.MULTILINE)
    built = dict(re.findall(r"^ARG (\w+_IMAGE)=(\S+)$", dockerfile, flags=re.MULTILINE))
    arguments = re.findall(r'^      (\w+_IMAGE): "\$\{(\w+):-(.+)\}"$', COMPOSE, flags=re.MULTILINE)
    assert bases and {f"${{{name}}}" for name in built} == set(bases)
    assert {name: image for name, _, image in arguments} == built
    images = [image for image in re.findall(r"^ +image: (.+)$", COMPOSE, flags=re.MULTILINE) if image != "maplebridge"]
    run = [found for image in images for found in re.findall(r'^"\$\{(\w+):-(.+)\}"$', image)]
    assert len(run) == len(images) > 0
    pinned = {setting: image for _, setting, image in arguments} | dict(run)
    assert [
        image for image in pinned.values() if not re.fullmatch(r"[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}", image)
    ] == []
    for page in ("keeping.md", "keeping.zh-CN.md", "settings.md", "settings.zh-CN.md"):
        text = (CHECKOUT / "docs" / page).read_text(encoding="utf8")
        assert [name for name in pinned if f"`{name}" not in text] == [], page
