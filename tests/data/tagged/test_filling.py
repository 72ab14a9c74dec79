"""Tags written into files: everything but the tag stays byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vartai.data.tagged.blocks import Block, Sentence, chunk_blocks
from vartai.data.tagged.files import open_tagged
from vartai.data.tagged.filling import fill_tags
from vartai.data.tagged.options import TaggedOptions
from vartai.errors import InputError

TAB = "\t"


def filled(path: Path, tag: str, **options: object) -> bytes:
    """The file with every word tagged alike."""
    with open_tagged(str(path), TaggedOptions(**options), need_tags=False) as file:
        return file.mark + b"".join(
            fill_tags(file, block, [tag] * len(block.places or _words(block)))
            for block in file.blocks()
        )


def _words(block) -> tuple[str, ...]:
    return block.sentence.words if block.sentence else ()


def test_a_column_of_conllu_is_filled_and_all_else_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.conllu"
    before = (
        "\ufeff# text = dėl jo\r\n\r\n1-2\tdėl\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No\r\n"
        "1\tdė\tx\tOLD\t_\t_\t_\t_\t_\t_\r\n2\tjo\t_\t_\t_\t_\t_\t_\t_\t_\r\n\r\n\r\n"
        "# end\r\n\r\n\n"
    )
    file.write_text(before, encoding="utf-8", newline="")
    after = before.replace("\tx\tOLD", "\tx\tNEW").replace("jo\t_\t_\t", "jo\t_\tNEW\t")
    assert filled(file, "NEW", column="upos") == after.encode()


@pytest.mark.parametrize(
    ("before", "tag", "after"),
    [
        ("Case=Nom|Number=Sing", "Fem", "Case=Nom|Gender=Fem|Number=Sing"),
        ("Gender=Masc", "Fem", "Gender=Fem"),
        ("_", "Fem", "Gender=Fem"),
        ("Gender=Masc", "_", "_"),
        ("Case=Nom|Gender=Masc", "_", "Case=Nom"),
        ("Number=Sing|Gender=Masc", "Fem", "Number=Sing|Gender=Fem"),
        ("Number[psor]=Sing", "Masc", "Gender=Masc|Number[psor]=Sing"),
    ],
)
def test_a_feature_takes_its_place_among_the_others(
    tmp_path: Path, before: str, tag: str, after: str
) -> None:
    line = f"1\ta\t_\tNOUN\t_\t{before}\t_\t_\t_\t_\n"
    (tmp_path / "a.conllu").write_text(line, encoding="utf-8")
    found = filled(tmp_path / "a.conllu", tag, column="feats:Gender").decode().split(TAB)
    assert found[5] == after


def test_a_predicted_column_is_appended_to_plain_columns(tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_text("a DT\nb  NN\n\nc NN\n\n", encoding="utf-8")
    assert filled(file, "X") == b"a DT X\nb  NN X\n\nc NN X\n\n"
    file.write_text("a\tDT\n\nc\tNN", encoding="utf-8")
    assert filled(file, "X") == b"a\tDT\tX\n\nc\tNN\tX"


def test_an_object_gets_its_list_and_keeps_its_other_keys(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"id": 1, "tokens": ["ė", "b"]}\nnot JSON\n\n{"tokens": ["c"]}', "utf-8")
    lines = filled(file, "X").decode().split("\n")
    assert json.loads(lines[0]) == {"id": 1, "tokens": ["ė", "b"], "tags": ["X", "X"]}
    assert lines[1:3] == ["not JSON", ""]
    assert json.loads(lines[3]) == {"tokens": ["c"], "tags": ["X"]}


def test_plain_lines_become_tokens_and_tags_one_for_one(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("Labas, rytai!\n\n\xff\n".encode("latin-1"))
    lines = [json.loads(line) for line in filled(file, "X", format="lines").splitlines()]
    assert lines[0] == {"tokens": ["Labas", ",", "rytai", "!"], "tags": ["X"] * 4}
    assert lines[1] == {"tokens": [], "tags": []}
    assert lines[2]["error"].startswith("undecodable byte: ")


def test_a_sentence_that_cannot_be_read_stays_as_it_was_undecodable_bytes_and_all(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.conll"
    raw = b"a DT\n\nb\xff\xfe NN\nc\n\nd NN\n"
    file.write_bytes(raw)
    assert filled(file, "X") == raw.replace(b"a DT", b"a DT X").replace(b"d NN", b"d NN X")


def test_another_encoding_is_written_back_in_itself(tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_bytes("ė DT\n\n".encode("utf-16"))
    assert filled(file, "X", encoding="utf-16") == "ė DT X\n\n".encode("utf-16")


def test_a_tag_that_the_encoding_lacks_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_bytes("ü DT\n\n".encode("latin-1"))
    with pytest.raises(InputError, match="line 1: expected tags that can be written in iso8859-1"):
        filled(file, "ž", encoding="latin-1")


def test_a_sentence_beyond_the_limit_is_passed_through(tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_text("w X\n" * 50 + "\nv Y\n", encoding="utf-8")
    expected = "w X\n" * 50 + "\nv Y T\n"
    assert filled(file, "T", max_words=7) == expected.encode()


def test_a_line_that_was_cut_cannot_be_written_back(tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_text(f"a X\n{'w' * 9_000_000} X\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"line 2: expected at most .* it cannot be written back"):
        filled(file, "T", format="conll")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(raw=st.binary(max_size=60).map(lambda data: b"a\tb\n" + data), limit=st.integers(1, 3))
def test_blocks_hold_every_byte_of_any_file_in_order(
    tmp_path: Path, raw: bytes, limit: int
) -> None:
    if b"\r" in raw and b"\n" not in raw.replace(b"\r\n", b""):
        return
    file = tmp_path / "any.conll"
    file.write_bytes(raw)
    options = TaggedOptions(max_words=limit)
    try:
        opened = open_tagged(str(file), options, need_tags=False)
    except InputError:
        return
    with opened:
        found = [
            (line.text + line.end).encode("utf-8", "surrogateescape")
            for block in opened.blocks()
            for line in block.lines
        ]
    assert opened.mark + b"".join(found) == raw


def test_chunks_hold_few_blocks_and_not_many_words() -> None:
    def block(words: int) -> Block:
        return Block((), Sentence(1, ("w",) * words, (), ()) if words else None)

    blocks = [block(size) for size in (1, 1, 1, 9, 1, 0, 0, 0, 0)]
    chunks = list(chunk_blocks(blocks, count=3, words=8))
    assert [len(chunk) for chunk in chunks] == [3, 1, 3, 2]
    assert [each for chunk in chunks for each in chunk] == blocks
