from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vartai.data.duplicates import fold_text
from vartai.data.examples import Examples
from vartai.data.split import fill_parts, split_examples
from vartai.errors import InputError, OptionError

FRACTIONS = (0.8, 0.1, 0.1)


def numbered(rows: int, *, kinds: int = 3) -> Examples:
    return Examples(
        "a",
        [f"text {n}" for n in range(rows)],
        [(str(n % kinds),) for n in range(rows)],
        list(range(1, rows + 1)),
    )


ROWS = st.lists(
    st.tuples(st.text("aAbB  ", min_size=1, max_size=3), st.sampled_from(["x", "y", "z"])),
    min_size=30,
    max_size=120,
)


@given(rows=ROWS, seed=st.integers(0, 5), order=st.randoms(use_true_random=False))
def test_a_split_is_whole_apart_and_independent_of_the_order(
    rows: list[tuple[str, str]], seed: int, order: object
) -> None:
    texts = [text for text, _ in rows]
    examples = Examples("a", texts, [(label,) for _, label in rows], list(range(len(rows))))
    try:
        parts = split_examples(examples, fractions=(0.6, 0.4), seed=seed)
    except InputError:
        assume(False)
    assert sorted(line for part in parts for line in part.lines) == examples.lines
    assert all(part.lines == sorted(part.lines) for part in parts)
    first, second = ({fold_text(text) for text in part.texts} for part in parts)
    assert not first & second
    places = list(range(len(rows)))
    order.shuffle(places)  # type: ignore[attr-defined]
    again = split_examples(examples.take(places), fractions=(0.6, 0.4), seed=seed)
    assert [sorted(part.lines) for part in again] == [part.lines for part in parts]


def test_each_part_gets_its_share_of_each_label() -> None:
    parts = split_examples(numbered(3_000), fractions=FRACTIONS, seed=1)
    for part, share in zip(parts, (800, 100, 100), strict=True):
        assert Counter(part.labels) == {("0",): share, ("1",): share, ("2",): share}


def test_the_seed_decides() -> None:
    first, again, other = (
        split_examples(numbered(300), fractions=FRACTIONS, seed=seed)[1].lines for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_a_split_is_the_same_on_every_machine() -> None:
    parts = split_examples(numbered(30), fractions=FRACTIONS, seed=0)
    assert [part.lines for part in parts[1:]] == [[1, 6, 11], [12, 28, 29]]


def test_the_same_text_with_two_labels_stays_on_one_side() -> None:
    examples = numbered(100)
    examples.texts += ["Same", "same ", "SAME"] * 4
    examples.labels += [("0",), ("1",), ("2",)] * 4
    examples.lines += list(range(101, 113))
    parts = split_examples(examples, fractions=FRACTIONS, seed=3)
    assert sum(any(line > 100 for line in part.lines) for part in parts) == 1


def test_a_label_with_one_text_goes_to_the_largest_part() -> None:
    examples = numbered(100)
    examples.labels[7] = ("rare",)
    for seed in range(5):
        assert 8 in split_examples(examples, fractions=FRACTIONS, seed=seed)[0].lines


def test_unlabelled_examples_can_be_split() -> None:
    examples = numbered(100)
    examples.labels = []
    sizes = [len(part) for part in split_examples(examples, fractions=FRACTIONS, seed=0)]
    assert sizes == [80, 10, 10]


@pytest.mark.parametrize("fractions", [(), (1.2, -0.2), (0.5, 0.4), (1.0, 0.0)])
def test_fractions_must_be_positive_and_sum_to_one(fractions: tuple[float, ...]) -> None:
    with pytest.raises(OptionError, match="must be positive and sum to 1, were"):
        split_examples(numbered(10), fractions=fractions, seed=0)


def test_too_few_texts_for_every_part_are_an_error() -> None:
    with pytest.raises(InputError, match=r"expected enough different texts .* parts of 3, 0, 0"):
        split_examples(numbered(3), fractions=FRACTIONS, seed=0)


@pytest.mark.parametrize(
    ("given", "fractions", "expected"),
    [
        ([None, None], [0.7, 0.1, 0.2], (0, 1, 2)),
        ([10, None], [0.8, 0.2], (0, 10, 1)),
        ([None, 20], [0.9, 0.1], (0, 1, 20)),
    ],
)
def test_what_is_not_given_is_split_off(
    given: list[int | None], fractions: list[float], expected: tuple[int, int, int]
) -> None:
    asked: list[float] = []

    def split(wanted: list[float]) -> list[int]:
        asked.extend(wanted)
        return list(range(len(wanted)))

    assert fill_parts(99, given, shares=(0.1, 0.2), split=split) == expected
    assert asked == pytest.approx(fractions)


def test_nothing_is_split_where_everything_is_given() -> None:
    parts = fill_parts(99, [10, 20], shares=(0.1, 0.2), split=lambda wanted: [])
    assert parts == (99, 10, 20)
