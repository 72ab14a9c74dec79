"""Inputs in, outputs out: `/v1/predict` for any model, and a verb for each task."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from vartai.serve.service.bodies import AnswerBody, Outputs, PredictBody, TagBody, TextBody
from vartai.serve.service.refusals import Refusal
from vartai.serve.service.tasks import VERBS
from vartai.serve.service.work import Work


def verb_routes(work: Work) -> APIRouter:
    """The verbs of models that predict."""
    router = APIRouter(prefix="/v1", tags=["predict"])

    @router.post("/predict", response_model_exclude_none=True)
    async def predict(body: PredictBody, request: Request) -> Outputs:
        """What a model says of one input, or of several; what an input is, its task decides."""
        return await _predict(work, body, request, tuple(VERBS))

    @router.post("/tag", response_model_exclude_none=True)
    async def tag(body: TagBody, request: Request) -> Outputs:
        """A tag for every word."""
        return await _predict(work, body, request, ("tag",))

    @router.post("/translate", response_model_exclude_none=True)
    async def translate(body: TextBody, request: Request) -> Outputs:
        """A translation of each text."""
        return await _predict(work, body, request, ("translate",))

    @router.post("/answer", response_model_exclude_none=True)
    async def answer(body: AnswerBody, request: Request) -> Outputs:
        """An answer to each question, with its place in the context; null where there is none."""
        return await _predict(work, body, request, ("answer",))

    return router


async def _predict(
    work: Work,
    body: PredictBody | TagBody | TextBody | AnswerBody,
    request: Request,
    tasks: tuple[str, ...],
) -> Outputs:
    if (body.input is None) == (body.inputs is None):
        raise Refusal(422, "expected either input or inputs")
    model = work.models.find(body.model, tasks=tasks)
    given = [body.input] if body.inputs is None else body.inputs
    inputs: list[Any] = [e.model_dump() if isinstance(e, BaseModel) else e for e in given]
    work.require_size(inputs)
    if not inputs:
        return Outputs(model=model.name, outputs=[])
    assert model.predict is not None
    prepared = VERBS[model.task].prepare(model.saved.task, inputs)
    outputs = await work.compute(request, model.predict, prepared)
    if body.inputs is None:
        return Outputs(model=model.name, output=outputs[0])
    return Outputs(model=model.name, outputs=list(outputs))
