"""Files in request bodies: as the body itself, or as the part `file` of a form."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from api.http.errors import Invalid

FORM = "multipart/form-data"
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file itself, of any media type, or a form with the file as `file`.",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}
"""What the document says of a route that takes a file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent, and its name, where it has one."""

    name: str
    content: bytes


async def upload_of(request: Request) -> Upload:
    """Return the file of a request. Raises `Invalid` for a form without one, and for nothing at all."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        found = await _in_form(request)
    else:
        found = Upload(_named(request), await request.body())
    if not found.content:
        raise Invalid(errors=[{"field": "file", "code": "missing"}])
    return found


async def _in_form(request: Request) -> Upload:
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid(errors=[{"field": "file", "code": "missing"}])
            return Upload(file.filename or "", await file.read())
    except MultiPartException as error:
        raise Invalid(errors=[{"field": "file", "code": "form"}]) from error


def _named(request: Request) -> str:
    """Return the name in `Content-Disposition`, empty without one."""
    said = request.headers.get("content-disposition", "")
    for part in said.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() in ("filename", "filename*"):
            return unquote(value.strip('"').rpartition("''")[2])
    return ""
