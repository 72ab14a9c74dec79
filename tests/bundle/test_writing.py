"""Saving: what is written reads back, and no accident costs the old model."""

from __future__ import annotations

import dataclasses
import errno
import os
import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vartai.bundle import BundleContents, read_bundle, require_bundle_place, write_bundle
from vartai.errors import BundleError, OptionError, SaveError


def same(left: BundleContents, right: BundleContents) -> bool:
    tensors_equal = left.tensors.keys() == right.tensors.keys() and all(
        array.dtype == right.tensors[name].dtype and np.array_equal(array, right.tensors[name])
        for name, array in left.tensors.items()
    )
    others = [(c.task, c.config, c.tokenizer, c.metrics, c.card) for c in (left, right)]
    return tensors_equal and others[0] == others[1]


def renamed(contents: BundleContents, card: str) -> BundleContents:
    return dataclasses.replace(contents, card=card)


def test_what_is_saved_reads_back_equal(bundle: Path, contents: BundleContents) -> None:
    assert same(read_bundle(bundle), contents)
    assert sorted(file.name for file in bundle.iterdir()) == [
        "README.md",
        "config.json",
        "metrics.json",
        "model.safetensors",
        "tokenizer.json",
    ]


def test_a_transposed_view_is_saved_as_it_looks(tmp_path: Path, contents: BundleContents) -> None:
    view = np.arange(6, dtype=np.float32).reshape(2, 3).T
    write_bundle(tmp_path / "m", dataclasses.replace(contents, tensors={"w": view}))
    assert read_bundle(tmp_path / "m").tensors["w"].tolist() == view.tolist()


def test_arrays_that_were_read_are_writable(bundle: Path) -> None:
    assert all(array.flags.writeable for array in read_bundle(bundle).tensors.values())


def test_parents_are_made(tmp_path: Path, contents: BundleContents) -> None:
    write_bundle(tmp_path / "a" / "b", contents)
    assert same(read_bundle(tmp_path / "a" / "b"), contents)


def test_a_new_save_replaces_the_old_and_keeps_other_files(
    bundle: Path, contents: BundleContents
) -> None:
    (bundle / "notes.txt").write_text("mine")
    write_bundle(bundle, renamed(contents, "second"))
    assert read_bundle(bundle).card == "second"
    assert (bundle / "notes.txt").read_text() == "mine"
    assert [entry.name for entry in bundle.parent.iterdir()] == ["model"]


def test_a_folder_that_is_no_bundle_is_not_written_over(
    tmp_path: Path, contents: BundleContents
) -> None:
    (tmp_path / "thesis.txt").write_text("three years")
    with pytest.raises(OptionError, match="is not a saved model, so it is not written over"):
        write_bundle(tmp_path, contents)
    assert (tmp_path / "thesis.txt").read_text() == "three years"


def test_a_foreign_config_json_does_not_make_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"format": "another"}')
    with pytest.raises(OptionError, match="is not a saved model"):
        require_bundle_place(tmp_path)


def test_an_empty_folder_may_take_a_bundle(tmp_path: Path, contents: BundleContents) -> None:
    (tmp_path / "empty").mkdir()
    write_bundle(tmp_path / "empty", contents)
    assert same(read_bundle(tmp_path / "empty"), contents)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"tensors": {"w": np.array([1.0, np.nan])}}, r"tensor 'w' holds nan at \(1,\)"),
        ({"tensors": {"w": np.array(["a"])}}, "tensor 'w' has type <U1; known: bool, float16"),
        ({"config": {"rate": float("inf")}}, "config.json: cannot be written as JSON"),
        ({"config": {"labels": ["\ud800"]}}, "config.json: cannot be written as JSON"),
        ({"tokenizer": "[]"}, "tokenizer.json: expected a JSON object, found list"),
        ({"task": "../x"}, "task should be a lower-case name, is '../x'"),
        ({"card": "x" * (1 << 20) + "x"}, "README.md: 1,048,577 bytes, at most 1,048,576"),
    ],
    ids=["nan", "strings", "infinity", "surrogate", "tokenizer", "task", "long-card"],
)
def test_contents_that_no_reader_would_accept_are_not_saved(
    bundle: Path, contents: BundleContents, change: dict[str, Any], fault: str
) -> None:
    broken: BundleContents = dataclasses.replace(contents, **change)
    with pytest.raises(SaveError, match=f"not saved: .*{fault}.*The model that was there is intac"):
        write_bundle(bundle, broken)
    assert same(read_bundle(bundle), contents)


@pytest.mark.parametrize("flush", range(6), ids=lambda k: f"flush{k}")
def test_a_full_disk_leaves_the_old_model(
    bundle: Path, contents: BundleContents, monkeypatch: pytest.MonkeyPatch, flush: int
) -> None:
    calls = iter(range(100))

    def full(descriptor: int) -> None:
        if next(calls) == flush:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SaveError, match="No space left on device. The model that was there is in"):
        write_bundle(bundle, renamed(contents, "second"))
    assert same(read_bundle(bundle), contents)
    assert [entry.name for entry in bundle.parent.iterdir()] == ["model"]


def test_a_file_that_may_not_grow_leaves_the_old_model(
    bundle: Path, contents: BundleContents
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    large = dataclasses.replace(contents, tensors={"w": np.zeros(10_000)})
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(SaveError, match="File too large. The model that was there is intact"):
            write_bundle(bundle, large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert same(read_bundle(bundle), contents)


def test_a_read_only_place_is_told_and_nothing_is_left(
    tmp_path: Path, contents: BundleContents, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Permissions do not bind the superuser, so the system's answer is played.
    def refuse(
        self: Path, mode: int = 0o777, parents: bool = False, exist_ok: bool = False
    ) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(SaveError, match="Read-only file system. Nothing was written"):
        write_bundle(tmp_path / "m", contents)
    assert list(tmp_path.iterdir()) == []


def test_a_parent_that_is_a_file_is_told(tmp_path: Path, contents: BundleContents) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SaveError, match="could not be saved: (Not a directory|File exists)"):
        write_bundle(tmp_path / "file" / "m", contents)


class Killed(BaseException):
    """Stands for the end of the process: once raised, nothing more reaches the disk."""


class Reaper:
    """Ends the process at the n-th thing it asks of the disk. An audit hook stays for good."""

    EVENTS = ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree")

    def __init__(self) -> None:
        self.left: int | None = None
        sys.addaudithook(self.watch)

    def watch(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.left is None or event not in self.EVENTS:
            return
        self.left -= 1
        if self.left < 0:
            raise Killed


@pytest.fixture(scope="module")
def reaper() -> Reaper:
    return Reaper()


def test_a_kill_at_any_moment_leaves_one_whole_model(
    bundle: Path, contents: BundleContents, reaper: Reaper
) -> None:
    second, third = renamed(contents, "second"), renamed(contents, "third")
    moments = 0
    seen = set()
    while True:
        write_bundle(bundle, contents)
        reaper.left = moments
        try:
            write_bundle(bundle, second)
            break
        except Killed:
            moments += 1
        finally:
            reaper.left = None
        seen.add(state_after_kill(bundle, (contents, second)))
        # The next save works whatever was left behind, and leaves nothing but itself.
        write_bundle(bundle, third)
        assert read_bundle(bundle).card == "third"
        assert [entry.name for entry in bundle.parent.iterdir()] == ["model"]
    assert moments > 15
    assert seen == {"first", "second", "set aside"}


def state_after_kill(bundle: Path, models: tuple[BundleContents, BundleContents]) -> str:
    """Which model is whole; a reader told of the one set aside must find it there."""
    if not bundle.exists():
        aside = bundle.with_name(".model.previous")
        with pytest.raises(BundleError, match=f"under the name {aside}: rename it to model"):
            read_bundle(bundle)
        assert same(read_bundle(aside), models[0])
        return "set aside"
    found = read_bundle(bundle)
    assert same(found, models[0]) or same(found, models[1])
    return "first" if same(found, models[0]) else "second"
