"""Structured logs: one JSON object a line, with the request id, and without personal data.

Messages of exceptions are never logged, since a driver quotes the row that it refuses, and a parser the text that it
cannot read. The log has an exception's classes, the database's error code and the stack.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
)
QUIET = {"uvicorn.access": logging.CRITICAL, "httpx": logging.WARNING, "httpcore": logging.WARNING}
"""Loggers that would log raw paths and query strings."""

HANDSHAKE = '"WebSocket '
"""Prefix of uvicorn's messages with a socket's address, path and query."""


def configure(level: str, *, stream: TextIO | None = None) -> None:
    """Send all logs of the process, our own and libraries', to `stream` (standard error) as JSON lines."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=list(SHARED),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_message,
                structlog.processors.JSONRenderer(serializer=_json),
            ],
        )
    )
    handler.addFilter(lambda record: HANDSHAKE not in str(record.msg))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)


def without_message(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its classes, its database error code and its stack."""
    error = _exception_of(event.pop("exc_info", None))
    if error is None:
        return event
    chain = []
    while error is not None:
        chain.append({"type": f"{type(error).__module__}.{type(error).__qualname__}", **_stack_of(error)})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return {**event, "exception": chain}


def _stack_of(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    found: dict[str, Any] = {"stack": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
    code = getattr(error, "sqlstate", None)
    return {**found, "sqlstate": code} if code else found


def _exception_of(found: object) -> BaseException | None:
    if found is True:
        found = sys.exc_info()
    if isinstance(found, tuple):
        found = found[1]
    return found if isinstance(found, BaseException) else None


def _json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=repr).decode()
