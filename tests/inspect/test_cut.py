"""A model that is cut computes what it computes whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.inspect.models import SENTENCES, classifier, language_model, tagger
from tests.tasks.classify.texts import TINY, colours, tiny
from tests.tasks.tag.sentences import made, untrained

from vartai.data.passages import Passage
from vartai.errors import InputError, OptionError
from vartai.inspect.cut import Cut, cut
from vartai.inspect.cuts.tag import cut_sentences
from vartai.sequences import SequenceBatch
from vartai.tasks.classify.fit import fit_classifier
from vartai.tasks.generate.scoring import unit_nats
from vartai.text.options import TextOptions
from vartai.training.sitting import Sitting

TEXTS = ["the red boat is here", "sky", "the  GREEN house, the red door and the blue wall"]
CLASSIFIERS = {
    "lstm, two directions, max": {},
    "gru, last": {"cell": "gru", "pool": "last", "bidirectional": False, "layers": 2},
    "rnn, mean, segments": {"cell": "rnn", "pool": "mean", "segment": 2},
    "lstm, attention, segments": {"pool": "attention", "segment": 3, "layers": 2},
}
TAGGERS = {
    "lstm": {},
    "gru, crf": {"cell": "gru", "crf": True, "layers": 2},
    "rnn, affixes": {"cell": "rnn", "affixes": 3, "bidirectional": False},
}


def joined(made: Cut) -> list[str]:
    return [" ".join(token.text for token in row) for row in made.tokens]


def require_places(made: Cut, texts: list[str]) -> None:
    assert [len(row) for row in made.tokens] == made.vectors.lengths.tolist()
    for text, row in zip(texts, made.tokens, strict=True):
        assert all(text[token.start : token.end] == token.text for token in row)


@pytest.mark.parametrize("options", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_a_classifier_cut_gives_the_probabilities_of_the_whole(options: dict[str, object]) -> None:
    task = classifier(**options)
    made = cut(task, TEXTS)
    scores = made.read().detach()
    np.testing.assert_allclose(scores.numpy(), task.scores(TEXTS), atol=1e-5)
    expected = task.probabilities(TEXTS)
    np.testing.assert_allclose(made.probabilities(scores).numpy(), expected, atol=1e-6)
    assert scores.std() > 0.1
    require_places(made, TEXTS)
    assert joined(made)[2] == "the GREEN house , the red door and the blue wall"
    assert made.per == "text"
    assert made.labels == task.labels
    assert made.notes == ((), (), ())


@pytest.mark.parametrize("options", TAGGERS.values(), ids=TAGGERS)
def test_a_tagger_cut_gives_the_scores_of_the_whole_to_the_bit(options: dict[str, object]) -> None:
    task = tagger(**options)
    texts = ["the red boat", "ačiū ,\tnew", "x"]
    made = cut(task, texts)
    rows = SENTENCES.rows[0]
    sentences = [rows._replace(words=tuple(text.split()), tags=()) for text in texts]
    whole = task.model(task.read(sentences).batch(np.arange(3)))
    assert torch.equal(made.read(), whole.data)
    assert torch.equal(cut_sentences(task, sentences).read(), whole.data)
    require_places(made, texts)
    assert made.labels == ("X", "Y", "Z")
    assert [bool(notes) for notes in made.notes] == ["crf" in options] * 3


@pytest.mark.parametrize("unit", ["char", "word", "bpe"])
@pytest.mark.parametrize("softmax", ["full", "adaptive"])
def test_a_language_model_cut_gives_every_token_the_nats_of_the_whole(
    unit: str, softmax: str
) -> None:
    task = language_model(unit=unit, softmax=softmax, layers=2, tied=True)
    made = cut(task, TEXTS)
    scores = made.read()
    require_places(made, TEXTS)
    assert torch.allclose(made.probabilities(scores).sum(1), torch.ones(len(scores)), atol=1e-5)
    assert len(made.labels) == scores.size(1) == task.tokenizer.size
    for place, rows in enumerate(made.vectors.with_data(scores).split()):
        corpus = task.corpus([Passage(TEXTS[place], before="", whole=True)])
        targets = torch.from_numpy(corpus.targets)
        nats = -rows[:-1].gather(1, targets[:, None]).squeeze(1)
        expected = unit_nats(task.model, corpus)
        np.testing.assert_allclose(nats.detach().numpy(), expected, atol=1e-5)
        assert made.tokens[place][0] == ("", 0, 0)


def every_kind() -> list[Cut]:
    bag = [cut(classifier(**options), TEXTS) for options in CLASSIFIERS.values()]
    return [*bag, cut(tagger(crf=True), TEXTS), cut(language_model(), TEXTS)]


@pytest.mark.parametrize("made", every_kind(), ids=[*CLASSIFIERS, "tagger", "language model"])
def test_a_gradient_of_the_scores_reaches_the_vectors(made: Cut) -> None:
    vectors = made.vectors.with_data(made.vectors.data.clone().requires_grad_())
    made.read(vectors).logsumexp(-1).sum().backward()
    gradient = vectors.data.grad
    assert gradient is not None
    for part in made.vectors.with_data(gradient).split():
        assert float(part.abs().sum()) > 0.0


@pytest.mark.parametrize("made", every_kind(), ids=[*CLASSIFIERS, "tagger", "language model"])
def test_each_text_is_read_as_if_it_were_alone_and_others_may_be_read_in_its_place(
    made: Cut,
) -> None:
    whole = made.read()
    parts = made.vectors.split()
    turned = made.read(SequenceBatch.from_sequences(parts[::-1]))
    if made.per == "text":
        assert torch.allclose(turned.flip(0), whole, atol=1e-5)
    else:
        back = torch.cat(torch.split(turned, made.vectors.lengths.tolist()[::-1])[::-1])
        assert torch.allclose(back, whole, atol=1e-5)
    assert len(made.read(SequenceBatch.from_sequences(parts[:1] * 2))) in (2, 2 * len(parts[0]))


@pytest.mark.parametrize("made", every_kind(), ids=[*CLASSIFIERS, "tagger", "language model"])
def test_a_run_that_is_kept_gives_the_same_rows_and_their_traces(made: Cut) -> None:
    with torch.no_grad():
        run, kept = made.run(), made.run(keep=True)
    assert torch.equal(run.rows, kept.rows)
    assert not run.traces
    top = f"l{made.layers.num_layers - 1}"
    sides = [top, f"{top}_reverse"][: made.layers.directions]
    assert torch.equal(torch.cat([kept.traces[side].hidden for side in sides], 1), run.rows)


def test_a_model_in_training_is_read_in_evaluation() -> None:
    task = classifier(output_dropout=0.5, layers=2, layer_dropout=0.5, word_dropout=0.5)
    expected = cut(task, TEXTS).read()
    task.model.train()
    assert torch.equal(cut(task, TEXTS).read(), expected)


def test_labels_that_stand_for_themselves_have_probabilities_of_their_own() -> None:
    task = classifier(separator="|")
    made = cut(task, TEXTS)
    shares = made.probabilities(made.read()).detach().numpy()
    np.testing.assert_allclose(shares, task.probabilities(TEXTS), atol=1e-6)
    assert (abs(shares.sum(1) - 1) > 0.01).all()


def test_with_an_n_gram_path_the_scores_are_the_recurrent_paths_and_a_note_says_so() -> None:
    config = replace(tiny(wide=True), training=replace(TINY.training, epochs=1))
    task, _ = fit_classifier(config, colours(), colours(), sitting=Sitting())
    made = cut(task, TEXTS)
    np.testing.assert_allclose(made.read().detach(), task.alone().scores(TEXTS), atol=1e-5)
    assert "n-gram" in made.notes[0][0]


def test_a_long_text_is_bounded_and_a_note_says_what_was_left_out() -> None:
    text = TextOptions(max_tokens=10, min_frequency=1)
    made = cut(classifier(text=text), ["red " * 25, "red"], max_tokens=4)
    assert made.vectors.lengths.tolist() == [4, 1]
    assert made.notes == (
        (
            "the model reads at most 10 tokens of a text: 15 were left out of the middle",
            "only the first 4 of 10 tokens were read",
        ),
        (),
    )
    assert cut(tagger(), ["a b c d"], max_tokens=3).notes == (
        ("only the first 3 of 4 tokens were read",),
    )
    assert cut(language_model(), ["the red"], max_tokens=3).vectors.lengths.tolist() == [4]
    many = cut(language_model(), ["red " * 25_000])
    assert many.vectors.lengths.tolist() == [20_001]
    assert many.notes == (("only the first 20,000 of 100,000 tokens were read",),)


@pytest.mark.parametrize("task", [classifier(), tagger(), language_model()])
def test_what_cannot_be_read_is_refused_in_plain_words(task: object) -> None:
    with pytest.raises(InputError, match=r"^texts\[1\]: expected at least one (token|word), found"):
        cut(task, ["red", ""])
    with pytest.raises(InputError, match="^texts: expected a list of at least one text, found one"):
        cut(task, "red")
    with pytest.raises(InputError, match="^texts: expected a list of at least one text, found non"):
        cut(task, [])
    with pytest.raises(InputError, match=r"^texts\[0\]: expected text, found int"):
        cut(task, [5])  # type: ignore[list-item]
    with pytest.raises(OptionError, match="^max_tokens must be at least 1, was 0"):
        cut(task, ["red"], max_tokens=0)


def test_what_cannot_be_cut_is_refused_in_plain_words() -> None:
    with pytest.raises(OptionError, match="expected a trained task to classify, generate or tag, "):
        cut(object(), ["red"])
    with pytest.raises(OptionError, match="^a bag of embeddings has no recurrent layers"):
        cut(classifier(cell="bag"), ["red"])
    with pytest.raises(InputError, match="reads columns beside the words"):
        cut(untrained(made(("a bb", "X Y"), inputs=True), inputs=True), ["red"])
