"""Where values come from: columns, patterns, quotes, brackets, negation, files of stretches."""

from __future__ import annotations

from pathlib import Path

import pytest

from vartai.data.rejects import Rejects
from vartai.data.tagged.options import TaggedOptions
from vartai.errors import InputError, OptionError
from vartai.inspect.flags.columns import read_column
from vartai.inspect.flags.plain_texts import read_plain
from vartai.inspect.flags.rules import (
    bracketed,
    label_matches,
    label_scopes,
    negated,
    quoted,
)
from vartai.inspect.flags.span_file import label_from_file
from vartai.inspect.flags.spans import Span

_CONLLU = (
    "1\tAlisa\t_\tPROPN\t_\tGender=Fem|Number=Sing\t_\t_\t_\tSpaceAfter=No\n"
    "2\t,\t_\tPUNCT\t_\t_\t_\t_\t_\t_\n"
    "3\tTomas\t_\tPROPN\t_\tGender=Masc\t_\t_\t_\tSpaceAfter=No\n"
    "4\t.\t_\tPUNCT\t_\t_\t_\t_\t_\t_\n\n"
)


def _inside(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


def test_a_feature_is_read_with_words_apart_or_as_the_text_was_written(tmp_path: Path) -> None:
    path = tmp_path / "one.conllu"
    path.write_text(_CONLLU, encoding="utf-8")
    options = TaggedOptions(column="feats:Gender")
    for natural, expected in ((False, "Alisa , Tomas ."), (True, "Alisa, Tomas.")):
        [text], rejects, _ = read_column(str(path), options, natural=natural)
        assert text.text == expected
        assert [(expected[s.start : s.end], s.value) for s in text.spans] == [
            ("Alisa", "Fem"),
            ("Tomas", "Masc"),
        ]
        assert len(rejects) == 0


def test_columns_that_know_no_blanks_are_joined_by_them(tmp_path: Path) -> None:
    path = tmp_path / "one.conll"
    path.write_text("Alisa F\nėjo O\n\n", encoding="utf-8")
    [text], _, _ = read_column(str(path), TaggedOptions(), natural=True)
    assert (text.text, [span.value for span in text.spans]) == ("Alisa ėjo", ["F", "O"])


def test_quotations_hold_their_opening_mark_but_not_the_closing_one() -> None:
    text = 'Tarė: „Labas“ ir «geras», "gana" ir “no”.'
    spans, alone = quoted(text)
    assert _inside(text, spans) == ["„Labas", "«geras", '"gana', "“no"]
    assert alone == 0
    assert quoted("jis „sakė") == ([], 1)


def test_brackets_nest_and_those_without_a_partner_are_counted() -> None:
    text = "a (b [c] d) e [f]"
    assert _inside(text, bracketed(text)[0]) == ["(b [c] d", "[f"]
    assert bracketed("a) (b")[1] == 2
    assert bracketed("(a]")[1] == 2


def test_negation_reaches_from_the_negator_to_the_next_punctuation() -> None:
    text = "It isn't bad, I do not know why. None came"
    assert _inside(text, negated(text, "english")) == ["isn't bad", "not know why", "None came"]
    text = "Ne, nieko nebuvo be jo – tiek."
    assert _inside(text, negated(text, "lithuanian")) == ["Ne", "nieko nebuvo be jo"]
    assert negated("nothing, notable", "english") == [Span(0, 7, "inside")]
    with pytest.raises(OptionError, match="known: english, lithuanian"):
        negated("nein", "german")


def test_texts_with_a_mark_without_a_partner_are_left_out_and_counted() -> None:
    texts, trouble = label_scopes([(1, "(a) b"), (2, "(a")], "brackets")
    assert [text.line for text in texts] == [1]
    assert trouble.counts == {"brackets without a partner": 1}
    with pytest.raises(OptionError, match="unknown scope 'quote'.*Did you mean 'quotes'"):
        label_scopes([], "quote")


def test_a_pattern_gives_its_matches_and_an_impossible_one_is_refused() -> None:
    [text] = label_matches([(1, "du 12 ir 7")], "[0-9]+|x*")
    assert _inside(text.text, list(text.spans)) == ["12", "7"]
    with pytest.raises(OptionError, match=r"pattern '\(' is no regular expression"):
        label_matches([], "(")


def test_a_pattern_that_would_take_for_ever_is_stopped() -> None:
    with pytest.raises(OptionError, match=r"takes more than 2 s on a text that begins 'aaaa"):
        label_matches([(1, "a" * 40)], "(a|aa)+$b")


def test_a_file_of_stretches_is_read_and_those_outside_of_the_texts_are_counted(
    tmp_path: Path,
) -> None:
    path = tmp_path / "spans.jsonl"
    path.write_text(
        '{"line": 1, "start": 0, "end": 5, "value": "Fem"}\n'
        '{"line": 1, "start": 0, "end": 6, "value": "Fem"}\n'
        '{"line": 9, "start": 0, "end": 1, "value": "Fem"}\n'
    )
    [text], trouble = label_from_file([(1, "Alisa")], str(path))
    assert text.spans == (Span(0, 5, "Fem"),)
    assert trouble.counts == {"outside of the texts": 2}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"line": 1}', "line 1: expected the keys line, start, end, value, found 'line'"),
        (
            '{"line": 1, "start": "0", "end": 5, "value": "F"}',
            "column 'start': expected a whole number from 0, found '0'",
        ),
        (
            '{"line": 1, "start": 3, "end": 3, "value": "F"}',
            "column 'end': expected an end after 3, found 3",
        ),
        ('{"line": 1, "start": 0, "end": 3, "value": ""}', "expected a value, found ''"),
        ("[1]", "line 1: "),
    ],
)
def test_a_stretch_that_is_none_is_refused_by_line(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "spans.jsonl"
    path.write_text(line)
    with pytest.raises(InputError, match=said):
        label_from_file([(1, "Alisa")], str(path))


def test_plain_text_is_read_by_lines_or_paragraphs(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(b"a\nb\n\n\nc\nd\xff\ne")
    rejects = Rejects()
    assert list(read_plain(str(path), rejects, text_is="paragraph")) == [
        (1, "a\nb"),
        (5, "c"),
        (7, "e"),
    ]
    assert [rejection.line for rejection in rejects.first] == [6]
    assert [line for line, _ in read_plain(str(path), Rejects(), text_is="line")] == [1, 2, 5, 7]
    with pytest.raises(OptionError, match="known: line, paragraph"):
        list(read_plain(str(path), Rejects(), text_is="page"))
