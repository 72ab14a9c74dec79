"""What captions are worth, in numbers that others have too."""

from __future__ import annotations

import math

import pytest
import torch

from vartai.data.captions import CaptionedPicture, CaptionedPictures
from vartai.errors import InputError
from vartai.tasks.caption.baselines import run_baselines
from vartai.tasks.caption.scores import is_exact, score_captions
from vartai.tasks.caption.words import join_words


def test_bleu_counts_up_to_n_words_against_several_references() -> None:
    found = score_captions(
        ["a red dog runs fast", "two cats"], [["A red dog runs", "the dog runs fast"], ["two cats"]]
    )
    # 7 of 7 words, 4 of 5 pairs; "a … fast" is no longer than the nearest reference and its own 5.
    assert found.bleu[0] == pytest.approx(100.0)
    assert found.bleu[1] == pytest.approx(100 * math.exp(math.log(5 / 5) / 2), abs=0.1)
    assert found.bleu == tuple(sorted(found.bleu, reverse=True))
    assert "nrefs:var|case:lc" in found.bleu_signature
    assert found.exact == 0.5


def test_a_wrong_caption_scores_by_hand() -> None:
    [one, two, three, four] = score_captions(["a b c d e"], [["a b x d e"]]).bleu
    assert one == pytest.approx(80.0)
    assert two == pytest.approx(100 * math.sqrt(0.8 * 2 / 4))
    # No triple matches: sacreBLEU's smoothing counts half a match, then a quarter.
    assert three == pytest.approx(100 * (0.8 * 0.5 * 0.5 / 3) ** (1 / 3))
    assert four == pytest.approx(100 * (0.8 * 0.5 * (0.5 / 3) * (0.25 / 2)) ** (1 / 4))


def test_case_and_spaces_do_not_make_a_caption_another() -> None:
    assert is_exact("a dog .", ["A  dog."])
    assert not is_exact("a dog", ["a dogs"])


def test_scores_need_references() -> None:
    with pytest.raises(InputError, match="found 1 captions and references of 0 pictures"):
        score_captions(["a"], [[]])


def test_words_are_joined_as_people_write_them() -> None:
    words = ["the", "boy", "'s", "dog", ",", "wet", ".", "(", "no", ")"]
    assert join_words(words) == "the boy's dog, wet. ( no)"
    assert join_words([]) == ""


def examples() -> CaptionedPictures:
    pixels = torch.zeros(3, 3, 16, 16, dtype=torch.uint8)
    pixels[1] = 250
    captions = [("A dark one", "night"), ("a bright one",), ("a dark  one",)]
    items = [CaptionedPicture(str(n), "t", n + 1, own) for n, own in enumerate(captions)]
    return CaptionedPictures("t", items, pixels)


def test_baselines_say_the_commonest_caption_and_that_of_the_most_alike_picture() -> None:
    train = examples()
    found = {each.name: each.scores for each in run_baselines(train, train)}
    assert found["most frequent"].exact == pytest.approx(2 / 3)
    assert found["nearest"].exact == 1.0
