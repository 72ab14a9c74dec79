"""Requests and answers as OpenAPI describes them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[
    str | None,
    Field(default=None, description="Of the model; may be left out where only one can be meant."),
]


# A PNG of 4 × 4 pixels.
EXAMPLE_PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAFElE"
    "QVR42mM8YWPDAANMDEgANwcAQBABSNFdPKEAAAAASUVORK5CYII="
)


class Body(BaseModel):
    """A request: no other names, no conversions."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Problem(BaseModel):
    """Why a request was not done."""

    error: str = Field(description="What was expected, and what came.")


class QuestionInput(Body):
    """A question about a text."""

    context: str
    question: str


Sentence = str | list[str | list[str]]
"""A text that is cut at white space; or words, each with its values where the model reads some."""


class PredictBody(Body):
    """Inputs of any model that predicts."""

    model: Name = None
    input: Sentence | QuestionInput | None = Field(default=None, description="A single one.")
    inputs: list[Sentence | QuestionInput] | None = Field(default=None, description="Several.")
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"inputs": ["not bad at all", "weak"]}]},
    )


class TextBody(Body):
    """Texts."""

    model: Name = None
    input: str | None = Field(default=None, description="A single one.")
    inputs: list[str] | None = Field(default=None, description="Several.")
    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"input": "one dog"}]}
    )


class TagBody(Body):
    """Sentences."""

    model: Name = None
    input: Sentence | None = Field(default=None, description="A single one.")
    inputs: list[Sentence] | None = Field(default=None, description="Several.")
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"input": ["the", "old", "dog"]}]},
    )


class AnswerBody(Body):
    """Questions about texts."""

    model: Name = None
    input: QuestionInput | None = Field(default=None, description="A single one.")
    inputs: list[QuestionInput] | None = Field(default=None, description="Several.")
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"input": {"context": "Ada wrote it.", "question": "Who wrote it?"}}]
        },
    )


class CaptionBody(Body):
    """Pictures: the bytes of their files in base64."""

    model: Name = None
    input: str | None = Field(default=None, description="A single one.")
    inputs: list[str] | None = Field(default=None, description="Several.")
    attention: bool = Field(default=False, description="Tell where each word was looked for.")
    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"input": EXAMPLE_PICTURE}]}
    )


class Outputs(BaseModel):
    """Answers: `output` to a single `input`, or `outputs`, one for each of `inputs`."""

    model: str
    output: dict[str, Any] | None = None
    outputs: list[dict[str, Any]] | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "reviews",
                    "output": {"label": "good", "probabilities": {"good": 0.9, "bad": 0.1}},
                }
            ]
        }
    )


class SamplingBody(Body):
    """How a language model writes."""

    length: int = Field(default=200, ge=1, description="Most tokens.")
    stop: list[str] = Field(default=[], max_length=8, description="Strings that end the text.")
    temperature: float = Field(default=1.0, ge=0, le=100, allow_inf_nan=False)
    top_k: int | None = Field(default=None, ge=1)
    top_p: float | None = Field(default=None, gt=0, le=1, allow_inf_nan=False)
    repetition_penalty: float = Field(default=1.0, ge=1, le=100, allow_inf_nan=False)
    seed: int = Field(default=0, ge=0, lt=1 << 63)
    stream: bool = Field(default=False, description="Text as it is written: server-sent events.")


class GenerateBody(SamplingBody):
    """A prompt to go on from."""

    model: Name = None
    prompt: str = ""
    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"prompt": "It was", "length": 20, "seed": 1}]},
    )


class WriteBody(SamplingBody):
    """Writing on from where a session stands."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"length": 20}]}
    )


class Written(BaseModel):
    """A text that was written, and why it ended: length, stop, or end of the document."""

    model: str
    text: str
    ended: str


Pushed = str | list[int] | list[str | list[str]]
"""Text, cut anywhere; words of a tagger; or ids of tokens of a language model."""


class PushBody(Body):
    """What is read next."""

    input: Pushed = Field(default="", description="Text cut anywhere, words, or ids of tokens.")
    flush: bool = Field(default=False, description="Read what is pending, as if the text ended.")
    top: int = Field(default=5, ge=1, le=100, description="Likeliest tokens that are told.")
    numbers: bool = Field(default=False, description="Tell the numbers of the state, rounded.")
    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"input": "not bad "}]}
    )


class StepBody(PushBody):
    """What is read next, and the state from which: nothing is kept here."""

    model: Name = None
    state: str | None = Field(default=None, description="As handed out before; none to begin.")


class OpenBody(Body):
    """A session to begin, or to go on with from a state."""

    model: Name = None
    state: str | None = Field(default=None, description="As handed out before.")
    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{}]})


class StateBody(Body):
    """A state to go on from."""

    state: str
    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"state": "VkFSVEFJU0c="}]}
    )


class SessionFacts(BaseModel):
    """A session."""

    session: str
    model: str
    tokens: int = Field(description="That were read.")
    pending: str = Field(description="Text that is not read yet: more may change its tokens.")
    idle_for: float = Field(description="Seconds that it may be idle before it ends.")


class StateOut(BaseModel):
    """A state, signed. It is not encrypted."""

    model: str
    state: str
    until: int = Field(description="Unix second until which it is taken back.")
