"""Files of tagged sentences, read: what is there, what is guessed, what is refused."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest
import zstandard

from vartai.data.tagged.files import open_tagged
from vartai.data.tagged.options import TaggedOptions
from vartai.data.tagged.sentences import (
    Sentences,
    read_sentences,
    require_enough,
    split_sentences,
)
from vartai.errors import InputError, OptionError


def row(number: str, form: str, upos: str = "NOUN", feats: str = "_") -> str:
    return "\t".join([number, form, "_", upos, "_", feats, "_", "_", "_", "_"]) + "\n"


CONLLU = (
    "# sent_id = 1\n# text = Nebuvo jo\n"
    + row("1-2", "Nebuvo", "_")
    + row("1", "Ne", "PART")
    + row("2", "buvo", "VERB", "Number=Sing|Tense=Past")
    + row("2.1", "buvęs", "VERB")
    + row("3", "jo", "PRON", "Case=Gen|Gender=Masc|Number=Sing")
    + "\n# sent_id = 2\n"
    + row("1", "Knyga", "NOUN", "Gender=Fem")
    + "\n"
)


def write(folder: Path, name: str, text: str | bytes) -> str:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


def tags(path: str, **options: object) -> list[tuple[str, ...]]:
    sentences, rejects, _ = read_sentences(path, TaggedOptions(**options), need_tags=True)
    assert len(rejects) == 0, rejects.first
    return [sentence.tags for sentence in sentences.rows]


def reject(path: str, **options: object) -> str:
    """The one rejection of a file, as a sentence without the name of the file."""
    _, rejects, _ = read_sentences(path, TaggedOptions(**options), need_tags=True)
    assert len(rejects) == 1
    return str(rejects.first[0]).removeprefix(f"{path}, ")


def test_conllu_gives_words_without_multiword_tokens_and_empty_nodes(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conllu", CONLLU)
    sentences, _, opened = read_sentences(path, TaggedOptions(), need_tags=True)
    assert [each.words for each in sentences.rows] == [("Ne", "buvo", "jo"), ("Knyga",)]
    assert [each.tags for each in sentences.rows] == [("PART", "VERB", "PRON"), ("NOUN",)]
    assert [each.line for each in sentences.rows] == [4, 10]
    assert opened.options.column == "upos"
    assert "Column upos is read as the tags" in opened.notes[0]


def test_a_feature_is_a_tag_and_words_without_it_count_as_none(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conllu", CONLLU)
    assert tags(path, column="feats:Gender") == [("_", "_", "Masc"), ("Fem",)]
    assert tags(path, column="feats:Tense") == [("_", "Past", "_"), ("_",)]
    assert tags(path, column="form") == [("Ne", "buvo", "jo"), ("Knyga",)]


def test_conllu_is_known_by_its_lines_where_the_name_does_not_tell(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", CONLLU)
    assert tags(path, column="upos")[1] == ("NOUN",)


def test_compressed_files_and_members_of_archives_read_alike(tmp_path: Path) -> None:
    expected = [("PART", "VERB", "PRON"), ("NOUN",)]
    assert tags(write(tmp_path, "a.conllu.gz", gzip.compress(CONLLU.encode()))) == expected
    packed = zstandard.ZstdCompressor().compress(CONLLU.encode())
    assert tags(write(tmp_path, "a.conllu.zst", packed)) == expected
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("corpus/a.conllu", CONLLU)
    assert tags(str(tmp_path / "a.zip" / "corpus" / "a.conllu")) == expected


def test_an_archive_without_the_file_says_what_it_has(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("corpus/a.conllu", CONLLU)
    with pytest.raises(InputError, match="the archive has no 'b.conllu'; there are: corpus/a.con"):
        open_tagged(str(tmp_path / "a.zip" / "b.conllu"), TaggedOptions(), need_tags=True)
    with pytest.raises(InputError, match="is a ZIP archive; name a file in it; there are: .*/a.c"):
        open_tagged(str(tmp_path / "a.zip"), TaggedOptions(), need_tags=True)


def test_a_damaged_archive_is_an_error(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.conllu", CONLLU * 50)
    whole = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(whole[:2000] + b"XXXX" + whole[2004:])
    with pytest.raises(InputError, match="the ZIP data are damaged"):
        read_sentences(str(tmp_path / "a.zip" / "a.conllu"), TaggedOptions(), need_tags=True)


@pytest.mark.parametrize("between", ["\t", " ", "  "], ids=["tab", "blank", "blanks"])
def test_columns_are_separated_by_tabs_or_blanks(tmp_path: Path, between: str) -> None:
    lines = ["He PRP B-NP", "runs VBZ B-VP", "", "# NN B-NP", "1 CD I-NP", ""]
    path = write(tmp_path, "a.txt", "\n".join(line.replace(" ", between) for line in lines))
    sentences, rejects, opened = read_sentences(
        path, TaggedOptions(input_column=("2",)), need_tags=True
    )
    assert len(rejects) == 0
    assert [each.words for each in sentences.rows] == [("He", "runs"), ("#", "1")]
    assert [each.tags for each in sentences.rows] == [("B-NP", "B-VP"), ("B-NP", "I-NP")]
    assert [each.inputs for each in sentences.rows] == [(("PRP", "VBZ"),), (("NN", "CD"),)]
    assert opened.options.column == "3"
    assert opened.notes == (
        "The format is conll (guessed from the first lines).",
        "Column 3, the last, is read as the tags (no other was asked for).",
    )
    assert tags(path, column="2") == [("PRP", "VBZ"), ("NN", "CD")]


def test_json_lines_hold_lists_of_words_and_tags(tmp_path: Path) -> None:
    lines = [{"tokens": ["a", "b"], "tags": ["X", "Y"], "id": 7}, {"tokens": ["c"], "tags": ["X"]}]
    path = write(tmp_path, "a.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    assert tags(path) == [("X", "Y"), ("X",)]


def test_a_sentence_with_a_bad_line_is_rejected_whole_and_named_by_that_line(
    tmp_path: Path,
) -> None:
    bad = CONLLU.replace("3\tjo\t_", "3\tjo")
    path = write(tmp_path, "a.conllu", bad)
    assert reject(path) == (
        "line 7: wrong number of fields: expected 10 fields separated by tabs, found 9"
    )
    sentences, _, _ = read_sentences(path, TaggedOptions(), need_tags=True)
    assert [each.words for each in sentences.rows] == [("Knyga",)]


@pytest.mark.parametrize(
    ("change", "by", "says"),
    [
        (
            "2\tbuvo",
            "5\tbuvo",
            "line 5, column 'id': wrong word number: expected word 2, found '5'",
        ),
        (
            "2\tbuvo",
            "x\tbuvo",
            "line 5, column 'id': wrong word number: expected word 2, found 'x'",
        ),
        ("2\tbuvo", "2\t", "line 5, column 'form': empty word: expected a value, found nothing"),
        ("2\tbuvo", "2\tbu\0vo", "line 5, column 'form': NUL character: expected text, found NUL"),
    ],
    ids=["number", "no number", "empty", "NUL"],
)
def test_each_trouble_with_a_line_has_its_reason(
    tmp_path: Path, change: str, by: str, says: str
) -> None:
    assert reject(write(tmp_path, "a.conllu", CONLLU.replace(change, by))) == says


def test_features_that_are_none_are_named(tmp_path: Path) -> None:
    bad = CONLLU.replace("Gender=Fem", "Fem")
    assert reject(write(tmp_path, "a.conllu", bad), column="feats:Gender") == (
        "line 10, column 'feats:Gender': malformed features: expected Name=Value once a name, "
        "found 'Fem'"
    )


def test_undecodable_bytes_cost_one_sentence(tmp_path: Path) -> None:
    raw = CONLLU.encode().replace(b"Knyga", b"Kn\xffga")
    found = reject(write(tmp_path, "a.conllu", raw))
    assert found.startswith("line 10: undecodable byte: byte 4 of the line")
    _, rejects, _ = read_sentences(
        str(tmp_path / "a.conllu"), TaggedOptions(column="upos"), need_tags=True
    )
    assert rejects.first[0].raw.startswith("1\tKn\\xffga\t")


def test_one_column_with_empty_lines_between_is_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "Senas\nnamas\n\nUpė\n\n")
    with open_tagged(path, TaggedOptions(), need_tags=False) as opened:
        rows = [block.sentence.words for block in opened.blocks() if block.sentence]
    assert rows == [("Senas", "namas"), ("Upė",)]


def test_a_sentence_of_endless_comments_is_rejected(tmp_path: Path) -> None:
    path = write(tmp_path, "a.conllu", row("1", "a") + "# x\n" * 2_000 + "\n" + row("1", "b"))
    assert reject(path, max_words=5).startswith("line 1: sentence too long")


def test_too_long_a_sentence_is_rejected_and_reading_goes_on_after_it(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "w X\n" * 100_000 + "\nv Y\n\n")
    assert reject(path, format="conll") == (
        "line 1: sentence too long: expected at most 10,000 words, found more"
    )
    sentences, _, _ = read_sentences(path, TaggedOptions(format="conll"), need_tags=True)
    assert [each.words for each in sentences.rows] == [("v",)]


def test_a_sentence_at_the_limit_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "w X\n" * 5 + "\nv Y\n")
    assert list(map(len, tags(path, format="conll", max_words=5))) == [5, 1]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            '{"tokens": ["a", "b"], "tags": ["X"]}',
            "column 'tags': wrong number of tags: expected 2, o",
        ),
        (
            '{"tokens": [], "tags": []}',
            "column 'tokens': not a list of words: expected words, found n",
        ),
        (
            '{"tokens": "ab", "tags": ["X"]}',
            "column 'tokens': not a list of words: expected a list, f",
        ),
        (
            '{"tokens": ["a"]}',
            "column 'tags': not a list of words: expected a key 'tags', found 'to",
        ),
        (
            '{"tokens": ["a"], "tags": [1]}',
            "column 'tags': not a list of words: expected strings onl",
        ),
        (
            '{"tokens": ["\\ud800"], "tags": ["X"]}',
            "column 'tokens': lone surrogate: expected text",
        ),
        ('{"tokens": ["a", "b"', "not a JSON object: expected a JSON object"),
        ("", "blank line: expected a record, found an empty line"),
    ],
    ids=["count", "empty", "string", "missing", "number", "surrogate", "no JSON", "blank"],
)
def test_each_trouble_with_an_object_has_its_reason(tmp_path: Path, line: str, says: str) -> None:
    good = '{"tokens": ["a"], "tags": ["X"]}\n'
    path = write(tmp_path, "a.jsonl", f"{good}{line}\n{good}")
    found = reject(path)
    assert found.startswith("line 2")
    assert says in found


def test_too_few_usable_sentences_stop_the_run(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "a X\nd X\n\nb X Y\n\nc\n\n")
    sentences, rejects, _ = read_sentences(path, TaggedOptions(format="conll"), need_tags=True)
    with pytest.raises(InputError, match=r"found 1 of 3 \(2 × wrong number of fields\); the first"):
        require_enough(sentences, rejects)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the file is empty \(0 bytes\)"):
        open_tagged(write(tmp_path, "a.conllu", ""), TaggedOptions(), need_tags=True)


@pytest.mark.parametrize(
    ("name", "text", "options", "error", "says"),
    [
        (
            "a.conllu",
            CONLLU,
            {"column": "uppos"},
            OptionError,
            "unknown column 'uppos'; known: deprel",
        ),
        ("a.conllu", CONLLU, {"column": "xpos:A"}, OptionError, "only feats holds features"),
        (
            "a.txt",
            "a X\n",
            {"column": "4", "format": "conll"},
            InputError,
            "expected a column 4, found 2",
        ),
        (
            "a.txt",
            "a X\n",
            {"column": "pos", "format": "conll"},
            OptionError,
            "have numbers, from 1",
        ),
        ("a.txt", "a\n", {"format": "conll"}, InputError, "found one column"),
        (
            "a.txt",
            "Labas rytas visiems\nLabas\n",
            {},
            InputError,
            "expected words with tags, found pla",
        ),
        ("a.txt", "a X\n", {"column": "1", "format": "conll"}, OptionError, "both words and tags"),
    ],
    ids=["name", "feature", "number", "no number", "one column", "plain", "words"],
)
def test_a_column_that_is_not_there_is_an_error(
    tmp_path: Path, name: str, text: str, options: dict[str, str], error: type, says: str
) -> None:
    with pytest.raises(error, match=says):
        open_tagged(write(tmp_path, name, text), TaggedOptions(**options), need_tags=True)


def test_splits_depend_on_words_alone_and_keep_equal_sentences_together(tmp_path: Path) -> None:
    text = "".join(f"w{number % 40} X\n\n" for number in range(100))
    sentences, _, _ = read_sentences(
        write(tmp_path, "a.txt", text), TaggedOptions(format="conll"), need_tags=True
    )
    train, test = split_sentences(sentences, fractions=(0.8, 0.2), seed=1)
    assert len(train) + len(test) == 100
    assert 10 <= len(test) <= 30
    assert not {each.words for each in train.rows} & {each.words for each in test.rows}
    turned = Sentences("", sentences.rows[::-1])
    again = split_sentences(turned, fractions=(0.8, 0.2), seed=1)[1]
    assert {each.words for each in again.rows} == {each.words for each in test.rows}


def test_too_few_sentences_to_split_are_an_error(tmp_path: Path) -> None:
    sentences, _, _ = read_sentences(
        write(tmp_path, "a.txt", "a X\n\na Y\n"), TaggedOptions(format="conll"), need_tags=True
    )
    with pytest.raises(InputError, match="enough different sentences to split 2"):
        split_sentences(sentences, fractions=(0.5, 0.5), seed=0)
