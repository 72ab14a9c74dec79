"""Every error as JSON: the status, and one sentence that says what was expected and what came."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from vartai.errors import UserError, VartaiError
from vartai.serve.answers import problem_json
from vartai.serve.service.metrics import Metrics
from vartai.serve.service.refusals import Refusal
from vartai.serve.turns import BusyError


def answer_problems(app: FastAPI, metrics: Metrics) -> None:
    """Make an application answer its errors so."""

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        metrics.rejected(error.reason)
        return _problem(error.status, str(error), error.headers)

    async def busy(_: Request, error: Exception) -> Response:
        metrics.rejected("inspector")
        return _problem(503, str(error), {"retry-after": "2"})

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(BusyError, busy)
    app.add_exception_handler(UserError, _known)
    app.add_exception_handler(VartaiError, _known)
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _http)


def _problem(status: int, problem: str, headers: dict[str, str] | None = None) -> Response:
    body = problem_json(problem)
    return Response(body, status_code=status, headers=headers, media_type="application/json")


async def _known(_: Request, error: Exception) -> Response:
    return _problem(400 if isinstance(error, UserError) else 500, str(error))


async def _misshapen(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part != "body"]
    if first["type"] == "json_invalid":
        problem = first["ctx"]["error"]
        return _problem(400, f"expected JSON, found a fault at character {where[0]}: {problem}")
    return _problem(422, f"{'.'.join(where) or 'body'}: {first['msg']}{_found(first)}")


def _found(fault: dict[str, Any]) -> str:
    if fault["type"] in ("missing", "extra_forbidden"):
        return ""
    return f", found {type(fault['input']).__name__}"


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = str(error.detail)
    if error.status_code in (404, 405):
        problem = (
            f"there is no {request.method} {request.url.path!r:.80} here; GET /openapi.json lists "
            "what there is"
        )
    return _problem(error.status_code, problem, dict(error.headers or {}))
