"""What the page may ask, each kind of question with its bounds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

CHARACTERS = 20_000
"""Longest text of a question."""
TOKENS = 600
"""Of a longer text the first so many tokens are shown, and the page says so."""
LARGEST_BODY = 400_000
"""Bytes of a question: four texts of four bytes a character, and room."""

Text = Annotated[str, Field(max_length=CHARACTERS)]
Name = Annotated[str, Field(max_length=100)]
Given = dict[Name, Text]
"""A text by the name of its field."""
Place = Annotated[int, Field(ge=0, le=1)]
"""Which model: the first, or the one beside it."""


class Question(BaseModel):
    """What every question says: which texts, for which model."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    given: Given
    model: Place = 0


class ViewQuestion(Question):
    """States or gates of a layer; the first there are where none is named."""

    layer: Name | None = None
    what: Name | None = None


class DifferenceQuestion(ViewQuestion):
    """Those of two texts."""

    other: Given
