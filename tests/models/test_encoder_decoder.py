"""A sequence read, another written: the same alone and together, at once and step by step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from vartai.data.batches import TokenStore
from vartai.models.decoder_steps import DecoderSteps
from vartai.models.encoder_decoder import BORDER_ID, EncoderDecoder, begun, ended
from vartai.sequences import SequenceBatch
from vartai.tasks.translate.build import build_translator
from vartai.tasks.translate.config import ATTENTIONS, TranslatorOptions

SIZES = (11, 9)  # tokens of both sides
OPTIONS = TranslatorOptions(hidden_size=8, embedding_size=6)
SHAPES = [
    replace(OPTIONS, cell="gru", attention="multiplicative"),
    replace(OPTIONS, cell="lstm", attention="additive", decoder_layers=1, tied=False),
    replace(OPTIONS, cell="rnn", attention="none"),
    replace(OPTIONS, cell="lstm", attention="dot", encoder_layers=2, decoder_layers=3),
    replace(OPTIONS, cell="gru", attention="additive", input_feeding=True),
    replace(OPTIONS, cell="lstm", attention="none", decoder_layers=1, input_feeding=True),
]
shapes = pytest.mark.parametrize(
    "options", SHAPES, ids=[f"{o.cell}-{o.attention}-{o.input_feeding}" for o in SHAPES]
)


def built(options: TranslatorOptions, *, shared: bool = False) -> EncoderDecoder:
    torch.manual_seed(5)
    model = build_translator(options, source_size=SIZES[0], target_size=SIZES[1], shared=shared)
    with torch.no_grad():
        for parameter in model.parameters():  # far from zero, so that mistakes show
            parameter.mul_(2)
        model.bias.normal_()
    return model.eval()


def drawn(count: int, seed: int, *, least: int = 0) -> tuple[TokenStore, TokenStore]:
    draw = np.random.default_rng(seed)
    return tuple(  # type: ignore[return-value]
        TokenStore([draw.integers(2, size, draw.integers(least, 7)) for _ in range(count)])
        for size in SIZES
    )


def stores(least: int = 0) -> tuple[TokenStore, TokenStore]:
    return drawn(5, 3, least=least)


def batch(store: TokenStore, places: list[int]) -> SequenceBatch:
    return store.batch(np.array(places, dtype=np.int64))


@shapes
@settings(max_examples=8)
@given(seed=st.integers(0, 2**16), order=st.permutations(range(4)))
def test_a_pair_has_its_loss_alone_together_and_in_any_order(
    options: TranslatorOptions, seed: int, order: list[int]
) -> None:
    model = built(options)
    source, target = drawn(4, seed)
    with torch.inference_mode():
        alone = [float(model(batch(source, [p]), batch(target, [p])).total) for p in range(4)]
        together = float(model(batch(source, order), batch(target, order)).total)
        rows = model.features(batch(source, order), batch(target, order))
        own = model.features(batch(source, [2]), batch(target, [2]))
    assert together == pytest.approx(sum(alone), rel=1e-4)
    begins = np.concatenate([[0], np.cumsum(target.lengths[order] + 1)])
    place = order.index(2)
    torch.testing.assert_close(rows[begins[place] : begins[place + 1]], own)


@shapes
def test_steps_score_what_the_layers_score_at_once(options: TranslatorOptions) -> None:
    model = built(options)
    source, target = stores(least=1)
    with torch.inference_mode():
        for place in range(len(source)):
            ids = target.batch(np.array([place])).data.tolist()
            steps = DecoderSteps(model)
            state, nats = steps.begin(batch(source, [place])), 0.0
            for read, written in zip([BORDER_ID, *ids], [*ids, BORDER_ID], strict=True):
                scores, state = steps(torch.tensor([read]), state)
                nats -= float(scores[0, written])
            found = model(batch(source, [place]), batch(target, [place]))
            # A step never writes the unknown token, so its share goes to the others.
            features = model.features(batch(source, [place]), batch(target, [place]))
            shares = torch.softmax(features @ model.output_weight.T + model.bias, 1)
            lost = float(torch.log1p(-shares[:, 1]).sum())
            assert nats == pytest.approx(float(found.total) + lost, rel=1e-4, abs=1e-4)


@shapes
def test_a_decoder_reads_no_token_before_it_has_written_it(options: TranslatorOptions) -> None:
    model = built(options)
    source, _ = stores(least=1)
    one, other = (torch.tensor(ids) for ids in ([3, 4, 5, 6], [3, 4, 8, 2]))
    first = batch(source, [0])
    with torch.inference_mode():
        rows = [
            model.features(first, SequenceBatch(ids, torch.tensor([4]))) for ids in (one, other)
        ]
    torch.testing.assert_close(rows[0][:3], rows[1][:3])
    assert not torch.allclose(rows[0][3], rows[1][3])


@shapes
def test_the_source_matters_and_every_weight_learns(options: TranslatorOptions) -> None:
    model = built(options).train()
    source, target = stores(least=2)
    places = list(range(5))
    model(batch(source, places), batch(target, places), smoothing=0.1).total.backward()
    for name, parameter in model.named_parameters():
        table = name.endswith("embedding.weight") and parameter.grad is None
        grad = None if table else parameter.grad
        assert table or (grad is not None and grad.isfinite().all() and grad.any()), name
    model.eval()
    reversed_ = SequenceBatch(batch(source, [1]).data.flip(0), batch(source, [1]).lengths)
    with torch.inference_mode():
        losses = [
            float(model(s, batch(target, [1])).total) for s in (batch(source, [1]), reversed_)
        ]
    assert losses[0] != pytest.approx(losses[1], rel=1e-4)


def test_rows_of_one_source_may_be_many_few_or_gone() -> None:
    model = built(SHAPES[0])
    source, _ = stores(least=1)
    steps = DecoderSteps(model)
    with torch.inference_mode():
        state = steps.begin(batch(source, [0, 1, 2]))
        _, state = steps(torch.tensor([0, 0, 0]), state)
        rows = torch.tensor([0, 0, 0, 2, 2])  # nobody writes for the second any more
        scores, _ = steps(torch.tensor([3, 4, 5, 6, 7]), state.select(rows))
        for row, (place, token) in enumerate(zip(rows.tolist(), [3, 4, 5, 6, 7], strict=True)):
            own = steps.begin(batch(source, [place]))
            _, own = steps(torch.tensor([0]), own)
            alone, _ = steps(torch.tensor([token]), own)
            torch.testing.assert_close(scores[row], alone[0])


def test_one_table_serves_both_sides_and_the_output() -> None:
    model = build_translator(OPTIONS, source_size=9, target_size=9, shared=True)
    names = [name for name in model.state_dict() if "embedding" in name or name == "output"]
    assert names == ["decoder.vectors.embedding.weight"]


@pytest.mark.parametrize("name", ATTENTIONS)
def test_the_configuration_knows_every_attention(name: str) -> None:
    built(replace(OPTIONS, attention=name))


def test_borders_stand_before_what_is_read_and_after_what_is_written() -> None:
    ids = SequenceBatch(torch.tensor([5, 6, 7]), torch.tensor([0, 2, 1]))
    assert begun(ids).data.tolist() == [0, 0, 5, 6, 0, 7]
    assert ended(ids).data.tolist() == [0, 5, 6, 0, 7, 0]
    assert begun(ids).lengths.tolist() == [1, 3, 2]
