"""One range of a recording's bytes: some browsers play nothing from a server that sends no ranges."""

import re

from starlette.responses import Response

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


def ranged(content: bytes, asked: str | None, *, media_type: str, headers: dict[str, str]) -> Response:
    """Return the content, or the one range of it that `Range` asks for. Several ranges, what is no range, and one in
    which there is nothing are answered with the whole, as RFC 9110 (14.2) allows.
    """
    headers = headers | {"Accept-Ranges": "bytes"}
    found = RANGE.fullmatch(asked or "")
    if found is None or found[0] == "bytes=-":
        return Response(content, media_type=media_type, headers=headers)
    total, (first, last) = len(content), found.groups()
    start = int(first) if first else max(0, total - int(last))
    end = min(total, int(last) + 1) if first and last else total
    if start >= end:
        return Response(content, media_type=media_type, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{total}"
    return Response(content[start:end], status_code=206, media_type=media_type, headers=headers)
