"""Pictures in, sentences out."""

from __future__ import annotations

from fastapi import APIRouter, Request

from vartai.serve.service.bodies import CaptionBody, Outputs
from vartai.serve.service.pictures import WaitingBytes, read_asked
from vartai.serve.service.refusals import Refusal
from vartai.serve.service.work import Work


def caption_routes(work: Work) -> APIRouter:
    """The verb of captioners."""
    router = APIRouter(prefix="/v1", tags=["predict"])
    waiting = WaitingBytes(work.options.picture_bytes)

    @router.post("/caption", response_model_exclude_none=True)
    async def caption(body: CaptionBody, request: Request) -> Outputs:
        """A sentence about each picture and, if asked for, where each word was looked for."""
        if (body.input is None) == (body.inputs is None):
            raise Refusal(422, "expected either input or inputs")
        model = work.models.find(body.model, tasks=("caption",))
        given = [body.input] if body.input is not None else body.inputs or []
        asked = read_asked(given, work.options, attention=body.attention)
        if not asked:
            return Outputs(model=model.name, outputs=[])
        assert model.caption is not None
        with waiting.hold(asked):
            outputs = await work.compute(request, model.caption, asked)
        if body.inputs is None:
            return Outputs(model=model.name, output=outputs[0])
        return Outputs(model=model.name, outputs=list(outputs))

    return router
