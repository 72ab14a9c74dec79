"""States from strangers: a plain refusal, or a state that a stream could have come to."""

from __future__ import annotations

import hashlib
import json
import re
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from tests.hostile.test_fuzz import EDITS, Edit
from tests.stream.models import classifier, language_model, live, tagger, wide_classifier

from vartai.errors import BundleError
from vartai.stream.opening import stream_of
from vartai.stream.state import MAGIC, StreamState

OPEN = {
    "classify": live(classifier("word", "lstm", "attention")),
    "wide": live(wide_classifier("word", long=True)),
    "tag": live(tagger(crf=True), delay=2),
    "generate": live(language_model("bpe")),
}
TEXT = b"not bad at a"


def blob_of(name: str) -> bytes:
    stream = stream_of(OPEN[name])
    stream.push(TEXT)
    return stream.state.to_bytes()


def sealed(body: bytes) -> bytes:
    """With a digest to match: it protects from accidents only."""
    return body + hashlib.sha256(body).digest()


def forged(name: str, change: Callable[[dict[str, Any]], object]) -> bytes:
    blob = blob_of(name)
    size = int.from_bytes(blob[12:16], "little")
    header = json.loads(blob[16 : 16 + size])
    change(header)
    raw = json.dumps(header).encode()
    return sealed(blob[:12] + len(raw).to_bytes(4, "little") + raw + blob[16 + size : -32])


def refused(name: str, blob: bytes, text: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(BundleError, match=re.escape(text)):
            StreamState.from_bytes(blob, of=OPEN[name])
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", OPEN)
@settings(max_examples=60)
@given(edit=EDITS)
def test_any_damage_is_noticed(name: str, edit: Edit) -> None:
    whole = blob_of(name)
    damaged = edit(whole)
    if damaged == whole:
        return
    with pytest.raises(BundleError, match="stream state: "):
        StreamState.from_bytes(damaged, of=OPEN[name])


@pytest.mark.parametrize("name", OPEN)
@settings(max_examples=60)
@given(edit=EDITS)
@example(edit=lambda body: body[:40])
def test_a_forged_state_is_refused_or_can_be_gone_on_from(name: str, edit: Edit) -> None:
    model = OPEN[name]
    try:
        state = StreamState.from_bytes(sealed(edit(blob_of(name)[:-32])), of=model)
    except BundleError:
        return
    stream = stream_of(model)
    stream.load(state)
    stream.push("ll, ")
    stream.flush()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda h: h["place"].update(tokens=-1), "tokens should be a number of tokens"),
        (lambda h: h["place"].update(tokens=True), "tokens should be a number of tokens"),
        (lambda h: h["place"].update(tokens=1 << 70), "tokens should be a number of tokens"),
        (lambda h: h["place"].update(unknown=99), "fewer tokens than unknown ones"),
        (lambda h: h["place"].update(pending="a" * 20_000), "at most 16,384 characters"),
        (lambda h: h["place"].update(pending="a b"), "could have been read"),
        (lambda h: h["place"].update(held="ff"), "beginning of a character"),
        (lambda h: h["place"].update(held="41"), "beginning of a character"),
        (lambda h: h["place"].update(held=7), "bytes in hexadecimal"),
        (lambda h: h["place"].update(recent=[1]), "recent should be a list of at most 0"),
        (lambda h: h["place"].update(words=["a"]), "words should be a list of at most 0"),
        (lambda h: h["place"].update(before="a"), "before should be a text of at most 0"),
        (lambda h: h["place"].update(spelled="c4"), "this model does not"),
        (lambda h: h["place"].update(last=["a"]), "it counted n-grams, and this model does not"),
        (lambda h: h["place"].pop("held"), "its place should have before, held"),
        (lambda h: h.update(place=[]), "its place should have"),
        (lambda h: h.pop("place"), "expected model, place and arrays"),
        (lambda h: h.update(model="0" * 64), "belongs to the model 0000000000000000"),
        (lambda h: h.update(model=None), "belongs to the model None"),
        (lambda h: h["arrays"].reverse(), "its arrays are not"),
        (lambda h: h["arrays"][0].__setitem__(2, [1 << 40]), "its arrays are not"),
    ],
)
def test_a_place_that_no_stream_can_have_come_to_is_refused(
    change: Callable[[dict[str, Any]], object], text: str
) -> None:
    refused("classify", forged("classify", change), text)


def test_ids_and_words_are_bounded_by_the_model() -> None:
    wrong = forged("generate", lambda h: h["place"].update(recent=[10**6]))
    refused("generate", wrong, "recent should be ids below")
    many = forged("tag", lambda h: h["place"].update(words=["a"] * 3))
    refused("tag", many, "words should be a list of at most 2")


@pytest.mark.parametrize(
    ("last", "text"),
    [
        ([], "last should hold the beginning of the text, or a word"),
        (["a", "b", "c"], "last should be a list of at most 2"),
        ("ab", "last should be a list of at most 2"),
        (["a", 7], "a word should be a text of at most 16,384 characters"),
        (["a" * 20_000], "a word should be a text of at most 16,384 characters"),
    ],
)
def test_the_last_words_before_an_ngram_are_two_at_most(last: object, text: str) -> None:
    refused("wide", forged("wide", lambda h: h["place"].update(last=last)), text)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    state = stream_of(OPEN["classify"]).state
    poisoned = {name: np.full_like(array, number) for name, array in state.arrays.items()}
    blob = StreamState(state.model, state.place, poisoned).to_bytes()
    refused("classify", blob, "numbers that are not finite")


def test_a_path_that_leads_out_of_the_tags_is_refused() -> None:
    state = stream_of(OPEN["tag"]).state
    arrays = dict(state.arrays)
    arrays["tags.came_from"] = arrays["tags.came_from"] + 99
    refused("tag", StreamState(state.model, state.place, arrays).to_bytes(), "from 0 to 3")


@pytest.mark.parametrize(
    ("blob", "text"),
    [
        (b"", "to begin with b'VARTAIST', found b''"),
        (b"\x80\x04" * 30, "to begin with b'VARTAIST'"),
        (MAGIC, "expected version 1, found 0"),
        (MAGIC + b"\x02\0\0\0" + b"\0" * 60, "expected version 1, found 2"),
        (MAGIC + b"\x01\0\0\0\0", "expected at least 48 bytes, found 13"),
        (sealed(MAGIC + b"\x01\0\0\0\xff\xff\xff\xff"), "does not fit"),
        (sealed(MAGIC + b"\x01\0\0\0\x02\0\0\0{}"), "expected model, place and arrays"),
        (MAGIC + bytes(5 << 20), "expected at most"),
    ],
)
def test_what_is_no_state_is_refused(blob: bytes, text: str) -> None:
    refused("classify", blob, text)
