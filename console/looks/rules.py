"""Subjects whose views are recorded. Pure."""

from enum import StrEnum


class Looked(StrEnum):
    """Personal data, and cameras, of which each look is recorded."""

    TELEPHONE = "force.telephone"
    TRAIL = "force.trail"
    ATTACHMENT = "incident.attachment"
    THUMBNAIL = "incident.thumbnail"
    CAMERA = "camera"
