"""What no stream can be made of is refused by name, with what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.stream.models import build_task, classifier, classify_options, live, tagger

from vartai.errors import OptionError
from vartai.stream.opening import open_live


def test_a_bidirectional_classifier_is_refused() -> None:
    text, model = classify_options()
    task = build_task(text, replace(model, bidirectional=True))
    with pytest.raises(OptionError, match=r"bidirectional model .*--streaming"):
        live(task)


def test_a_bag_has_no_direction() -> None:
    text, model = classify_options("word", "bag")
    live(build_task(text, replace(model, bidirectional=True)))


def test_a_bidirectional_tagger_is_refused() -> None:
    with pytest.raises(OptionError, match=r"bidirectional tagger .*--streaming"):
        live(tagger(bidirectional=True))


def test_a_delay_is_of_taggers_with_a_field() -> None:
    with pytest.raises(OptionError, match="delay has no use here"):
        live(tagger(), delay=1)
    with pytest.raises(OptionError, match="delay is of taggers"):
        live(classifier(), delay=1)
    with pytest.raises(OptionError, match="delay must be at least 0 and below 101, was 101"):
        live(tagger(crf=True), delay=101)


@pytest.mark.parametrize("name", ["answer", "caption", "translate"])
def test_a_task_that_reads_its_input_whole_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match=f"a model for {name} reads its input whole"):
        open_live(name, object())  # type: ignore[arg-type]
