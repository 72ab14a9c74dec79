"""Writing with a trained model: seeds, samples, prompts, stops, circles."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from tests.tasks.generate.text import CONFIG, tales

from vartai.data.passages import Passage, TextSplits
from vartai.decoding.options import SamplingOptions
from vartai.decoding.transforms import Temperature, probabilities
from vartai.errors import InputError, OptionError
from vartai.models.stepped_language_model import SteppedLanguageModel
from vartai.tasks.generate.fit import fit_language_model
from vartai.tasks.generate.generation import (
    Generation,
    Sample,
    WritingOptions,
    note_of_cycle,
    note_of_unknown,
)
from vartai.tasks.generate.task import GenerateTask
from vartai.training.sitting import Sitting

GREEDY = SamplingOptions(temperature=0)


@pytest.fixture(scope="module")
def task() -> GenerateTask:
    return fit_language_model(CONFIG, tales(60), sitting=Sitting())[0]


def write(
    task: GenerateTask,
    prompt: str,
    options: WritingOptions,
    sampling: SamplingOptions = SamplingOptions(),  # noqa: B008 - frozen
) -> list[Sample]:
    generation = Generation(task)
    found = {s.number: s for s, _ in generation.write(generation.read(prompt), options, sampling)}
    return [found[number] for number in sorted(found)]


def test_pieces_are_the_text_and_the_length_is_kept(task: GenerateTask) -> None:
    generation = Generation(task)
    pairs = list(generation.write(generation.read("Ona"), WritingOptions(length=30), GREEDY))
    sample = pairs[-1][0]
    assert "".join(piece for _, piece in pairs) == sample.text
    assert (len(sample.ids), len(sample.text), sample.ended) == (30, 30, "length")


def test_a_continuation_that_is_stepped_is_the_one_that_reading_all_again_gives(
    task: GenerateTask,
) -> None:
    (sample,) = write(task, "Ona took", WritingOptions(length=25), GREEDY)
    step = SteppedLanguageModel(task.model)
    ids = [0, *task.tokenizer.encode_ids(["Ona took"])[0].tolist()]
    for token in sample.ids:
        scores = step.begin(torch.tensor(ids))[0].clone()
        scores[0, :2] = -torch.inf  # the border and the unknown unit are never written
        assert int(scores[0].argmax()) == token
        ids.append(token)


def test_a_seed_decides_and_a_sample_is_the_same_alone_and_beside_others(
    task: GenerateTask,
) -> None:
    many = write(task, "Jonas", WritingOptions(length=40, samples=4))
    alone = write(task, "Jonas", WritingOptions(length=40))
    assert alone[0].text == many[0].text
    assert len({sample.text for sample in many}) == 4
    other = write(task, "Jonas", WritingOptions(length=40), SamplingOptions(seed=1))
    assert other[0].text != alone[0].text


def test_a_stop_string_ends_the_text_wherever_it_falls(task: GenerateTask) -> None:
    (whole,) = write(task, "Ona", WritingOptions(length=60), GREEDY)
    stop = whole.text[20:24]
    (sample,) = write(task, "Ona", WritingOptions(length=60, stop=(stop, "never")), GREEDY)
    assert sample.text == whole.text[: whole.text.index(stop)]
    assert sample.ended == "stop"


def test_reading_on_after_writing_is_reading_it_all(task: GenerateTask) -> None:
    talk = Generation(task)
    first = list(talk.write(talk.read("Ona"), WritingOptions(length=9), GREEDY))[-1][0]
    second = list(talk.write(talk.read(" and"), WritingOptions(length=9), GREEDY))[-1][0]
    (again,) = write(task, f"Ona{first.text} and", WritingOptions(length=9), GREEDY)
    assert second.text == again.text


def test_what_a_prompt_has_beyond_the_vocabulary_is_told_and_all_of_it_is_an_error(
    task: GenerateTask,
) -> None:
    prompt = Generation(task).read("Ona ŁŁ x")
    assert note_of_unknown(prompt, "character") == (
        "3 characters of the prompt are not in the vocabulary and read as unknown: 'Ł', 'x'"
    )
    with pytest.raises(InputError, match="the prompt has no character that the model knows"):
        Generation(task).read("ŁŁ")


def test_a_model_of_one_document_never_ends_it_and_one_of_many_does() -> None:
    many = TextSplits(
        tuple(Passage(text) for text in ["ab", "aab", "abb"] * 60), (Passage("ab"),), ()
    )
    assert many.ends
    task, _ = fit_language_model(CONFIG, many, sitting=Sitting())
    samples = write(task, "", WritingOptions(length=50, samples=5))
    assert {sample.ended for sample in samples} == {"end"}
    assert all(set(sample.text) <= {"a", "b"} for sample in samples)


@pytest.mark.parametrize("temperature", [1e-300, 1e300])
def test_no_temperature_is_too_small_or_too_large(task: GenerateTask, temperature: float) -> None:
    options = WritingOptions(length=15)
    (sample,) = write(task, "Ona", options, SamplingOptions(temperature=temperature))
    if temperature < 1:
        assert sample.text == write(task, "Ona", options, GREEDY)[0].text
    assert len(sample.ids) == 15


def test_going_round_in_a_circle_is_told_for_what_it_is() -> None:
    note = note_of_cycle(Sample(0, ids=[5, *[7, 8, 9] * 9]), "word")
    assert note is not None
    assert "its last 3 words came 9 times in a row" in note
    assert note_of_cycle(Sample(0, ids=list(range(60))), "word") is None


def test_options_out_of_bounds_are_refused() -> None:
    with pytest.raises(OptionError, match="length must be at least 1, was 0"):
        WritingOptions(length=0)
    with pytest.raises(OptionError, match="samples must be at least 1, was 0"):
        WritingOptions(samples=0)


def test_samples_follow_the_model(task: GenerateTask) -> None:
    scores, _ = SteppedLanguageModel(task.model).begin(torch.tensor([0]))
    expected = scores[0].double().numpy().copy()
    expected[:2] = -float("inf")
    shares = probabilities(Temperature(1.0)(expected, []))
    firsts: Sequence[int] = [
        sample.ids[0] for sample in write(task, "", WritingOptions(length=1, samples=600))
    ]
    best = int(shares.argmax())
    share = sum(first == best for first in firsts) / 600
    assert abs(share - shares[best]) < 4 * (0.25 / 600) ** 0.5
