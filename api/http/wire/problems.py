"""Problem documents on the wire."""

from typing import Any

from pydantic import Field

from api.http.wire.shapes import Out


class ProblemOut(Out):
    """An RFC 9457 problem document: codes for programs, no prose. docs/errors.md explains each code."""

    type: str = Field(description="`urn:maplebridge:error:` and the code.")
    title: str
    status: int
    code: str = Field(description="Error code, such as `force.busy`; screens translate it.")
    params: dict[str, Any] = Field(description="Details of the error, such as `errors`, a list of `{field, code}`.")
    request_id: str | None = Field(description="The request's id in the server's log.")
