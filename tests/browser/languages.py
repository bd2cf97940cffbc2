"""The languages of the interface. A test runs in Chinese; one that looks at words runs in both."""

import pytest

LOCALES = ("zh-CN", "en-GB")
both_languages = pytest.mark.parametrize("locale", LOCALES)
