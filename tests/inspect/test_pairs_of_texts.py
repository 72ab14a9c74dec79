"""Traces of a translation and of an answer: layers as the definition has them, and attention."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
import torch
from tests.tasks.answer.asked import TINY, questions

from vartai import Reader, Translator
from vartai.bundle.trained import SavedTask
from vartai.data.questions.question import SPAN, WORD
from vartai.errors import InputError, OptionError
from vartai.inspect.answering import trace_answer
from vartai.inspect.selection import Selection
from vartai.inspect.trace import Trace
from vartai.inspect.translation import trace_translation
from vartai.models.encoder_decoder import BORDER_ID
from vartai.tasks.answer.task import AnswerTask, Knowledge, build_reader
from vartai.tasks.answer.texts import Asked
from vartai.tasks.translate.build import build_translator
from vartai.tasks.translate.config import PieceOptions, TranslateConfig, TranslatorOptions
from vartai.tasks.translate.pieces import train_pieces
from vartai.tasks.translate.task import TranslateTask
from vartai.text.options import TextOptions
from vartai.text.tokenizer import train_tokenizer

ALL = Selection()
SOURCE, TARGET = "a cat sees the dog", "katė mato šunį"


def translator(**model: object) -> TranslateTask:
    torch.manual_seed(2)
    config = TranslateConfig(
        text=PieceOptions(vocabulary_size=280),
        model=TranslatorOptions(hidden_size=6, embedding_size=4, **model),  # type: ignore[arg-type]
    )
    source, target = train_pieces([SOURCE] * 3, [TARGET] * 3, config.text)
    network = build_translator(
        config.model, source_size=source.size, target_size=target.size, shared=True
    )
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3.0)
    return TranslateTask(config, source, target, network)


def translated(task: TranslateTask, target: str | None = TARGET, **options: object) -> Trace:
    given = {"running": True, "max_tokens": 100, **options}
    return trace_translation(task, SOURCE, target, ALL, **given)  # type: ignore[arg-type]


KINDS = {
    "gru": {"cell": "gru"},
    "lstm, three layers": {"cell": "lstm", "decoder_layers": 3, "encoder_layers": 2},
    "fed": {"cell": "lstm", "input_feeding": True},
    "without attention": {"attention": "none"},
}


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_a_translation_is_traced_as_the_model_computes_it(options: dict[str, object]) -> None:
    task = translator(**options)
    found = translated(task)
    assert {name.partition(".")[0] for name in found.layers} == {"encoder", "decoder"}
    for name, states in found.layers.items():
        text = found.texts[name.partition(".")[0]]
        assert all(text[token.start : token.end] == token.text for token in states.tokens)
        assert len(states.hidden) == len(states.tokens)
    decoder = found["decoder.l0"].tokens
    assert [token.text for token in found.tokens[:2]] == ["a", " cat"]
    store = task.store([SOURCE], [TARGET])
    source, target = (
        part.batch(np.zeros(1, dtype=np.int64)) for part in (store.source, store.target)
    )
    with torch.no_grad():
        scores = task.model.features(source, target) @ task.model.output_weight.T + task.model.bias
        annotations, _ = task.model.encoder(
            (task.model.encoder.vectors or task.model.decoder.vectors)(source)
        )
    top = f"encoder.l{task.model.encoder.layers.num_layers - 1}"
    both = np.concatenate([found[top].hidden, found[f"{top}_reverse"].hidden], 1)
    np.testing.assert_allclose(both, annotations.data, atol=1e-5)
    assert found.running is not None
    assert found.running.tokens == decoder
    best = scores.softmax(1).max(1)
    np.testing.assert_allclose(found.running.probabilities[:, 0], best.values, atol=1e-5)
    names = [found.running.names(row)[0] for row in range(len(decoder))]
    ids = best.indices.tolist()
    assert [name for name, token in zip(names, ids, strict=True) if token != BORDER_ID] == (
        task.target.tokens([token for token in ids if token != BORDER_ID])
    )
    aligned = task.attention(SOURCE, TARGET)
    if aligned is None:
        assert found.attention == {}
    else:
        np.testing.assert_allclose(found.attention["decoder"].weights, aligned.weights, atol=1e-5)
        assert found.attention["decoder"].rows[-1] == "<end>"


def test_a_translation_that_is_not_given_is_the_models_own() -> None:
    task = translator()
    found = translated(task, None)
    assert found.texts["decoder"] == task.translate([SOURCE])[0].text


def test_estimators_trace_a_pair_of_texts() -> None:
    task = translator()
    found = Translator.from_saved(SavedTask("translate", task, {}, "")).trace(SOURCE, TARGET)
    assert np.array_equal(found["decoder.l0"].hidden, translated(task)["decoder.l0"].hidden)
    saved = SavedTask("answer", reader(), {}, "")
    read = Reader.from_saved(saved).trace("a cat sat", "who sat ?", layers=["question.l0"])
    assert [token.text for token in read["question.l0"].tokens] == ["who", "sat", "?"]
    with pytest.raises(InputError, match="expected text, found int"):
        Translator.from_saved(SavedTask("translate", task, {}, "")).trace(5)  # type: ignore[arg-type]


def test_what_is_chosen_of_a_translation_is_kept_and_long_texts_are_bounded() -> None:
    task = translator()
    chosen = Selection(["decoder.l0"], {"decoder.l0": [3]}, ["update"])
    found = trace_translation(task, SOURCE, TARGET, chosen, running=False, max_tokens=3)
    assert list(found.layers) == ["decoder.l0"]
    assert found["decoder.l0"].gates["update"].shape == (4, 1)
    assert [note.partition(":")[0] for note in found.notes] == [
        "of the text",
        "of the translation",
    ]
    with pytest.raises(
        OptionError, match="^unknown layer 'l0'; known: decoder.l0, decoder.l1, enc"
    ):
        trace_translation(task, SOURCE, TARGET, Selection(["l0"]), running=False, max_tokens=3)
    with pytest.raises(InputError, match="at least one token"):
        trace_translation(task, " ", None, ALL, running=False, max_tokens=3)


def test_a_table_of_a_translation_holds_the_tokens_of_both_texts(tmp_path: Path) -> None:
    found = translated(translator())
    found.to_parquet(tmp_path / "trace.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "trace.parquet").to_pylist()
    parts = [row["part"] for row in table]
    assert parts == ["encoder"] * len(found.tokens) + ["decoder"] * len(found["decoder.l0"].tokens)
    assert [row["running"] is None for row in table] == [part == "encoder" for part in parts]
    assert [row["decoder.l0.hidden"] is None for row in table] == [p == "encoder" for p in parts]
    assert found.figure(quantity="running")["data"][0]["x"][0] == "1 (start)"
    assert found.figure("decoder.l0", "update")["layout"]["title"]["text"] == "update of decoder.l0"


def reader(**model: object) -> AnswerTask:
    torch.manual_seed(3)
    texts = [text for item in questions(SPAN, 6).items for text in (item.context, item.text)]
    tokenizer = train_tokenizer(texts, TextOptions(min_frequency=1))
    config = replace(
        TINY,
        model=replace(TINY.model, **model),  # type: ignore[arg-type]
        questions=replace(TINY.questions, kind=SPAN),
    )
    known = Knowledge(characters="abcdefgh")
    return AnswerTask(config, tokenizer, known, build_reader(config, tokenizer, known))


def test_an_answer_is_traced_with_what_looks_at_what_and_where_it_may_stand() -> None:
    task = reader()
    item = questions(SPAN, 6).items[2]
    asked = Asked(item.context, item.text)
    found = trace_answer(task, asked, ALL, running=True, max_tokens=500)
    assert list(found.layers) == [
        "passage.l0",
        "passage.l0_reverse",
        "question.l0",
        "question.l0_reverse",
    ]
    for name, states in found.layers.items():
        text = found.texts[name.partition(".")[0]]
        assert all(text[token.start : token.end] == token.text for token in states.tokens)
        assert len(states.hidden) == len(states.tokens)
    np.testing.assert_allclose(found.attention["aligned"].weights.sum(1), 1.0, atol=1e-5)
    np.testing.assert_allclose(found.attention["question"].weights.sum(1), 1.0, atol=1e-5)
    assert found.running is not None
    np.testing.assert_allclose(found.running.probabilities.sum(0), 1.0, atol=1e-5)
    with torch.no_grad():
        scores = task.model(task.read_spans([asked]).batch(np.zeros(1, dtype=np.int64)))
    shares = torch.exp(scores.start[:, None] + scores.end[None]).triu()
    shares = shares.tril(task.config.model.longest_answer - 1)
    shares = shares / shares.sum()
    wanted = torch.stack([shares.sum(1), shares.sum(0)], 1)
    np.testing.assert_allclose(found.running.probabilities, wanted, atol=1e-5)
    hidden = np.concatenate([found[f"passage.l0{side}"].hidden for side in ("", "_reverse")], 1)
    assert hidden.shape == (len(found.tokens), task.model.passage_layers.output_size)
    assert not task.model.passage_layers.recorder


def story_reader() -> AnswerTask:
    torch.manual_seed(4)
    texts = [text for item in questions(WORD, 9).items for text in (item.context, item.text)]
    tokenizer = train_tokenizer(texts, TextOptions(min_frequency=1))
    config = replace(TINY, questions=replace(TINY.questions, kind=WORD))
    known = Knowledge(answers=("garden", "kitchen", "hall"))
    network = build_reader(config, tokenizer, known)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2.0)
    return AnswerTask(config, tokenizer, known, network)


def test_a_story_is_traced_line_by_line_with_what_each_hop_looked_at() -> None:
    task = story_reader()
    story = "Mary went to the hall.\n\nJohn took the ball.\nMary went to the hall.\n"
    found = trace_answer(task, Asked(story, "Where is Mary?"), ALL, running=True, max_tokens=99)
    lines = [line for line in story.splitlines() if line]
    assert [token.text for token in found.tokens] == lines
    assert {name.partition(".")[0] for name in found.layers} == {"story", "words", "question"}
    for name, states in found.layers.items():
        text = found.texts[name.partition(".")[0]]
        assert all(text[token.start : token.end] == token.text for token in states.tokens)
        assert len(states.hidden) == len(states.tokens)
    words = found["words.l0"]
    width = words.hidden.shape[0] // 3
    assert np.array_equal(words.hidden[:6], words.hidden[-6:])
    assert width > 4
    hops = found.attention["hops"]
    assert hops.weights.shape == (len(task.model.hops), 3)
    assert ((hops.weights > 0) & (hops.weights < 1)).all()
    assert found.running is not None
    for row, line in enumerate(found.tokens):
        replies = task.replies([Asked(story[: line.end], "Where is Mary?")], count=3)[0]
        assert [reply.text for reply in replies] == list(found.running.names(row))
        shares = [reply.confidence for reply in replies]
        np.testing.assert_allclose(found.running.probabilities[row], shares, atol=1e-5)
    short = trace_answer(task, Asked(story, "Where?"), ALL, running=False, max_tokens=12)
    assert len(short.tokens) == 2
    assert short.notes == ("only the first 2 lines were read, 1 were not",)
    with pytest.raises(InputError, match="in both story and question"):
        trace_answer(task, Asked("\n", "Where?"), ALL, running=False, max_tokens=12)


def test_a_long_passage_is_bounded_and_an_empty_question_refused() -> None:
    found = trace_answer(
        reader(), Asked("a cat sat on a mat", "who sat ?"), ALL, running=True, max_tokens=4
    )
    assert [token.text for token in found.tokens] == ["a", "cat", "sat", "on"]
    assert found.notes == ("only the first 4 of 6 tokens were read",)
    with pytest.raises(InputError, match="^question: expected at least one token, found none"):
        trace_answer(reader(), Asked("a cat", " "), ALL, running=True, max_tokens=4)
