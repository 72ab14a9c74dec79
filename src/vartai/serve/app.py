"""The application: routes that others bring, behind one guard, with one form of error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from vartai.errors import UserError, VartaiError
from vartai.serve.guard import Guard
from vartai.serve.turns import BusyError

POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""The Content-Security-Policy of an application that has no page."""


def build_app(
    routers: Sequence[APIRouter],
    *,
    hosts: Iterable[str],
    largest_body: int,
    policy: str = POLICY,
) -> FastAPI:
    """An application that answers this machine only.

    Every error is JSON, ``{"error": "…"}``, with the sentence that the command line would say: 4xx
    for what was asked wrongly, 503 for a full line, 500 for what failed.

    Args:
        routers: what it can do.
        hosts: *Host* headers that are let in, as `loopback_hosts` gives them.
        largest_body: bytes that a request may bring.
        policy: the Content-Security-Policy.
    """
    # FastAPI's own pages of documentation load scripts from elsewhere.
    app = FastAPI(title="Vartai", docs_url=None, redoc_url=None, openapi_url=None)
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(UserError, _answer_known)
    app.add_exception_handler(VartaiError, _answer_known)
    app.add_exception_handler(RequestValidationError, _answer_misshapen)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unknown)
    app.add_middleware(Guard, hosts=hosts, largest_body=largest_body, policy=policy)
    return app


def _problem(status: int, problem: str) -> JSONResponse:
    return JSONResponse({"error": " ".join(problem.split())}, status_code=status)


async def _answer_known(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, BusyError):
        return _problem(503, str(error))
    return _problem(400 if isinstance(error, UserError) else 500, str(error))


async def _answer_misshapen(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    return _problem(422, f"{place or 'body'}: {first['msg']}")


async def _answer_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, str(error.detail))


async def _answer_unknown(_: Request, error: Exception) -> JSONResponse:
    # The traceback goes to the console, where a bug report can take it from.
    return _problem(500, f"a mistake of the program ({type(error).__name__}); see its console")
