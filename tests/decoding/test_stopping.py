"""Stop strings, wherever the borders of pieces fall."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vartai.decoding.stopping import StopStrings
from vartai.errors import OptionError


@given(
    text=st.text("abc", max_size=30),
    cuts=st.lists(st.integers(0, 30), max_size=8),
    stops=st.lists(st.text("abc", min_size=1, max_size=4), max_size=3),
)
def test_any_pieces_give_the_text_up_to_the_first_stop(
    text: str, cuts: list[int], stops: list[str]
) -> None:
    stop = StopStrings(stops)
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    shown = "".join(stop.feed(text[a:b]) for a, b in itertools.pairwise(edges))
    shown += stop.rest()
    # The first stop to be complete decides, as a reader of the pieces sees it.
    ends = [(text.find(s) + len(s), text.find(s)) for s in stops if s in text]
    if not ends:
        assert shown == text
        assert not stop.stopped
    else:
        assert stop.stopped
        assert text.startswith(shown)
        assert not any(s in shown for s in stops)
        assert any(text[len(shown) :].startswith(s) for s in stops)


def test_what_may_begin_a_stop_is_held_back_until_it_is_known() -> None:
    stop = StopStrings(["</s>"])
    assert [stop.feed(piece) for piece in ("a<", "/", "b<", "/s", ">c", "d")] == [
        "a",
        "",
        "</b",
        "",
        "",
        "",
    ]
    assert stop.stopped


def test_what_is_held_back_at_the_end_comes_out() -> None:
    stop = StopStrings(["\n\n"])
    assert stop.feed("line\n") + stop.rest() == "line\n"


def test_an_empty_stop_string_is_an_error() -> None:
    with pytest.raises(OptionError, match="stop: expected a string of at least one character"):
        StopStrings(["x", ""])
