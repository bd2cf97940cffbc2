"""The bridge from what comes in to what is registered: both rooms name each field alike."""

from dataclasses import fields
from typing import get_type_hints

import pytest

from api.http.wire.incidents import IncidentOut
from api.intake.reports import FIELDS
from console.incidents.rules import SAID, Report
from console.incidents.tables import Incident
from ingest.reports.fields import Observation


@pytest.mark.parametrize("name", FIELDS)
def test_an_observation_has_every_field_of_a_report_with_its_type(name: str) -> None:
    assert get_type_hints(Observation)[name] == get_type_hints(Report)[name]


def test_no_field_of_an_observation_is_lost_on_the_way() -> None:
    assert {field.name for field in fields(Observation)} == set(FIELDS)


@pytest.mark.parametrize("name", SAID)
def test_what_the_source_said_is_kept_and_shown(name: str) -> None:
    assert name in Incident.__table__.columns
    assert name in IncidentOut.model_fields
