"""A model opened to be looked into, and the texts that it has read lately."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vartai.bundle.trained import SavedTask, load_task
from vartai.errors import OptionError
from vartai.inspect.answering import trace_answer
from vartai.inspect.selection import Selection
from vartai.inspect.trace import Trace, trace
from vartai.inspect.translation import trace_translation
from vartai.serve.inspector.fields import describe_fields, fields_of, require_fields
from vartai.serve.inspector.questions import CHARACTERS, LARGEST_PICTURE, TOKENS
from vartai.tasks.answer.texts import Asked

# Typing asks for one text, then its states: a few are enough.
_KEPT = 4


@dataclass(eq=False)
class OpenedModel:
    """A saved model, and traces of the last few texts.

    Args:
        name: of its folder.
        saved: as it was loaded.
    """

    name: str
    saved: SavedTask
    _lately: OrderedDict[tuple[tuple[str, str], ...], Trace] = field(default_factory=OrderedDict)

    @classmethod
    def load(cls, folder: Path) -> OpenedModel:
        """Open a bundle.

        Raises:
            BundleError: there is none, or it cannot be trusted.
            OptionError: nothing of such a model can be looked at.
        """
        saved = load_task(folder)
        fields_of(saved.name)
        return cls(folder.resolve().name, saved)

    def trace(self, given: Mapping[str, str]) -> Trace:
        """Everything that was computed while the texts were read, at most `TOKENS` of them.

        Raises:
            InputError: a text is missing, or has no token.
            OptionError: a text that this model does not read.
        """
        require_fields(self.saved.name, given)
        key = tuple(sorted(given.items()))
        if key not in self._lately:
            self._lately[key] = _read(self.saved, given)
            while len(self._lately) > _KEPT:
                self._lately.popitem(last=False)
        self._lately.move_to_end(key)
        return self._lately[key]

    def facts(self) -> dict[str, Any]:
        """What the head of the page says of it."""
        model = self.saved.task.config.model
        return {
            "name": self.name,
            "task": self.saved.name,
            "cell": "lstm" if self.saved.name == "caption" else model.cell,
            "units": model.hidden_size,
            "parameters": sum(weight.numel() for weight in self.saved.task.model.parameters()),
            "fields": describe_fields(self.saved.name),
            "limits": {"characters": CHARACTERS, "tokens": TOKENS, "picture": LARGEST_PICTURE},
        }


def _read(saved: SavedTask, given: Mapping[str, str]) -> Trace:
    if saved.name == "caption":
        raise OptionError("this model reads pictures, not texts")
    if saved.name == "translate":
        target = given["target"] if "target" in given and given["target"].strip() else None
        return trace_translation(
            saved.task, given["source"], target, Selection(), running=True, max_tokens=TOKENS
        )
    if saved.name == "answer":
        asked = Asked(given["context"], given["question"])
        return trace_answer(saved.task, asked, Selection(), running=True, max_tokens=TOKENS)
    return trace(saved.task, [given["text"]], max_tokens=TOKENS)[0]
