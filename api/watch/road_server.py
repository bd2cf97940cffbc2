"""The road engine of the settings: a Valhalla server by its address, or the graph in the data folder."""

from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from api.settings import Settings
from layers.roads.engines import refusal
from layers.roads.errors import EngineFault
from layers.roads.graph import PATIENCE_SECONDS, THREADS, Roads
from layers.roads.rules import Action


class ServerEngine:
    """A Valhalla server. Its own limits hold: with its defaults, it refuses more than 2,500 pairs."""

    name = "server"

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=THREADS)
        self._client = httpx.Client(
            base_url=url, timeout=PATIENCE_SECONDS, limits=limits, transport=transport, trust_env=False
        )

    def ask(self, action: Action, request: Mapping[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        try:
            answer = self._client.post(f"/{action}", content=orjson.dumps(request), headers=headers)
            body = orjson.loads(answer.content)
        except (httpx.HTTPError, orjson.JSONDecodeError) as error:
            raise EngineFault(fault=str(error) or type(error).__name__) from error
        if answer.is_success:
            return body
        said = body if isinstance(body, dict) else {}
        raise refusal(said.get("error_code"), str(said.get("error", answer.status_code)))

    def close(self) -> None:
        self._client.close()


def roads_of(settings: Settings) -> Roads:
    """Return the roads of the settings."""
    return Roads(settings.roads_dir, server=ServerEngine(settings.roads_url) if settings.roads_url else None)
