"""What each word did: sums that must come out, signs that must be right, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.inspect.words.models import SMALL, negating_task, random_task

from vartai.errors import InputError, OptionError
from vartai.estimators.classifier import TextClassifier
from vartai.inspect.cut import cut
from vartai.inspect.words.asked import ask
from vartai.inspect.words.explain import (
    METHODS,
    Explanation,
    explain,
    explain_interaction,
    explain_phrases,
)
from vartai.inspect.words.integrated import integrated_gradients
from vartai.inspect.words.leave_out import left_out_effects
from vartai.inspect.words.prefixes import running_margins
from vartai.tasks.classify.task import ClassifyTask

TEXT = "the film was not good but bad"


@pytest.fixture(scope="module")
def negating() -> ClassifyTask:
    return negating_task()


@pytest.mark.parametrize("pool", ["last", "mean", "max", "attention"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_running_effects_and_integrated_gradients_add_up_to_the_margin(
    pool: str, bidirectional: bool
) -> None:
    task = random_task(replace(SMALL, pool=pool, bidirectional=bidirectional))
    found = explain(task, TEXT, methods=("running", "gradients"))
    total = found.effects["running"].sum()
    assert total == pytest.approx(found.margin - found.starts["running"], abs=1e-5)
    total = found.effects["gradients"].sum()
    difference = found.margin - found.starts["gradients"]
    assert found.error == pytest.approx(abs(total - difference), abs=1e-9)
    assert found.error <= max(0.005 * abs(difference), 0.001)


def test_the_margin_is_the_difference_of_the_scores_that_the_task_gives() -> None:
    task = random_task(labels=("no", "maybe", "yes"))
    found = explain(task, TEXT, label="maybe", methods=())
    scores = dict(zip(task.labels, task.scores([TEXT])[0], strict=True))
    rival = max(("no", "yes"), key=lambda name: scores[name])
    assert found.against == rival
    assert found.margin == pytest.approx(scores["maybe"] - scores[rival], abs=1e-5)
    shares = dict(zip(task.labels, task.probabilities([TEXT])[0], strict=True))
    assert found.probability == pytest.approx(shares["maybe"], abs=1e-6)


def test_a_running_effect_is_what_the_task_says_of_longer_and_longer_texts() -> None:
    task = random_task(replace(SMALL, bidirectional=True, pool="max"))
    one = cut(task, ["the film was"])
    asked = ask(one, label="yes")
    margins = running_margins(one, asked)
    for length, text in enumerate(("the", "the film", "the film was"), start=1):
        no, yes = task.scores([text])[0]
        assert margins[length] == pytest.approx(yes - no, abs=1e-5)


def test_leaving_out_is_what_the_task_says_of_the_text_without_the_word() -> None:
    task = random_task()
    found = explain(task, "the film was bad", label="yes", methods=("left-out",))
    no, yes = task.scores(["the film bad"])[0]
    assert found.effects["left-out"][2] == pytest.approx(found.margin - (yes - no), abs=1e-5)


def test_gradients_along_the_way_of_a_linear_model_are_its_weights() -> None:
    """A mean of vectors that pass the layers in a straight line: weight times input, exactly."""
    task = random_task(replace(SMALL, pool="mean"))
    one = cut(task, [TEXT])
    weight = torch.randn(4, 2)
    straight = replace(
        one,
        above=lambda rows: rows.data.new_zeros(len(rows), 2).index_add(
            0, rows.sequence_of_row(), rows.data @ weight
        ),
    )

    class Straight:
        def run(self, batch: object, *, keep: bool) -> object:
            return type("Run", (), {"rows": batch.data})  # type: ignore[attr-defined]

    straight = replace(straight, layers=Straight())  # type: ignore[arg-type]
    asked = ask(straight, label="yes")
    found = integrated_gradients(straight, asked, torch.ones(4))
    expected = (one.vectors.data - 1) @ weight @ torch.tensor([-1.0, 1.0])
    np.testing.assert_allclose(found.effects, expected.numpy(), atol=1e-5)
    assert found.steps == 16
    assert found.complete


def test_what_does_not_add_up_says_by_how_much() -> None:
    task = random_task(replace(SMALL, hidden_size=16))
    with torch.no_grad():
        for value in task.model.parameters():
            value.mul_(6)
    one = cut(task, [TEXT])
    asked = ask(one)
    found = integrated_gradients(one, asked, torch.zeros(4), most_steps=16)
    difference = asked.margin - found.start
    assert found.error == pytest.approx(abs(found.effects.sum() - difference))
    assert not found.complete
    better = integrated_gradients(one, asked, torch.zeros(4), most_steps=512)
    assert better.error < found.error
    assert better.steps > found.steps


def test_not_takes_away_from_good_and_gives_to_bad(negating: ClassifyTask) -> None:
    """In every method: of "not good" the word good speaks for yes only without not."""
    for word, answer in (("good", "no"), ("bad", "yes")):
        text = f"the film was not {word}"
        found = explain(negating, text, label="yes", against="no")
        assert negating.labels[int(negating.scores([text]).argmax())] == answer
        sign = 1 if answer == "yes" else -1
        assert sign * found.margin > 0
        assert sign * found.effects["left-out"][3] > 0
        assert sign * found.effects["gradients"].sum() > 0
        alone = explain_phrases(negating, text, [[3], [4], [3, 4]], label="yes", against="no")
        together = explain_interaction(negating, text, [3], [4], label="yes", against="no")
        assert together == pytest.approx(alone[2] - alone[0] - alone[1], abs=1e-4)
        assert sign * alone[2] > 0


def test_without_label_the_likeliest_is_explained_against_the_next() -> None:
    found = explain(random_task(labels=("no", "maybe", "yes")), TEXT, methods=())
    assert found.margin > 0
    assert found.label != found.against


def test_from_the_unknown_word_the_effects_add_up_too() -> None:
    task = random_task()
    found = explain(task, TEXT, methods=("gradients",), baseline="unknown")
    nothing = " ".join(["zzz"] * 7)
    no, yes = task.scores([nothing])[0]
    sign = 1 if found.label == "yes" else -1
    assert found.starts["gradients"] == pytest.approx(sign * (yes - no), abs=1e-5)
    assert found.error is not None
    assert found.error < 0.01


def test_a_cell_without_decomposition_gets_the_other_methods_and_a_note() -> None:
    found = explain(random_task(replace(SMALL, cell="gru")), TEXT)
    assert set(found.effects) == {"running", "gradients", "left-out"}
    assert any("these layers are gru" in note for note in found.notes)
    with pytest.raises(OptionError, match="these layers are gru"):
        explain(random_task(replace(SMALL, cell="gru")), TEXT, methods=("decomposition",))


def test_one_token_is_explained_by_every_method() -> None:
    found = explain(random_task(), "good")
    assert set(found.effects) == set(METHODS)
    assert [len(effects) for effects in found.effects.values()] == [1] * len(METHODS)
    start = found.starts["running"]
    assert found.effects["left-out"][0] == pytest.approx(found.margin - start, abs=1e-5)


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(InputError, match="expected at least one token, found none"):
        explain(random_task(), " ")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"label": "perhaps"}, "unknown label 'perhaps'; known: no, yes"),
        ({"against": "yes", "label": "yes"}, "must differ, both were 'yes'"),
        ({"methods": ("magic",)}, "unknown method 'magic'; known: decomposition, gradients"),
        ({"baseline": "noise", "methods": ("gradients",)}, "unknown baseline 'noise'"),
        ({"place": 0}, "place is of models that score tokens"),
    ],
)
def test_names_that_are_not_known_are_refused(options: dict[str, object], expected: str) -> None:
    with pytest.raises(OptionError, match=expected):
        explain(random_task(), TEXT, **options)  # type: ignore[arg-type]


def test_a_record_is_json_and_holds_all() -> None:
    found: Explanation = explain(random_task(), TEXT)
    record = json.loads(json.dumps(found.to_record(), allow_nan=False))
    assert [token["text"] for token in record["tokens"]] == TEXT.split()
    assert set(record["effects"]) == set(METHODS)
    assert record["margin"] == found.margin


def test_a_fitted_classifier_explains_itself_and_shows_it() -> None:
    texts = ["good", "so good", "good !", "is good", "very good"]
    texts += [text.replace("good", "bad") for text in texts]
    classifier = TextClassifier(hidden_size=4, epochs=1, valid_share=0.2, min_frequency=1)
    classifier.fit(texts, [1] * 5 + [0] * 5)
    found = classifier.explain("so good", label="1", methods=("running", "left-out"))
    assert (found.label, found.against) == ("1", "0")
    shares = classifier.predict_proba(["so good"])[0]
    assert found.margin == pytest.approx(np.log(shares[1] / shares[0]), abs=1e-4)
    [trace] = found.figure()["data"]
    assert trace["y"] == ["running", "left-out"]
    np.testing.assert_allclose(trace["customdata"][0], found.effects["running"], atol=1e-4)
    assert len(found.show().data) == 1


def test_of_a_model_that_scores_tokens_one_token_is_explained() -> None:
    """Gradients add up; what comes after the token does nothing to a reader from the left."""
    one = cut(random_task(), [TEXT])
    weight = torch.randn(5, 2)
    tagging = replace(one, per="token", above=lambda rows: rows.data @ weight)
    asked = ask(tagging, place=2)
    found = integrated_gradients(tagging, asked, torch.zeros(4))
    assert found.effects.sum() == pytest.approx(asked.margin - found.start, abs=0.01)
    np.testing.assert_array_equal(found.effects[3:], 0)
    left = left_out_effects(tagging, asked)
    assert np.isnan(left[2])
    np.testing.assert_allclose(left[3:], 0, atol=1e-6)
    assert np.abs(left[:2]).min() > 1e-4
    for options, expected in (({}, "place is missing"), ({"place": 7}, "must be at least 0 and")):
        with pytest.raises(OptionError, match=expected):
            ask(tagging, **options)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="this one scores tokens"):
        running_margins(tagging, asked)
