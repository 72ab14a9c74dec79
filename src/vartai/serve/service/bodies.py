"""Requests and answers as OpenAPI describes them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[
    str | None,
    Field(default=None, description="Of the model; may be left out where only one can be meant."),
]


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
