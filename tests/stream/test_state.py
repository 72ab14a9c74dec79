"""A stream's state: saved, restored, forked, reset, in this process and another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cli.commands import SOURCE
from tests.stream.fragments import TEXT, cut
from tests.stream.models import classifier, language_model, live, tagger, wide_classifier

from vartai.bundle.trained import save_task
from vartai.errors import BundleError, OptionError
from vartai.stream.opening import stream_of
from vartai.stream.state import StreamState

OPEN = {
    "classify": live(classifier("bpe", "lstm", "attention")),
    "wide": live(wide_classifier("bpe")),
    "wide, long texts": live(wide_classifier("bpe", long=True)),
    "tag": live(tagger(crf=True), delay=2),
    "generate": live(language_model("bpe", "gru")),
}


@pytest.mark.parametrize("name", OPEN)
@settings(max_examples=20)
@given(text=TEXT, data=st.data())
def test_a_restored_stream_goes_on_as_if_nothing_had_been(
    name: str, text: str, data: st.DataObject
) -> None:
    model = OPEN[name]
    going, resumed = stream_of(model), stream_of(model)
    for fragment in cut(text, data):
        going.push(fragment)
        blob = resumed.state.to_bytes()
        resumed = stream_of(model)
        resumed.load(StreamState.from_bytes(blob, of=model))
        resumed.push(fragment)
        assert resumed.state.to_bytes() == going.state.to_bytes()


def test_a_fork_goes_its_own_way_and_a_reset_begins_anew() -> None:
    stream = stream_of(OPEN["classify"])
    fresh = stream.state.to_bytes()
    stream.push("not bad a")
    fork = stream.fork()
    stood = stream.state.to_bytes()
    fork.push("t all")
    assert stream.state.to_bytes() == stood != fork.state.to_bytes()
    stream.reset()
    assert stream.state.to_bytes() == fresh


def test_the_end_of_a_text_is_told_and_the_next_begins_fresh() -> None:
    stream = stream_of(OPEN["tag"])
    fresh = stream.state.to_bytes()
    assert stream.push("not ba") == []
    assert [word for word, _ in stream.end()] == ["not", "ba"]
    assert stream.state.to_bytes() == fresh


def test_a_state_does_not_grow_with_the_text() -> None:
    for model in OPEN.values():
        stream = stream_of(model)
        sizes = set()
        for _ in range(40):
            stream.push("not bad at all, " * 5)
            sizes.add(len(stream.state.to_bytes()) // 400)
        assert len(sizes) <= 2


def test_a_state_of_another_model_is_refused() -> None:
    state = stream_of(OPEN["tag"]).state
    with pytest.raises(OptionError, match="expected a state of the model"):
        stream_of(OPEN["classify"]).load(state)
    with pytest.raises(BundleError, match="belongs to the model"):
        StreamState.from_bytes(state.to_bytes(), of=live(tagger(crf=True), delay=1))
    with pytest.raises(BundleError, match="belongs to the model"):
        StreamState.from_bytes(
            stream_of(live(classifier("word", "gru"))).state.to_bytes(),
            of=live(classifier("word", "gru", "last")),
        )


def test_another_process_goes_on_from_a_saved_state(tmp_path: Path) -> None:
    task = language_model("char")
    save_task(tmp_path / "model", "generate", task, metrics={}, card="# A model\n")
    stream = stream_of(live(task))
    stream.push(b"Not bad\xc4")
    (tmp_path / "state").write_bytes(stream.state.to_bytes())
    program = f"""
import vartai
from vartai.stream.state import StreamState
stream = vartai.load({str(tmp_path / "model")!r}).stream()
blob = open({str(tmp_path / "state")!r}, "rb").read()
stream.load(StreamState.from_bytes(blob, of=stream.model))
stream.push(b"\\x97")
print("".join(stream.write(30)).encode("unicode_escape").decode())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120,
        env={"PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    stream.push(b"\x97")
    expected = "".join(stream.write(30)).encode("unicode_escape").decode()
    assert done.stdout.rstrip("\n") == expected
