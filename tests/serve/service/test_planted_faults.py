"""Faults that a service could have, put into it: the tests of isolation must find each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from tests.serve.service import test_sessions, test_verbs, test_writing

from vartai.serve.service import line, stepping
from vartai.serve.service.sessions import Sessions
from vartai.stream import rows as stream_rows

Patch = pytest.MonkeyPatch


def _swapped_answers(patch: Patch) -> None:
    """Two answers of a batch change places."""
    true = line._compute

    def compute(jobs: Any) -> Any:
        outcomes = true(jobs)
        if len(outcomes) > 1:
            (one, first), (other, second) = outcomes[:2]
            outcomes[:2] = [(one, second), (other, first)]
        return outcomes

    patch.setattr(line, "_compute", compute)


def _leaking_states(patch: Patch) -> None:
    """A row of a batch holds a little of its neighbour."""
    true = stream_rows.split_rows

    def split(rows: Any) -> Any:
        return true(tuple(part + 1e-6 * part.roll(1, 0) for part in rows))

    patch.setattr(stream_rows, "split_rows", split)


def _poison_that_spreads(patch: Patch) -> None:
    """A state that is not finite is looked for, but the batch is not a batch of rows."""
    true = stream_rows.join_rows

    def join(rows: Any) -> Any:
        return tuple(part + 0 * part.sum(0) for part in true(rows))

    patch.setattr(stream_rows, "join_rows", join)


def _poison_unseen(patch: Patch) -> None:
    """Nobody looks whether a state is finite."""
    patch.setattr(stepping, "_is_finite", lambda _: True)


def _crash_that_is_shared(patch: Patch) -> None:
    """What fails in company is not computed again alone."""

    def compute(jobs: Any) -> Any:
        try:
            answers = jobs[0].group.compute([each for job in jobs for each in job.inputs])
        except Exception as error:  # noqa: BLE001 - the fault that is planted
            return [(job, error) for job in jobs]
        return [(job, answers[place : place + 1]) for place, job in enumerate(jobs)]

    patch.setattr(line, "_compute", compute)


def _steps_taken_in_place(patch: Patch) -> None:
    """A step is taken on the session's own stream, whatever becomes of its answer."""
    true = Sessions.hold

    def hold(sessions: Any, name: str) -> Any:
        session = true(sessions, name)
        session.stream.push("x ")
        return session

    patch.setattr(Sessions, "hold", hold)


def _crossed_streams(patch: Patch) -> None:
    """A session goes on from the stream of whichever session was stepped before it."""
    true, kept = Sessions.release, []

    def release(sessions: Any, session: Any, stream: Any) -> None:
        kept.append(stream)
        true(sessions, session, kept[-2] if len(kept) > 1 else stream)

    patch.setattr(Sessions, "release", release)


Plant = Callable[[Patch], None]
interleaved = test_sessions.test_interleaved_sessions_say_bit_for_bit_what_each_says_alone
PLANTED: dict[str, tuple[Plant, Callable[[], None]]] = {
    "swapped steps": (_swapped_answers, lambda: interleaved("reviews")),
    "swapped predictions": (
        _swapped_answers,
        test_verbs.test_requests_that_wait_together_are_one_batch_and_each_has_its_own_answer,
    ),
    "swapped translations": (
        _swapped_answers,
        test_verbs.test_a_translator_says_of_each_text_what_it_says_alone,
    ),
    "swapped texts": (_swapped_answers, test_writing.test_texts_written_at_once_do_not_mix),
    "leaking states": (_leaking_states, lambda: interleaved("book")),
    "poison that spreads": (
        _poison_that_spreads,
        test_sessions.test_a_poisoned_session_ends_and_no_other_is_touched,
    ),
    "poison unseen": (
        _poison_unseen,
        test_sessions.test_a_poisoned_session_ends_and_no_other_is_touched,
    ),
    "steps taken in place": (
        _steps_taken_in_place,
        test_sessions.test_a_step_that_cannot_be_read_is_not_taken,
    ),
    "crossed streams": (_crossed_streams, lambda: interleaved("tagger")),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, test = PLANTED[name]
    torch.manual_seed(0)
    plant(monkeypatch)
    with pytest.raises((AssertionError, KeyError)):
        test()


def test_a_crash_that_is_shared_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    _crash_that_is_shared(monkeypatch)
    with monkeypatch.context() as inner, pytest.raises(AssertionError):
        test_sessions.test_a_crash_in_one_session_is_its_own(inner)
