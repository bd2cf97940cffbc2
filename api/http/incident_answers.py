"""Answers with one incident."""

from fastapi import Response

from api.http.etags import etag_of
from api.http.wire.incidents import IncidentOut
from console.incidents.events import body_of
from console.incidents.tables import Incident


def incident_answer(incident: Incident, response: Response) -> IncidentOut:
    """Return an incident as HTTP shows it, and set its `ETag`, which a change sends back as `If-Match`."""
    response.headers["ETag"] = etag_of(incident.version)
    return IncidentOut(**body_of(incident))
