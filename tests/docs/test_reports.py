"""docs/reports.md matches the code."""

import re
from pathlib import Path

from ingest.reports.fields import Report
from tests.shared import CHECKOUT

TEXT = (CHECKOUT / "docs" / "reports.md").read_text(encoding="utf8")
SOURCES = (
    *(CHECKOUT / "ingest" / "reports").glob("*.py"),
    CHECKOUT / "console" / "incidents" / "rules.py",
)


def quoted(pattern: str, path: Path) -> set[str]:
    return set(re.findall(pattern, path.read_text(encoding="utf8")))


def test_every_field_of_a_report_is_documented() -> None:
    for name in Report.model_fields:
        assert f"`{name}`" in TEXT, name


def test_every_error_code_of_our_own_rules_is_documented() -> None:
    rules = r'FieldError\([^,()]+, "(\w+)"\)|PydanticCustomError\("(\w+)"|\("(?:lon|lat|external_no)", "(\w+)"\)'
    codes = {code for path in SOURCES for found in quoted(rules, path) for code in found if code}
    assert {"outside", "swapped", "future", "encoding", "control_character"} <= codes
    assert not {code for code in codes if f"`{code}`" not in TEXT}
