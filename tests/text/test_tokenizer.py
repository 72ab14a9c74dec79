"""What every unit keeps to, and what is refused when a saved tokenizer is loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from vartai.errors import BundleError, InputError, OptionError
from vartai.text.options import UNITS, TextOptions
from vartai.text.tokenizer import Tokenizer, load_tokenizer, train_tokenizer

TEXTS = ["Geras filmas, labai geras!", "Blogas… ne, ačiū 😂 <br />", "", "It's NOT bad"]
every_unit = pytest.mark.parametrize("unit", UNITS)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def trained(unit: str, max_tokens: int = 1_000, lowercase: bool = True) -> Tokenizer:
    options = TextOptions(
        unit=unit, vocabulary_size=300, max_tokens=max_tokens, lowercase=lowercase
    )
    return train_tokenizer(TEXTS, options)


TRAINED = {unit: trained(unit) for unit in UNITS}


@every_unit
def test_the_special_tokens_come_first(unit: str) -> None:
    tokenizer = TRAINED[unit]
    assert tuple(tokenizer.vocabulary[:2]) == ("<pad>", "<unk>")
    assert tokenizer.unit == unit
    assert tokenizer.unknown_id == 1
    assert tokenizer.size == len(tokenizer.vocabulary)


@every_unit
@given(text=texts)
def test_an_id_is_within_the_vocabulary_and_an_offset_within_the_text(unit: str, text: str) -> None:
    tokenizer = TRAINED[unit]
    tokenized = tokenizer.encode([text])[0]
    assert tokenized.ids.dtype == tokenized.offsets.dtype == np.int64
    assert tokenized.offsets.shape == (len(tokenized.ids), 2)
    assert ((tokenized.ids >= 1) & (tokenized.ids < tokenizer.size)).all()
    assert (tokenized.offsets[:, 0] < tokenized.offsets[:, 1]).all()
    assert (tokenized.offsets <= len(text)).all()
    assert tokenizer.encode_ids([text])[0].tolist() == tokenized.ids.tolist()


@every_unit
def test_a_text_reads_the_same_alone_and_among_many(unit: str) -> None:
    tokenizer = TRAINED[unit]
    many = [f"{TEXTS[number % 4]} {number}" for number in range(600)]
    together = tokenizer.encode(many)
    for text, tokenized in zip(many, together, strict=True):
        alone = tokenizer.encode([text])[0]
        assert alone.ids.tolist() == tokenized.ids.tolist()
        assert alone.offsets.tolist() == tokenized.offsets.tolist()


@every_unit
def test_an_empty_text_has_no_tokens(unit: str) -> None:
    tokenized = TRAINED[unit].encode([""])[0]
    assert tokenized.ids.shape == (0,)
    assert tokenized.offsets.shape == (0, 2)
    assert TRAINED[unit].encode([]) == []


@every_unit
def test_a_long_text_loses_its_middle(unit: str) -> None:
    text = "a b c d e f g h i"
    whole = TRAINED[unit].encode([text])[0]
    short = trained(unit, max_tokens=5).encode([text])[0]
    assert short.ids.tolist() == [*whole.ids[:3].tolist(), *whole.ids[-2:].tolist()]
    assert short.offsets.tolist() == [*whole.offsets[:3].tolist(), *whole.offsets[-2:].tolist()]
    assert (whole.cut, short.cut) == (0, len(whole.ids) - 5)
    assert trained(unit, max_tokens=5).encode_ids([text])[0].tolist() == short.ids.tolist()


@every_unit
def test_a_lone_surrogate_is_refused_everywhere(unit: str) -> None:
    message = r"text 2, character 3: expected a character, found the lone surrogate U\+D83D"
    bad = ["fine", "ab\ud83d"]
    for refuse in (TRAINED[unit].encode, TRAINED[unit].encode_ids):
        with pytest.raises(InputError, match=message):
            refuse(bad)
    with pytest.raises(InputError, match=message):
        train_tokenizer(bad, TextOptions(unit=unit))


@every_unit
def test_an_id_outside_the_vocabulary_is_refused(unit: str) -> None:
    tokenizer = TRAINED[unit]
    for number in (-1, tokenizer.size):
        with pytest.raises(OptionError, match=f"from 0 to {tokenizer.size - 1}, found {number}"):
            tokenizer.tokens([number])


@every_unit
def test_the_order_of_texts_does_not_change_the_vocabulary(unit: str) -> None:
    options = TextOptions(unit=unit, vocabulary_size=300)
    assert tuple(train_tokenizer(TEXTS[::-1], options).vocabulary) == tuple(
        TRAINED[unit].vocabulary
    )


@every_unit
@pytest.mark.parametrize("lowercase", [True, False])
def test_a_saved_tokenizer_is_the_same_again(unit: str, lowercase: bool) -> None:
    tokenizer = trained(unit, max_tokens=7, lowercase=lowercase)
    loaded = load_tokenizer(tokenizer.to_json())
    assert loaded.to_json() == tokenizer.to_json()
    assert tuple(loaded.vocabulary) == tuple(tokenizer.vocabulary)
    assert (loaded.unit, loaded.max_tokens) == (unit, 7)
    before, after = tokenizer.encode(TEXTS), loaded.encode(TEXTS)
    assert [t.ids.tolist() for t in before] == [t.ids.tolist() for t in after]


@pytest.mark.parametrize("unit", ["word", "bpe"])
def test_others_can_read_what_was_saved(unit: str) -> None:
    theirs = tokenizers.Tokenizer.from_str(TRAINED[unit].to_json())
    for text in TEXTS:
        assert theirs.encode(text).ids == TRAINED[unit].encode_ids([text])[0].tolist()


def swap(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change of one field, by its path."""

    def change(saved: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        for name in parents:
            saved = saved[name]
        saved[last] = value

    return change


@pytest.mark.parametrize(
    ("unit", "change", "message"),
    [
        ("word", swap("model", []), "expected model to be an object, found list"),
        ("word", swap("model/type", "Unigram"), "a model of WordLevel or BPE, found 'Unigram'"),
        ("word", swap("model/vocab", {}), "a vocabulary of 2 to 4194304 tokens, found 0"),
        ("word", swap("model/vocab", {"<pad>": 0, "<unk>": 2}), "ids 0 to 1, each once, found 2"),
        ("word", swap("model/vocab", {"<pad>": 0, "<unk>": 0}), "ids 0 to 1, each once, found 0"),
        ("word", swap("model/vocab", {"<pad>": 1, "<unk>": 0}), "expected the first tokens to be"),
        ("word", swap("model/vocab", {"<pad>": 0, "<unk>": True}), "whole number from 0, found T"),
        ("word", swap("model/vocab", {"<pad>": 0, "<unk>": -1}), "whole number from 0, found -1"),
        ("word", swap("truncation", None), "expected truncation to be an object, found NoneType"),
        ("word", swap("truncation/max_length", 1), "a whole number from 2, found 1"),
        ("word", swap("pre_tokenizer/pattern/Regex", "(a+)+$"), "expected pre_tokenizer.pattern"),
        ("word", swap("added_tokens", [{"id": 1, "content": "a"}]), "expected added_tokens to be"),
        ("word", swap("normalizer/normalizers", []), r"normalizer.normalizers to be \[\{"),
        ("bpe", swap("model/merges", [["a"]]), "merges of two tokens, found 1"),
        ("bpe", swap("model/merges", [["a", "zzz"]]), "merges of known tokens, found 'a' with 'z"),
        ("bpe", swap("model/merges", [[1, "a"]]), "expected a merge to be a string, found int"),
        ("bpe", swap("model/vocab", {"<pad>": 0, "<unk>": 1}), "a token for every byte"),
        ("char", swap("type", "other"), "expected the type 'vartai.characters' or 'vartai.spaced'"),
        ("char", swap("version", 2), "expected version 1, found 2"),
        ("char", swap("characters", "aba"), "each of the characters once"),
        ("char", swap("characters", ["a"]), "expected characters to be a string, found list"),
        ("char", swap("characters", "a\ud800"), "found a lone surrogate"),
        ("char", swap("max_tokens", "9"), "max_tokens to be a whole number from 2, found '9'"),
    ],
)
def test_damage_is_refused_by_name(
    unit: str, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    saved = json.loads(TRAINED[unit].to_json())
    change(saved)
    with pytest.raises(BundleError, match=f"tokenizer: .*{message}"):
        load_tokenizer(json.dumps(saved))


@every_unit
def test_a_missing_field_is_named(unit: str) -> None:
    saved = json.loads(TRAINED[unit].to_json())
    needed = (
        ("version", "max_tokens", "characters")
        if unit == "char"
        else ("model", "normalizer", "pre_tokenizer", "truncation")
    )
    for name in needed:
        without = {key: value for key, value in saved.items() if key != name}
        with pytest.raises(BundleError, match=f"expected the field '{name}'"):
            load_tokenizer(json.dumps(without))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected JSON"),
        ("{", "expected JSON"),
        ("[" * 100_000, "expected JSON"),
        ("[]", "expected the file to be an object, found list"),
    ],
)
def test_what_is_no_json_object_is_refused(text: str, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        load_tokenizer(text)


def test_a_file_beyond_all_measure_is_refused_before_it_is_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vartai.text.saved.MAX_CHARACTERS", 10)
    with pytest.raises(BundleError, match="expected at most 10 characters, found 11"):
        load_tokenizer("{" + " " * 9 + "}")
