"""If-Match and ETag."""

import pytest

from api.http.etags import NO_VERSION, etag_of, version_of


@pytest.mark.parametrize("version", [1, 7, 123_456])
def test_an_etag_is_parsed_as_its_version(version: int) -> None:
    assert version_of(etag_of(version)) == version


@pytest.mark.parametrize("header", [None, "*", " * "])
def test_a_missing_or_wildcard_if_match_is_no_condition(header: str | None) -> None:
    assert version_of(header) is None


@pytest.mark.parametrize("header", ["", "7", 'W/"7"', '"x"', '"7", "8"', '"-1"', '"99999999999"'])
def test_a_tag_that_is_not_ours_matches_no_version(header: str) -> None:
    assert version_of(header) == NO_VERSION
