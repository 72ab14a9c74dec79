"""Why a model cannot be run as a stream, and what to do: known from its configuration alone."""

from __future__ import annotations

from typing import Any

from vartai.errors import OptionError

_TRAIN_ANEW = "train one that can with --streaming, from Python with bidirectional=False"


def require_streamable_classifier(config: Any) -> None:
    """Refuse options of a classifier of which no stream can be made.

    Args:
        config: a `vartai.tasks.classify.config.ClassifyConfig`.

    Raises:
        OptionError: names the option.
    """
    model = config.model
    if model.cell != "bag" and model.bidirectional:
        raise OptionError(
            "a bidirectional model also reads from the end of the text, and a stream has none: "
            f"{_TRAIN_ANEW}"
        )


def require_streamable_tagger(config: Any) -> None:
    """As `require_streamable_classifier`, of a `vartai.tasks.tag.config.TagConfig`."""
    if config.model.bidirectional:
        raise OptionError(
            "a bidirectional tagger also reads the words that follow, and a stream does not have "
            f"them yet: {_TRAIN_ANEW}"
        )


def refuse_task(name: str) -> OptionError:
    """For a task that reads its input whole before it says anything."""
    hint = ""
    if name == "translate":
        hint = "; vartai translate is a filter of lines, and --lines 1 answers every line at once"
    return OptionError(
        f"a model for {name} reads its input whole before it says anything; streams are of "
        f"classify, tag and generate{hint}"
    )
