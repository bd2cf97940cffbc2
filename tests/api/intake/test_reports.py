"""Observations and reports name each field alike."""

from dataclasses import fields
from typing import get_type_hints

import pytest

from api.http.wire.incidents import IncidentOut
from api.intake.reports import FIELDS
from console.incidents.rules import REPORTED_FIELDS, Report
from console.incidents.tables import Incident
from ingest.reports.fields import Observation


@pytest.mark.parametrize("name", FIELDS)
def test_an_observation_has_every_field_of_a_report_with_its_type(name: str) -> None:
    assert get_type_hints(Observation)[name] == get_type_hints(Report)[name]


def test_every_field_of_an_observation_is_passed_on() -> None:
    assert {field.name for field in fields(Observation)} == set(FIELDS)


@pytest.mark.parametrize("name", REPORTED_FIELDS)
def test_every_field_of_the_source_is_stored_and_shown(name: str) -> None:
    assert name in Incident.__table__.columns
    assert name in IncidentOut.model_fields
