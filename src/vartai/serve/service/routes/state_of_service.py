"""What is served, and whether it is well."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from vartai.serve.service.refusals import come_back
from vartai.serve.service.work import Work


def service_routes(work: Work) -> APIRouter:
    """Models, health and metrics."""
    router = APIRouter(tags=["service"])

    @router.get("/v1/models")
    async def models() -> dict[str, Any]:
        """The models, what each reads, and whether it can be streamed."""
        return {"models": [model.facts() for model in work.models.by_name.values()]}

    @router.get("/v1/models/{name}")
    async def model(name: str) -> dict[str, Any]:
        """One model, with its card."""
        found = work.models.find(name, tasks=work.models.tasks)
        return {**found.facts(), "card": found.saved.card}

    @router.get("/health")
    async def health() -> dict[str, str]:
        """Whether the process answers."""
        return {"status": "ok"}

    @router.get("/ready")
    async def ready() -> dict[str, str]:
        """Whether requests are taken; 503 while it stops."""
        if work.stopping.is_set() or not work.line.alive:
            raise come_back("the service is stopping", reason="stopping", seconds=5)
        return {"status": "ready"}

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """The numbers, as Prometheus reads them."""
        return Response(work.metrics.tell(), media_type=CONTENT_TYPE_LATEST)

    return router
