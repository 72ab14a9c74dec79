"""A picture seen, a sentence written: the same alone and together, and gradients that are right."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from vartai.data.batches import TokenStore
from vartai.models.caption_steps import CaptionSteps
from vartai.models.captioner import Captioner, Terms
from vartai.models.encoder_decoder import BORDER_ID
from vartai.models.looking import Choose, draw, likeliest
from vartai.sequences import SequenceBatch
from vartai.tasks.caption.build import build_captioner
from vartai.tasks.caption.config import CaptionConfig, CaptionerOptions, PictureOptions

WORDS, PLACES, FEATURES = 7, 4, 5
GIVEN = PictureOptions(annotation_size=FEATURES)
OPTIONS = CaptionerOptions(
    hidden_size=6,
    embedding_size=3,
    attention_size=4,
    encoder="given",
    gate=True,
    embedding_dropout=0.0,
    output_dropout=0.0,
)
SHAPES = [
    OPTIONS,
    replace(OPTIONS, attention="hard", start_layers=2),
    replace(OPTIONS, attention="none"),
    replace(OPTIONS, gate=False),
]
shapes = pytest.mark.parametrize(
    "options", SHAPES, ids=[f"{o.attention}-{o.start_layers}-{o.gate}" for o in SHAPES]
)


def built(options: CaptionerOptions, dtype: torch.dtype = torch.float32) -> Captioner:
    torch.manual_seed(5)
    config = CaptionConfig(pictures=GIVEN, model=options)
    model = build_captioner(config, vocabulary_size=WORDS)
    with torch.no_grad():
        for parameter in model.parameters():  # far from zero, so that mistakes show
            parameter.mul_(2)
        model.bias.normal_()
    return model.to(dtype).eval()


def drawn(seed: int, count: int = 4, longest: int = 5) -> tuple[Tensor, TokenStore]:
    random = np.random.default_rng(seed)
    annotations = random.standard_normal((count, PLACES, FEATURES)).astype(np.float32)
    captions = [random.integers(2, WORDS, random.integers(0, longest)) for _ in range(count)]
    return torch.from_numpy(annotations), TokenStore(captions)


def one_each(count: int) -> Tensor:
    return torch.arange(count)


def batch(store: TokenStore, places: list[int]) -> SequenceBatch:
    return store.batch(np.array(places, dtype=np.int64))


@shapes
@settings(max_examples=8)
@given(seed=st.integers(0, 2**16), order=st.permutations(range(4)))
def test_a_caption_costs_the_same_alone_together_and_in_any_order(
    options: CaptionerOptions, seed: int, order: list[int]
) -> None:
    model = built(options)
    annotations, store = drawn(seed)
    with torch.inference_mode():
        alone = [
            float(model(annotations[[p]], one_each(1), batch(store, [p])).total) for p in range(4)
        ]
        together = model(annotations[order], one_each(4), batch(store, order))
        # Two captions of one picture, beside others in between.
        owner = torch.tensor([order.index(p) for p in (2, 0, 2)])
        shared = model(annotations[order], owner, batch(store, [2, 0, 2]))
    assert together.costs.tolist() == pytest.approx([alone[p] for p in order], rel=1e-4)
    assert float(together.total) == pytest.approx(sum(alone), rel=1e-4)
    assert shared.costs.tolist() == pytest.approx([alone[p] for p in (2, 0, 2)], rel=1e-4)


@shapes
def test_steps_score_what_the_whole_caption_costs(options: CaptionerOptions) -> None:
    model = built(options)
    annotations, store = drawn(3)
    with torch.inference_mode():
        for place in range(len(store)):
            ids = batch(store, [place]).data.tolist()
            steps = CaptionSteps(model, None)
            state, nats, lost = steps.begin(annotations[[place]]), 0.0, 0.0
            for read, written in zip([BORDER_ID, *ids], [*ids, BORDER_ID], strict=True):
                scores, state = steps(torch.tensor([read]), state)
                nats -= float(scores[0, written])
            found = model(annotations[[place]], one_each(1), batch(store, [place]))
            run = model.run(
                model.see(annotations[[place]]),
                one_each(1),
                vectors := model.read(batch(store, [place])),
                choose=None,
            )
            features = model.output(run.hidden, vectors.data, run.context)
            shares = torch.softmax(features @ model.words.T + model.bias, 1)
            # A step never writes the unknown word, so its share goes to the others.
            lost = float(torch.log1p(-shares[:, 1]).sum())
            assert nats == pytest.approx(float(found.total) + lost, rel=1e-4, abs=1e-4)


def test_rows_about_one_picture_may_be_many_few_or_gone() -> None:
    for options, choose in ((OPTIONS, None), (OPTIONS, likeliest), (SHAPES[2], None)):
        model = built(options)
        annotations, _ = drawn(4)
        steps = CaptionSteps(model, choose)
        state = steps.begin(annotations[:3])
        _, state = steps(torch.tensor([0, 0, 0]), state)
        rows = torch.tensor([0, 0, 0, 2, 2])  # nobody writes about the second any more
        scores, after = steps(torch.tensor([3, 4, 5, 6, 2]), state.select(rows))
        assert after.weights is not None
        assert after.weights.shape == (5, PLACES)
        for row, (place, word) in enumerate(zip(rows.tolist(), [3, 4, 5, 6, 2], strict=True)):
            own = steps.begin(annotations[[place]])
            _, own = steps(torch.tensor([0]), own)
            alone, _ = steps(torch.tensor([word]), own)
            torch.testing.assert_close(scores[row], alone[0])


@shapes
def test_weights_of_every_word_add_up_to_one(options: CaptionerOptions) -> None:
    model = built(options)
    annotations, store = drawn(6)
    vectors = model.read(batch(store, [0, 1, 2, 3]))
    for choose in (None, draw, likeliest):
        run = model.run(model.see(annotations), one_each(4), vectors, choose=choose)
        assert run.weights.shape == (len(vectors.data), PLACES)
        torch.testing.assert_close(run.weights.sum(1), torch.ones(len(vectors.data)))
        torch.testing.assert_close(run.used.sum(1), torch.ones(len(vectors.data)))
        if choose is not None and options.attention != "none":
            assert set(run.used.flatten().tolist()) == {0.0, 1.0}


def test_without_attention_only_the_mean_of_the_annotations_is_seen() -> None:
    model = built(SHAPES[2])
    annotations, store = drawn(8)
    moved = annotations + torch.tensor([1.0, -1.0, 2.0, -2.0])[:, None]  # of places: the mean stays
    captions = batch(store, [0, 1, 2, 3])
    with torch.inference_mode():
        blind, looking = (
            [float(own(seen, one_each(4), captions).total) for seen in (annotations, moved)]
            for own in (model, built(OPTIONS))
        )
    assert blind[0] == pytest.approx(blind[1], rel=1e-5)
    assert looking[0] != pytest.approx(looking[1], rel=1e-4)


def test_no_word_is_read_before_it_has_been_written() -> None:
    model = built(OPTIONS)
    annotations, _ = drawn(9)
    rows = []
    for ids in ([3, 4, 5, 6], [3, 4, 6, 2]):
        vectors = model.read(SequenceBatch(torch.tensor(ids), torch.tensor([4])))
        rows.append(model.run(model.see(annotations[:1]), one_each(1), vectors, choose=None).hidden)
    assert not rows[0][0].equal(rows[0][1])
    torch.testing.assert_close(rows[0][:3], rows[1][:3])
    assert not torch.allclose(rows[0][3], rows[1][3])


def test_the_first_word_reads_zeros() -> None:
    model = built(OPTIONS)
    read = model.read(SequenceBatch(torch.tensor([3, 4, 5]), torch.tensor([1, 2])))
    assert read.lengths.tolist() == [2, 3]
    assert not read.data[[0, 2]].any()
    torch.testing.assert_close(read.data[3], model.vectors.embedding.weight[4])


def gradients(model: nn.Module) -> dict[str, Tensor]:
    found = {
        name: parameter.grad.clone()
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }
    model.zero_grad()
    return found


def whole_loss(
    model: Captioner, batch_: tuple[Tensor, Tensor, SequenceBatch], even: float
) -> Tensor:
    """The soft loss written out once more, by hand: what its gradient must be of."""
    annotations, owner, captions = batch_
    total = torch.zeros((), dtype=annotations.dtype)
    for place, ids in enumerate(captions.split()):
        seen = annotations[int(owner[place])]
        hidden, cell = (part[0, 0] for part in model.start(seen.mean(0, keepdim=True)))
        read = torch.zeros(model.words.size(1), dtype=annotations.dtype)
        looked = torch.zeros(len(seen), dtype=annotations.dtype)
        for word in (*ids.tolist(), BORDER_ID):
            attention = model.looking.attention
            assert attention is not None
            assert model.looking.gate is not None
            scores = torch.tanh(attention.query(hidden) + attention.key(seen)) @ attention.score
            weights = torch.softmax(scores, 0)
            looked = looked + weights
            context = torch.sigmoid(model.looking.gate(hidden)) * (weights @ seen)
            own = {n.removesuffix("_l0"): p for n, p in model.layer.named_parameters()}
            inputs = torch.cat([read, context])
            sums = own["weight_ih"] @ inputs + own["bias_ih"]
            i, f, g, o = (sums + own["weight_hh"] @ hidden + own["bias_hh"]).chunk(4)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * cell.tanh()
            features = torch.tanh(
                model.output.hidden(hidden) + read + model.output.context(context)
            )
            total = total - torch.log_softmax(model.words @ features + model.bias, 0)[word]
            read = model.vectors.embedding.weight[word]
        total = total + even * (1 - looked).square().sum()
    return total


def batch_of(seed: int) -> tuple[Tensor, Tensor, SequenceBatch]:
    annotations, store = drawn(seed)
    return annotations.double(), torch.tensor([1, 3, 1]), batch(store, [0, 1, 2])


def test_soft_attention_has_the_gradient_of_its_definition() -> None:
    model = built(OPTIONS, torch.float64)
    own = batch_of(11)
    annotations = own[0].requires_grad_()
    found = model(*own, terms=Terms(even=0.7))
    found.total.backward()
    quick, quick_inputs = gradients(model), annotations.grad
    annotations.grad = None
    expected = whole_loss(model, own, 0.7)
    expected.backward()
    slow = gradients(model)
    assert set(quick) == set(slow) == {name for name, _ in model.named_parameters()}
    for name, gradient in slow.items():
        torch.testing.assert_close(quick[name], gradient, rtol=1e-7, atol=1e-9, msg=name)
    torch.testing.assert_close(quick_inputs, annotations.grad, rtol=1e-7, atol=1e-9)
    # What is told is the cross-entropy alone.
    told = float(whole_loss(model, own, 0.0).detach())
    assert float(found.total.detach()) == pytest.approx(told, rel=1e-9)


def test_the_gradient_of_soft_attention_is_that_of_finite_differences() -> None:
    model = built(OPTIONS, torch.float64)
    own = batch_of(12)
    model(*own).total.backward()
    step = 1e-6
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None, name
            flat, place = parameter.view(-1), parameter.numel() // 2
            sides = []
            for sign in (1, -1):
                flat[place] += sign * step
                sides.append(float(model(*own).total))
                flat[place] -= sign * step
            slope = (sides[0] - sides[1]) / (2 * step)
            assert float(parameter.grad.view(-1)[place]) == pytest.approx(slope, rel=1e-5, abs=1e-7)


def scripted(places: Iterator[int]) -> Choose:
    """Chooses as it is told, step after step."""
    return lambda weights: torch.tensor([next(places)] * len(weights))


def every_choice(
    model: Captioner, annotations: Tensor, caption: SequenceBatch
) -> Iterator[tuple[Callable[[], Choose], Tensor]]:
    """Each sequence of places of one caption, and its probability, differentiable."""
    steps = len(caption.data) + 1
    for places in itertools.product(range(annotations.size(1)), repeat=steps):

        def choose(places: tuple[int, ...] = places) -> Choose:
            return scripted(iter(places))

        vectors = model.read(caption)
        run = model.run(model.see(annotations), one_each(1), vectors, choose=choose())
        yield choose, (run.weights * run.used).sum(1).prod()


def nats(model: Captioner, annotations: Tensor, caption: SequenceBatch, choose: Choose) -> Tensor:
    """-log p(words | places), by plain operators."""
    vectors = model.read(caption)
    run = model.run(model.see(annotations), one_each(1), vectors, choose=choose)
    features = model.output(run.hidden, vectors.data, run.context)
    scores = torch.log_softmax(features @ model.words.T + model.bias, 1)
    written = torch.tensor([*caption.data.tolist(), BORDER_ID])
    return -scores.gather(1, written[:, None]).sum()


def test_hard_attention_estimates_the_gradient_of_its_bound_without_bias() -> None:
    model = built(SHAPES[1], torch.float64)
    annotations, _ = drawn(13, count=1)
    annotations = annotations[:, :3].double()
    caption = SequenceBatch(torch.tensor([3, 5]), torch.tensor([2]))
    choices = list(every_choice(model, annotations, caption))
    chances = [float(chance.detach()) for _, chance in choices]
    assert sum(chances) == pytest.approx(1)
    costs = [nats(model, annotations, caption, choose()) for choose, _ in choices]
    bound = torch.stack(
        [chance * cost for (_, chance), cost in zip(choices, costs, strict=True)]
    ).sum()
    mean = float(bound.detach())
    bound.backward()
    exact = gradients(model)
    spreads = []
    for score, baseline in ((1.0, 0.0), (1.0, mean), (0.0, 0.0)):
        terms = Terms(score=score, baseline=baseline)
        expected = {name: torch.zeros_like(gradient) for name, gradient in exact.items()}
        squares = 0.0
        for (choose, _), chance in zip(choices, chances, strict=True):
            found = model(annotations, one_each(1), caption, choose=choose(), terms=terms)
            found.total.backward()
            for name, gradient in gradients(model).items():
                expected[name] += chance * gradient
                squares += chance * float(gradient.square().sum())
        spreads.append(squares)
        if score:
            for name, gradient in exact.items():
                torch.testing.assert_close(
                    expected[name], gradient, rtol=1e-8, atol=1e-10, msg=name
                )
    # A baseline near the mean cost makes the same estimate steadier.
    assert spreads[1] < spreads[0] / 2
    # Without the score function attention would learn nothing from where it looked.
    attention = "looking.attention.score"
    assert exact[attention].abs().max() > 1e-3
    assert not expected[attention].any()


def test_places_are_drawn_by_their_weights() -> None:
    torch.manual_seed(0)
    weights = torch.tensor([[0.1, 0.6, 0.0, 0.3]]).expand(20_000, 4)
    shares = torch.bincount(draw(weights), minlength=4) / 20_000
    torch.testing.assert_close(shares, weights[0], rtol=0, atol=0.015)
    assert not shares[2]


def test_the_entropy_term_rewards_undecided_weights() -> None:
    model = built(SHAPES[1], torch.float64)
    annotations, store = drawn(14)
    own = (annotations.double(), one_each(4), batch(store, [0, 1, 2, 3]))
    vectors = model.read(own[2])

    def entropy() -> Tensor:
        run = model.run(model.see(own[0]), own[1], vectors, choose=None)
        return -(run.weights * run.weights.log()).sum()

    name = "looking.attention.query.weight"
    model(*own, terms=Terms(entropy=1.0)).total.backward()
    found = gradients(model)[name]
    model(*own).total.backward()
    without = gradients(model)[name]
    entropy().backward()
    torch.testing.assert_close(found, without - gradients(model)[name], rtol=1e-7, atol=1e-9)
