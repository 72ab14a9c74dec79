"""Many streams stepped as one batch: each as if it were alone, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stream.fragments import TEXT
from tests.stream.models import classifier, language_model, live, tagger, wide_classifier

from vartai.errors import InputError, OptionError
from vartai.nn.row_product import RowProduct
from vartai.stream.live import LiveModel
from vartai.stream.opening import stream_of
from vartai.stream.stream import push_together

MODELS = {
    "classify-max": lambda: live(classifier()),
    "classify-attention-segment": lambda: live(classifier("char", "gru", "attention", 3)),
    "classify-bag": lambda: live(classifier("word", "bag", "max")),
    "classify-wide": lambda: live(wide_classifier()),
    "tag": lambda: live(tagger("gru")),
    "tag-crf": lambda: live(tagger(crf=True), delay=2),
    "generate": lambda: live(language_model("bpe")),
    "generate-adaptive": lambda: live(
        language_model("word", "lstm", words="words", tied=True, softmax="adaptive")
    ),
}
OPEN = {name: make() for name, make in MODELS.items()}


def spelled(said: Any) -> Any:
    """What was said, every bit of it, comparable."""
    numbers = getattr(said, "log_probabilities", None)
    return said if numbers is None else (numbers.tobytes(), said.tokens, said.pending)


@pytest.mark.parametrize("name", OPEN)
@settings(max_examples=12)
@given(data=st.data(), rounds=st.lists(st.lists(TEXT, min_size=4, max_size=4), max_size=3))
def test_a_row_is_bit_for_bit_the_solo_run_in_any_order(
    name: str, data: st.DataObject, rounds: list[list[str]]
) -> None:
    model = OPEN[name]
    solo, together = ([stream_of(model) for _ in range(4)] for _ in range(2))
    for texts in rounds:
        order = data.draw(st.permutations(range(4)))
        expected = [stream.push(text) for stream, text in zip(solo, texts, strict=True)]
        said = push_together([together[row] for row in order], [texts[row] for row in order])
        for row, found in zip(order, said, strict=True):
            assert spelled(found) == spelled(expected[row])
    for one, other in zip(solo, together, strict=True):
        assert one.state.to_bytes() == other.state.to_bytes()


@pytest.mark.parametrize("name", OPEN)
def test_a_poisoned_state_changes_no_other_row(name: str) -> None:
    model: LiveModel[Any] = OPEN[name]
    well, sick, alone = (stream_of(model) for _ in range(3))
    sick._rows = tuple([part * np.nan if part.is_floating_point() else part for part in sick._rows])
    push_together([sick, well, stream_of(model)], ["bad at all ", "not bad at all ", "a "])
    alone.push("not bad at all ")
    assert well.state.to_bytes() == alone.state.to_bytes()


def test_a_fragment_that_cannot_be_read_changes_nothing() -> None:
    model = OPEN["classify-max"]
    broken, well = stream_of(model), stream_of(model)
    broken.push("not ")
    before = broken.state.to_bytes()
    found = push_together([broken, well], [b"bad \xff", b"bad "])
    assert isinstance(found[0], InputError)
    assert "expected utf-8, found byte 0xFF" in str(found[0])
    assert not isinstance(found[1], InputError)
    assert broken.state.to_bytes() == before
    assert well.tokens == 1


def test_streams_of_two_models_or_one_stream_twice_are_refused() -> None:
    one, other = stream_of(OPEN["tag"]), stream_of(OPEN["generate"])
    with pytest.raises(OptionError, match="expected streams of one model"):
        push_together([one, other], ["a", "b"])
    with pytest.raises(OptionError, match="each stream once"):
        push_together([one, one], ["a", "b"])
    with pytest.raises(OptionError, match="found 1 for 2"):
        push_together([one, stream_of(one.model)], ["a"])


@pytest.mark.parametrize("size", [(5, 7), (300, 311)], ids=["small", "large"])
def test_a_product_of_rows_is_that_of_each_row(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    weight, bias = torch.randn(size), torch.randn(size[0])
    rows = torch.randn(13, size[1])
    product = RowProduct(weight, bias)
    together = product(rows)
    for place, row in enumerate(rows):
        assert torch.equal(together[place], product(row[None].clone())[0])
    assert torch.allclose(together, rows @ weight.T + bias, atol=1e-4)
