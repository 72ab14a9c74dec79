"""Whatever holds for a model holds for one of any cell: small models with random weights."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.stream.models import TEXTS, classify_options, live, sentence
from tests.stream.models import build_task as classifier_of

from vartai.bundle.trained import load_task, save_task
from vartai.data.passages import Passage
from vartai.errors import OptionError
from vartai.inspect.trace import trace
from vartai.kernels.cell_names import CELLS
from vartai.models.stepped_language_model import SteppedLanguageModel
from vartai.stream.opening import stream_of
from vartai.stream.stream import push_together
from vartai.tasks.classify.task import ClassifyTask
from vartai.tasks.configs import config_from_mapping
from vartai.tasks.generate.build import build_language_model
from vartai.tasks.generate.config import GenerateConfig, LanguageModelOptions
from vartai.tasks.generate.fit import learn_units
from vartai.tasks.generate.task import GenerateTask
from vartai.tasks.tag.config import TagConfig, TaggerOptions, TagTextOptions
from vartai.tasks.tag.task import TagTask, build_model
from vartai.text.given import count_given_words

SENTENCES = ["Not bad at all ,", "ėjo geras café", "zzz", "It costs 3.5 or 1,000 . (e) a b"]


@cache
def classifier(cell: str, *, both: bool) -> ClassifyTask:
    text, model = classify_options("word", cell, "last")
    return classifier_of(text, dataclasses.replace(model, hidden_size=8, bidirectional=both))


@cache
def language_model(cell: str) -> GenerateTask:
    torch.manual_seed(3)
    options = LanguageModelOptions(cell=cell, layers=2, hidden_size=8, embedding_size=5)
    config = GenerateConfig(model=options)
    tokenizer = learn_units(config, [Passage(text) for text in TEXTS])
    model = build_language_model(config, vocabulary_size=tokenizer.size, unknown_id=1)
    return GenerateTask(config, tokenizer, model.eval(), True)


@cache
def tagger(cell: str, *, both: bool) -> TagTask:
    torch.manual_seed(2)
    options = TaggerOptions(
        cell=cell, bidirectional=both, hidden_size=8, embedding_size=5, character_size=8,
        character_embedding_size=4, affixes=2, layers=2,
    )  # fmt: skip
    config = TagConfig(model=options, text=TagTextOptions(min_frequency=1))
    words = [text.split() for text in TEXTS]
    limits = {"lowercase": True, "max_characters": 40, "vocabulary_size": 100, "min_frequency": 1}
    vocabulary = count_given_words(words, [], **limits)  # type: ignore[arg-type]
    tags = ("B-X", "I-X", "O", "B-Y")
    model = build_model(config, vocabulary, tags, "none")
    return TagTask(config, tags, vocabulary, model.eval(), "bio", False)


@pytest.mark.parametrize("cell", CELLS)
def test_a_text_alone_is_labelled_as_beside_others(cell: str) -> None:
    for both in (False, True):
        task = classifier(cell, both=both)
        together = task.probabilities(SENTENCES)
        alone = np.concatenate([task.probabilities([text]) for text in SENTENCES])
        assert np.abs(together - alone).max() < 1e-5
        assert np.abs(together[0] - together[3]).max() > 1e-5
        sentences = [sentence(*text.split()) for text in SENTENCES]
        tags = tagger(cell, both=both).predict(sentences)
        assert tags == [tagger(cell, both=both).predict([each])[0] for each in sentences]


@pytest.mark.parametrize("cell", CELLS)
def test_a_bundle_gives_back_the_model(cell: str, tmp_path: Path) -> None:
    task = classifier(cell, both=True)
    save_task(tmp_path / "classifier", "classify", task, metrics={}, card="")
    again = load_task(tmp_path / "classifier").task
    assert np.array_equal(again.probabilities(SENTENCES), task.probabilities(SENTENCES))
    model = language_model(cell)
    save_task(tmp_path / "writer", "generate", model, metrics={}, card="")
    read = load_task(tmp_path / "writer").task
    ids = torch.tensor([0, *model.tokenizer.encode_ids(["bad at all"])[0].tolist()])
    found, wanted = (SteppedLanguageModel(each.model).begin(ids)[0] for each in (read, model))
    assert torch.equal(found, wanted)


@pytest.mark.parametrize("cell", CELLS)
def test_a_stream_says_in_the_end_what_the_model_says_of_the_whole(cell: str) -> None:
    task, tagging, writer = (
        classifier(cell, both=False),
        tagger(cell, both=False),
        live(language_model(cell)),
    )
    text = "Not bad at all , don't you think ? "
    stream = stream_of(live(task))
    for letter in text:
        stream.push(letter)
    said = list(stream.flush().probabilities.values())
    assert np.abs(np.array(said) - task.probabilities([text])[0]).max() < 1e-5
    stream = stream_of(live(tagging))
    told = [tag for word in text.split() for _, tag in stream.push([word])]
    assert told == list(tagging.predict([sentence(*text.split())])[0])
    solo, beside = stream_of(writer), stream_of(writer)
    solo.push(text)
    push_together([stream_of(writer), beside], ["café a b", text])
    assert np.array_equal(solo.next.log_probabilities, beside.next.log_probabilities)
    model = language_model(cell)
    ids = torch.tensor([0, *model.tokenizer.encode_ids([text])[0].tolist()])
    wanted = SteppedLanguageModel(model.model).begin(ids)[0][0].numpy()
    assert np.abs(solo.next.log_probabilities - wanted).max() < 1e-5


@pytest.mark.parametrize("cell", CELLS)
def test_steps_of_a_language_model_foretell_what_reading_does(cell: str) -> None:
    model = language_model(cell)
    stepped = SteppedLanguageModel(model.model)
    ids = torch.tensor([0, 5, 7, 4, 9])
    wanted, _ = stepped.begin(ids)
    found, state = stepped.begin(ids[:2])
    for place in range(2, 5):
        found, state = stepped([int(ids[place])], state)
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize("cell", CELLS)
def test_a_trace_shows_the_run_or_says_why_not(cell: str) -> None:
    task = classifier(cell, both=True)
    encoder = task.model.encoder
    assert encoder is not None
    if not encoder.traced:
        with pytest.raises(OptionError, match="keep no traces of their run"):
            trace(task, SENTENCES[:1])
        return
    [found] = trace(task, SENTENCES[:1])
    assert list(found.layers) == encoder.trace_names()
    assert set(found["l1_reverse"].gates) == set(encoder.traced)
    assert found["l0"].hidden.shape == (len(found.tokens), 8)


def test_the_help_of_every_task_names_every_cell() -> None:
    for options in (LanguageModelOptions, TaggerOptions, type(classify_options()[1])):
        said = " ".join((options.__doc__ or "").split())
        listed = said[said.index("cell: ") : said.index(" layers: ")].replace(";", ",")
        names = {part.strip(" .").split(" ")[-1] for part in listed.split("(")[0].split(",")}
        assert names >= set(CELLS), options
        assert names - set(CELLS) <= {"bag"}, options


def test_a_configuration_refuses_what_a_cell_cannot_do() -> None:
    with pytest.raises(OptionError, match="recurrent_dropout: min-gru has none; cells that have: "):
        config_from_mapping(
            GenerateConfig, {"model": {"cell": "min-gru", "recurrent_dropout": 0.1}}
        )
