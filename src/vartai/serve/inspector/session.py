"""What one run of the inspector has open: a model or two, and texts to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vartai.errors import InputError, OptionError
from vartai.inspect.flags.rules import SCOPES
from vartai.serve.inspector.corpus import Corpus, pasted, sample
from vartai.serve.inspector.fields import fields_of, require_fields
from vartai.serve.inspector.opened import OpenedModel

CUT = ("classify", "tag", "generate")
"""Tasks whose models can be asked more than what they read: `vartai.inspect.cut` knows them."""
_EXAMPLES, _SAMPLE = 4, 20


@dataclass(frozen=True, eq=False)
class Session:
    """What is open.

    Args:
        models: one, or two to compare.
        texts: what to begin with, in the order of the model's fields; may be fewer.
        what_if: an edited copy of the first text.
        corpus: to find flags in and to search.
        behind: address of the page from which this one is reached, if there is one.
    """

    models: Sequence[OpenedModel]
    texts: Sequence[str] = ()
    what_if: str | None = None
    corpus: Corpus | None = None
    behind: str | None = None

    def model(self, place: int) -> OpenedModel:
        """The model at a place.

        Raises:
            OptionError: only one is open.
        """
        if place >= len(self.models):
            raise OptionError("there is no second model: open one with --beside")
        return self.models[place]

    def texts_of(self, text: str) -> Corpus:
        """The corpus that is asked about: what was pasted, if anything was.

        Raises:
            InputError: nothing was pasted, and there is no corpus.
        """
        if text.strip():
            return pasted(text)
        if self.corpus is None:
            raise InputError("expected texts: paste some, or start with --corpus FILE")
        return self.corpus

    def require_texts(self) -> None:
        """Refuse texts to begin with that the model cannot read.

        Raises:
            OptionError: there are more than it reads.
            InputError: one that it needs is missing or blank.
        """
        task = self.models[0].saved.name
        names = [field.name for field in fields_of(task)]
        if not names and (self.texts or self.corpus is not None or len(self.models) > 1):
            raise OptionError(
                "this model reads pictures: choose one on its page; texts, --corpus and --beside "
                "are for models of texts"
            )
        if len(self.texts) > len(names):
            raise OptionError(
                f"expected {', '.join(names)} after the model, found {len(self.texts)} texts"
            )
        if self.texts:
            require_fields(task, self.start())
            if self.what_if is not None:
                require_fields(task, {**self.start(), names[0]: self.what_if})

    def start(self) -> Mapping[str, str]:
        """The texts to begin with by field; blank where there is none."""
        names = [field.name for field in fields_of(self.models[0].saved.name)]
        texts = [*self.texts, *([""] * len(names))][: len(names)]
        return dict(zip(names, texts, strict=True))

    def start_other(self) -> Mapping[str, str] | None:
        """Those of the edited copy, if there is one."""
        if self.what_if is None:
            return None
        first = fields_of(self.models[0].saved.name)[0].name
        return {**self.start(), first: self.what_if}

    def facts(self) -> dict[str, Any]:
        """What the page knows before it asks anything."""
        task, corpus = self.models[0].saved.name, self.corpus
        return {
            **self.models[0].facts(),
            "start": self.start(),
            "startOther": self.start_other(),
            "examples": self._examples(),
            "tabs": dict.fromkeys(("words", "memory", "flags", "find"), task in CUT),
            "corpus": None if corpus is None else _about(corpus),
            "beside": self.models[1].facts() if len(self.models) > 1 else None,
            "scopes": list(SCOPES),
            "behind": self.behind,
        }

    def _examples(self) -> list[dict[str, str]]:
        """Texts to begin with, where the corpus has some and the model reads one text."""
        fields = fields_of(self.models[0].saved.name)
        if self.corpus is None or len(fields) != 1:
            return []
        return [{fields[0].name: text} for text in sample(self.corpus, _EXAMPLES)]


def _about(corpus: Corpus) -> dict[str, Any]:
    return {
        "name": Path(corpus.name).name,
        "texts": len(corpus.lines),
        "column": corpus.column,
        "sample": list(sample(corpus, _SAMPLE)),
    }
