"""Metrics in Prometheus text. Open to scrapers without sign-in: no names and no incident numbers."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

router = APIRouter(tags=["keeping"])


@router.get("/metrics", response_class=PlainTextResponse)
def metrics() -> Response:
    """Return all metrics of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
