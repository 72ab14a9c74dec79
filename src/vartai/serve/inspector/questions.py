"""What the page may ask, each kind of question with its bounds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

CHARACTERS = 20_000
"""Longest text of a question."""
TOKENS = 600
"""Of a longer text the first so many tokens are shown, and the page says so."""
PASTED = 200_000
"""Longest pasted corpus."""
LARGEST_PICTURE = 10_000_000
"""Bytes of a picture file."""
LARGEST_BODY = 13_500_000
"""Bytes of a question: a picture in base64, and room; a pasted corpus needs far less."""

Text = Annotated[str, Field(max_length=CHARACTERS)]
Pasted = Annotated[str, Field(max_length=PASTED)]
Name = Annotated[str, Field(max_length=100)]
Given = dict[Name, Text]
"""A text by the name of its field."""
Place = Annotated[int, Field(ge=0, le=1)]
"""Which model: the first, or the one beside it."""


class Question(BaseModel):
    """What every question says: for which model."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    model: Place = 0


class TextQuestion(Question):
    """Which texts, too."""

    given: Given


class ViewQuestion(TextQuestion):
    """States or gates of a layer; the first there are where none is named."""

    layer: Name | None = None
    what: Name | None = None


class DifferenceQuestion(ViewQuestion):
    """Those of two texts."""

    other: Given


class EffectsQuestion(TextQuestion):
    """What each word did; of a model that scores tokens, to the label of the one at a place."""

    place: Annotated[int, Field(ge=0)] | None = None


class CaptionQuestion(Question):
    """What a picture shows."""

    name: Annotated[str, Field(max_length=300)]
    picture: Annotated[str, Field(max_length=LARGEST_PICTURE // 3 * 4 + 4)]
    """The bytes of its file, in base64."""


class MemoryQuestion(Question):
    """How far back, on texts: a line each."""

    texts: Text
    of: Name = "outputs"


class CorpusQuestion(Question):
    """What is asked of a corpus: of the pasted one if there is one, else the one of the start."""

    texts: Pasted = ""


class FlagsQuestion(CorpusQuestion):
    """Which units tell what: the values of a column, a pattern, or a scope such as quotes."""

    by: Name
    pattern: Annotated[str, Field(max_length=200)] = ""


class FindQuestion(CorpusQuestion):
    """Where else: for a text with one stretch in square brackets."""

    marked: Text
    match: bool = False
    layer: Name | None = None
    what: Name | None = None
    threshold: Annotated[float, Field(ge=-10, le=10)] = 0.3
