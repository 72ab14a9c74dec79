from __future__ import annotations

from vartai.data.lines import Line
from vartai.data.plain import is_label_first, open_plain
from vartai.data.rows import Row


def lines(*texts: str) -> list[Line]:
    return [Line(number, text, "\n", None) for number, text in enumerate(texts, start=1)]


def test_the_first_word_is_the_label_and_the_rest_the_text() -> None:
    contents = open_plain(
        iter(lines("5 How far ?", "4\tWhat  now ? ", "3", " no label")), file="a", label_first=True
    )
    assert [item.fields for item in contents.items(None) if isinstance(item, Row)] == [
        {"label": "5", "text": "How far ?"},
        {"label": "4", "text": "What  now ? "},
        {"label": "3", "text": ""},
        {"label": "", "text": "no label"},
    ]


def test_a_plain_line_is_a_text_as_it_stands() -> None:
    contents = open_plain(iter(lines("  Labas, rytas ", '"x"')), file="a", label_first=False)
    assert [row.fields["text"] for row in contents.sample] == ["  Labas, rytas ", '"x"']


def test_prose_is_not_taken_for_labels() -> None:
    assert is_label_first(lines(*["0 why so", "1 who is it"] * 5))
    assert not is_label_first(lines("The cat sat", "A dog ran", "Then it rained", "We left"))
    assert not is_label_first(lines(*["word", "0 why so", "1 who"] * 5))
    assert not is_label_first(lines(*["the same thing"] * 10))
