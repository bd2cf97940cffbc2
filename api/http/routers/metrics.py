"""Metrics in Prometheus text. They count, and name nobody, so that a scraper needs no right to anything else."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

router = APIRouter(tags=["keeping"])


@router.get("/metrics", response_class=PlainTextResponse)
def metrics() -> Response:
    """All metrics of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
