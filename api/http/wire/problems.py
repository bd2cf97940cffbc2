"""Refusals on the wire."""

from typing import Any

from pydantic import Field

from api.http.wire.shapes import Out


class ProblemOut(Out):
    """An RFC 9457 problem document: codes for programs, no prose. docs/errors.md tells what each code means."""

    type: str = Field(description="`urn:maplebridge:error:` and the code.")
    title: str
    status: int
    code: str = Field(description="What is wrong, such as `force.busy`; screens have words for it.")
    params: dict[str, Any] = Field(description="What belongs to the code, such as `errors`, a list of `{field, code}`.")
    request_id: str | None = Field(description="Under which the server's log knows the request.")
