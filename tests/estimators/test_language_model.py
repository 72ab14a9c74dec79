"""`vartai.LanguageModel`: fit, score, generate, save, load."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import vartai
from vartai.data.tales import write_tales
from vartai.errors import InputError, OptionError
from vartai.estimators.language_model import LanguageModel

TEXT = "".join(write_tales(60, seed=1))


def small(**options: object) -> LanguageModel:
    chosen = {"hidden_size": 12, "embedding_size": 8, "epochs": 2, "streams": 5, "threads": 1}
    return LanguageModel(**{**chosen, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fitted() -> LanguageModel:
    return small().fit(TEXT)


def test_probabilities_of_what_follows_add_up_and_begin_with_the_likeliest(
    fitted: LanguageModel,
) -> None:
    found = fitted.next_distribution("Ona took a ")
    assert sum(found.values()) == pytest.approx(1.0, abs=1e-5)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert len(found) == fitted.task_.tokenizer.size


def test_the_probability_of_a_text_is_the_product_of_what_follows_what(
    fitted: LanguageModel,
) -> None:
    text = "Ona took"
    product = sum(
        math.log(fitted.next_distribution(text[:end])[text[end]]) for end in range(len(text))
    )
    assert fitted.log_probability(text) == pytest.approx(product, abs=1e-3)
    assert fitted.log_probability("") == 0.0


def test_texts_are_scored_alike_alone_and_beside_others(fitted: LanguageModel) -> None:
    texts = ["Ona took a key.", "Jonas", "The wind was cold. " * 20]
    together = fitted.score(texts)
    alone = [fitted.score(text) for text in texts]
    assert together.units == sum(fit.units for fit in alone) == sum(map(len, texts))
    assert together.nats == pytest.approx(sum(fit.nats for fit in alone), rel=1e-5)


def test_a_saved_model_is_loaded_as_it_was(fitted: LanguageModel, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    again = vartai.load(tmp_path / "model")
    assert isinstance(again, vartai.LanguageModel)
    assert again.hidden_size == 12
    assert again.score("Ona took").nats == pytest.approx(fitted.score("Ona took").nats, rel=1e-6)
    assert again.generate("Ona", length=20) == fitted.generate("Ona", length=20)
    assert again.metrics_["valid"] == pytest.approx(fitted.metrics_["valid"])


def test_several_texts_are_documents_that_end() -> None:
    model = small(epochs=1).fit(["ab", "aab"] * 30, valid="ab")
    assert model.task_.ends
    # The end of each document is a unit, too.
    assert model.score(["ab", "aab"]).units == 7


def test_what_is_no_text_is_refused_by_its_place() -> None:
    with pytest.raises(InputError, match=r"texts\[1\]: expected a text, found None"):
        small().fit(["a", None])  # type: ignore[list-item]
    with pytest.raises(InputError, match=r"texts: expected at least one text, found none"):
        small().fit([])


def test_an_unfitted_model_says_so_and_options_are_checked() -> None:
    with pytest.raises(OptionError, match="not fitted yet; call fit first"):
        small().generate("a")
    with pytest.raises(OptionError, match="cell 'gruu' is unknown|cell"):
        small(cell="gruu").fit(TEXT)
