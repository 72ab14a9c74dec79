from __future__ import annotations

import json
from pathlib import Path

import pytest

from vartai.data import rejects as module
from vartai.data.rejects import SHOWN, Rejection, Rejects, clip_raw
from vartai.errors import SaveError


def rejection(line: int, *, raw: str = "") -> Rejection:
    return Rejection(
        file="a.csv", line=line, column="text", reason="empty text", detail="found none", raw=raw
    )


def test_a_rejection_reads_as_a_sentence() -> None:
    assert str(rejection(3)) == "a.csv, line 3, column 'text': empty text: found none"


def test_rejects_keep_order_count_and_the_first_few() -> None:
    rejects = Rejects()
    for line in range(1, 9):
        rejects.add(rejection(line))
    assert len(rejects) == 8
    assert rejects.counts() == {"empty text": 8}
    assert [item.line for item in rejects] == list(range(1, 9))
    assert [item.line for item in rejects.first] == list(range(1, SHOWN + 1))


def test_rejects_beyond_the_memory_limit_are_all_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "MEMORY_BYTES", 1_000)
    rejects = Rejects()
    for line in range(1, 101):
        rejects.add(rejection(line, raw="ė" * 50))
    rejects.write(tmp_path / "rejects.jsonl")
    rejects.add(rejection(101))
    written = (tmp_path / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["line"] for line in written] == list(range(1, 101))
    assert json.loads(written[0])["raw"] == "ė" * 50
    assert [item.line for item in rejects][-1] == 101


def test_an_unwritable_rejects_file_is_a_save_error_and_leaves_nothing(tmp_path: Path) -> None:
    rejects = Rejects()
    rejects.add(rejection(1))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "full").touch()
    with pytest.raises(SaveError, match="rejected rows could not be written"):
        rejects.write(tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_raw_text_is_cut_and_can_always_be_written() -> None:
    assert clip_raw("\ud800" + "x" * 10_000).encode() == b"\\ud800" + b"x" * 999
