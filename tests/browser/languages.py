"""The languages of the interface. A test runs in Chinese; words are looked at in both, in place by
`Screen.in_each_language`, or where a page begins in its language by running the test in each.
"""

import pytest

LOCALES = ("zh-CN", "en-GB")
both_languages = pytest.mark.parametrize("locale", LOCALES)
