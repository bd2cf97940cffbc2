"""docs/clients: each phone's page gives an address that this server has, with parameters that it knows.

The samples of the pages are sent in tests/api/http/test_phones.py.
"""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from api.http.wire.phones import ADDRESS, OSMAND
from tests.described import described
from tests.phone_pages import PAGES, blocks
from tests.shared import CHECKOUT

PATHS = described()["paths"]
KNOWN = {parameter["name"] for parameter in (*OSMAND, *ADDRESS)} | {"altitude"}
POSITIONS = (CHECKOUT / "docs" / "positions.md").read_text(encoding="utf8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_gives_an_address_that_exists(page: Path) -> None:
    addresses = [*blocks(page, "address"), *(block.split()[1] for block in blocks(page, "http"))]
    assert addresses
    for address in addresses:
        parts = urlsplit(address)
        assert parts.path in PATHS
        assert {name for name, _ in parse_qsl(parts.query)} <= KNOWN
    assert f"clients/{page.name}" in POSITIONS


@pytest.mark.parametrize("page", [page for page in PAGES if page.stem in ("osmand", "gpslogger")], ids=lambda p: p.stem)
def test_the_sample_of_a_page_fills_in_its_address(page: Path) -> None:
    (address,), (sample,) = blocks(page, "address"), blocks(page, "http")
    typed, sent = (parse_qsl(urlsplit(text).query) for text in (address, sample.split()[1]))
    assert [name for name, _ in typed] == [name for name, _ in sent]
