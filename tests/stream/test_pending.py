"""What is pushed and cannot be read yet."""

from __future__ import annotations

import pytest
from tests.stream.models import classifier, language_model, live, tagger

from vartai.errors import InputError
from vartai.stream.opening import stream_of
from vartai.stream.pending import LONGEST


def test_nothing_is_said_of_half_a_word_until_it_is_flushed() -> None:
    stream = stream_of(live(classifier()))
    stream.push("not ")
    before = stream.push("")
    said = stream.push("ba")
    assert (said.probabilities, said.tokens) == (before.probabilities, 1)
    assert (said.pending, stream.pending) == ("ba", "ba")
    assert stream.push("d").tokens == 1
    assert stream.flush().tokens == 2
    assert stream.pending == ""


def test_a_character_cut_in_two_is_joined() -> None:
    stream = stream_of(live(language_model("char")))
    for byte in "ėjo 你".encode():
        stream.push(bytes([byte]))
    assert stream.tokens == 5


def test_bytes_that_end_within_a_character_cannot_be_flushed() -> None:
    stream = stream_of(live(language_model("char")))
    stream.push("你".encode()[:2])
    with pytest.raises(InputError, match="found bytes 0xE4 0xBD at the end, which only begins"):
        stream.flush()
    with pytest.raises(InputError, match="push bytes or text, not both"):
        stream.push("a")
    stream.push("你".encode()[2:])
    assert stream.flush().tokens == 1


@pytest.mark.parametrize("wrong", [b"\xff", b"\xe4\xbda", b"\xed\xa0\x80", b"\xc0\x80"])
def test_bytes_that_are_no_text_are_named_and_nothing_is_taken(wrong: bytes) -> None:
    stream = stream_of(live(classifier()))
    with pytest.raises(InputError, match="expected utf-8, found byte"):
        stream.push(b"not bad " + wrong + b" at")
    assert stream.tokens == 0
    assert stream.push(b"not ").tokens == 1


def test_a_lone_surrogate_is_named() -> None:
    with pytest.raises(InputError, match=r"character 3: .* lone surrogate U\+D800"):
        stream_of(live(classifier())).push("a \ud800")


def test_a_word_without_end_is_refused_before_it_fills_the_memory() -> None:
    stream = stream_of(live(classifier()))
    half = "a" * (LONGEST // 2)
    stream.push(half)
    stream.push(half)
    with pytest.raises(InputError, match="expected the end of a token within 16,384 characters"):
        stream.push("a")
    assert stream.flush().tokens == 1


def test_what_no_stream_reads_is_named() -> None:
    with pytest.raises(InputError, match="expected text or bytes, found list"):
        stream_of(live(classifier())).push([3])
    stream = stream_of(live(tagger()))
    with pytest.raises(InputError, match="word 2: expected a word, found 7"):
        stream.push(["a", 7])
    with pytest.raises(InputError, match="expected 1 to 1,000 characters, found 0"):
        stream.push([""])
    stream.push("not ba")
    with pytest.raises(InputError, match="'ba' is pending"):
        stream.push(["a"])
    with pytest.raises(InputError, match="found 1,001"):
        stream.push("a" * 999 + " ")
    columned = stream_of(live(tagger(columns=("pos",))))
    with pytest.raises(InputError, match="expected words with their columns"):
        columned.push("not ")
    with pytest.raises(InputError, match="a tuple of a word and 1 values"):
        columned.push(["not"])
    assert [word for word, _ in columned.push([("not", "x"), ("bad", "z")])] == ["not", "bad"]
    assert columned.end() == []
