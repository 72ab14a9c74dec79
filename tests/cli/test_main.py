"""What every command shares: the overview, help, exit codes, a quick start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.cli.commands import SOURCE, Run, finish, start

from vartai.cli.verbs import VERBS


@pytest.mark.parametrize("typed", [[], ["--help"], ["-h"]])
def test_the_overview_names_every_verb_with_an_example(run: Run, typed: list[str]) -> None:
    said = run(*typed)
    assert said.code == 0
    for verb in VERBS:
        assert f"  {' '.join(verb.words)} " in said.out
        assert verb.example in said.out


def test_the_overview_comes_within_a_third_of_a_second() -> None:
    best = float("inf")
    for _ in range(3):  # the best of three, for the machine may be busy
        began = time.perf_counter()
        assert finish(start("--help")).code == 0
        best = min(best, time.perf_counter() - began)
    assert best < 0.3


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.words[-1])
def test_help_has_an_example_and_imports_no_torch(verb: object) -> None:
    words = verb.words  # type: ignore[attr-defined]
    program = (
        "import sys; from vartai.cli.main import main; "
        f"code = main([*{words!r}, '--help']); "
        "heavy = {'torch', 'sklearn', 'pyarrow', 'plotly'} & set(sys.modules); "
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SOURCE), "COLUMNS": "200"},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert verb.example in ran.stdout  # type: ignore[attr-defined]
    assert "--json" in ran.stdout


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (["trian"], 'Did you mean "train"'),
        (["check", "table.csv", "--labl", "x"], "Did you mean --label"),
        (["check"], "TABLE requires an argument"),
        (["train", "classify", "--epochs", "many"], "many"),
        (["train", "classify", "--cell", "lsmt"], "Did you mean 'lstm'"),
        (["train", "classify", "--epochs", "0"], "epochs must be at least 1, was 0"),
        (["train", "classify"], "expected a table"),
        (["train", "classify", "table.csv"], "expected --out DIR"),
        (["check", "absent.csv"], "absent.csv: cannot be opened"),
        (["show", "absent"], "absent"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(run: Run, typed: list[str], problem: str) -> None:
    said = run(*typed)
    assert said.code == 2
    assert said.out == ""
    assert problem in said.error
    assert len(said.err.splitlines()) == 1


def test_a_reader_that_went_away_is_no_reason_to_complain(table: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    process = start("check", table, "--json", stdout=write)
    os.close(write)
    said = finish(process)
    assert (said.code, said.err) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which is always full")
def test_standard_output_on_a_full_disk_is_a_failure(table: Path) -> None:
    with Path("/dev/full").open("w") as full:
        said = finish(start("check", table, "--json", stdout=full))
    assert said.code == 1
    assert "No space left on device" in said.error


def test_ctrl_c_outside_training_is_a_line_and_exit_code_130(
    run: Run, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vartai.data.summary.summarise_table", interrupt)
    said = run("check", table)
    assert (said.code, said.error) == (130, "interrupted")


def test_a_reader_of_the_overview_may_leave_early() -> None:
    process = start()
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    assert finish(process).err == ""
