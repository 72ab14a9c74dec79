"""A language model that reads and writes in a stream."""

from __future__ import annotations

import numpy as np
import pytest
from tests.stream.models import UNITS, language_model, live

from vartai.decoding.choosing import token_at
from vartai.decoding.options import SamplingOptions
from vartai.errors import InputError, OptionError
from vartai.stream.draws import draw
from vartai.stream.generate import Next
from vartai.stream.language_stream import LanguageStream
from vartai.stream.live import Place
from vartai.stream.opening import open_stream, stream_of
from vartai.stream.spelling import Spelling
from vartai.stream.state import StreamState
from vartai.stream.stream import push_together
from vartai.tasks.generate.generation import Generation, WritingOptions


def stream(unit: str = "char", cell: str = "lstm") -> LanguageStream:
    made = open_stream("generate", language_model(unit, cell))
    assert isinstance(made, LanguageStream)
    return made


@pytest.mark.parametrize("unit", UNITS)
def test_a_step_is_a_push_of_one_token(unit: str) -> None:
    pushed, stepped = stream(unit), stream(unit)
    batched = stream_of(pushed.model)
    for number, token in enumerate([5, 2, 7, 1, 3] * 30, start=1):
        said = pushed.push([token])
        (other,) = push_together([batched], [[token]])
        assert isinstance(other, Next)
        assert np.array_equal(stepped.step(token), said.log_probabilities)
        assert np.array_equal(other.log_probabilities, said.log_probabilities)
        assert (said.tokens, said.pending) == (other.tokens, other.pending) == (number, "")
    assert stepped.state.to_bytes() == pushed.state.to_bytes() == batched.state.to_bytes()
    assert stepped.tokens == 150


@pytest.mark.parametrize("unit", UNITS)
def test_the_likeliest_text_is_the_one_that_generate_writes(unit: str) -> None:
    task = language_model(unit)
    greedy = SamplingOptions(temperature=0)
    generation = Generation(task)
    prompt = generation.read("Not bad at all ")
    pieces = generation.write(prompt, WritingOptions(length=40), greedy)
    expected = "".join(piece for _, piece in pieces)
    own = stream(unit)
    own.push("Not bad at all ")
    own.flush()
    assert "".join(own.write(40, sampling=greedy)).rstrip("\ufffd") == expected.rstrip("\ufffd")


def test_what_is_written_is_decided_by_the_state_and_the_seed() -> None:
    first = stream("bpe")
    first.push("Not bad ")
    first.flush()
    state, fork = first.state.to_bytes(), first.fork()
    whole = "".join(first.write(20))
    assert "".join(fork.write(7)) + "".join(fork.write(13)) == whole
    assert fork.state.to_bytes() == first.state.to_bytes()
    again = stream("bpe")
    again.load(StreamState.from_bytes(state, of=again.model))
    assert "".join(again.write(20)) == whole
    again.load(StreamState.from_bytes(state, of=again.model))
    assert "".join(again.write(20, sampling=SamplingOptions(seed=1))) != whole


def test_a_fork_stands_still_while_the_other_steps_on() -> None:
    own = stream()
    own.step(5)
    own.step(2)
    fork = own.fork()
    stood = fork.state.to_bytes()
    for token in (3, 4, 5):
        own.step(token)
    assert fork.state.to_bytes() == stood
    fork.step(3)
    again = stream()
    for token in (5, 2, 3):
        again.step(token)
    assert fork.state.to_bytes() == again.state.to_bytes()


def test_nothing_is_written_after_half_a_word() -> None:
    own = stream("word")
    own.push("Not ba")
    with pytest.raises(InputError, match=r"'ba' is pending: flush\(\)"):
        next(own.write(1))
    with pytest.raises(InputError, match="'ba' is pending"):
        own.step(3)
    own.flush()
    assert next(own.write(1))


def test_writing_stops_before_a_string_and_the_state_has_read_it() -> None:
    own, free = stream(), stream()
    whole = "".join(free.write(60, sampling=SamplingOptions(seed=4)))
    end = whole[30:32]
    written = "".join(own.write(60, stop=[end], sampling=SamplingOptions(seed=4)))
    assert written == whole[: whole.index(end)]
    assert own.tokens == len(written) + len(end)


def test_the_likeliest_tokens_come_with_their_probabilities() -> None:
    said = stream().next
    likeliest = said.likeliest(3)
    assert [share for _, share in likeliest] == sorted((s for _, s in likeliest), reverse=True)
    every = said.likeliest(len(said.vocabulary))
    assert abs(sum(share for _, share in every) - 1) < 1e-5


def test_options_that_a_stream_cannot_keep_to_are_refused() -> None:
    own = stream()
    with pytest.raises(OptionError, match="no_repeat looks back on all"):
        own.choose(SamplingOptions(no_repeat=3))
    with pytest.raises(OptionError, match="repetition_window must be at most 64"):
        own.choose(SamplingOptions(repetition_penalty=1.2, repetition_window=65))
    with pytest.raises(OptionError, match="length must be at least 1"):
        next(own.write(0))


@pytest.mark.parametrize("wrong", [0, -1, 10_000, 2.0, True])
def test_ids_that_are_none_are_named(wrong: object) -> None:
    with pytest.raises(InputError, match=r"expected ids from 1|border of documents"):
        stream().push([wrong])


def test_a_penalty_looks_back_on_what_a_stream_remembers() -> None:
    own = stream()
    penalty = SamplingOptions(temperature=0, repetition_penalty=50.0)
    first = own.choose(penalty)
    own.step(first)
    while own.choose(SamplingOptions(temperature=0)) != first and own.tokens < 40:
        own.step(first)
    assert own.choose(penalty) != first


def test_where_a_document_ends_a_new_one_begins() -> None:
    task = language_model("char")
    model = live(task)
    own = LanguageStream(model)  # type: ignore[arg-type]
    own.push("abc")
    ended = 0
    for seed in range(400):
        fork = own.fork()
        list(fork.write(3, sampling=SamplingOptions(seed=seed)))
        ended += fork._place == Place()
    assert ended > 0


def test_a_draw_follows_the_shares_and_never_the_banned() -> None:
    scores = np.array([np.log(0.5), -np.inf, np.log(0.25), np.log(0.25)])
    drawn = [token_at(scores, draw(7, place)) for place in range(4000)]
    counts = np.bincount(drawn, minlength=4) / 4000
    assert counts[1] == 0
    assert np.abs(counts - [0.5, 0, 0.25, 0.25]).max() < 0.03
    assert token_at(scores, 1.0) == 3


def test_byte_pairs_that_split_a_character_are_spelled_when_it_is_whole() -> None:
    task = language_model("bpe")
    spelling = Spelling(task.tokenizer)
    ids = task.tokenizer.encode_ids(["aжb"])[0].tolist()
    text, before, spelled = "", "", b""
    for token in ids:
        added, before, spelled = spelling.spell(token, before, spelled)
        text += added
    assert (text, before, spelled) == ("aжb", "b", b"")
    assert len(ids) == 4
