"""`vartai train caption`, `caption` and what the other verbs say of a captioner."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.commands import Run, finish, start

from vartai.cli.main import main
from vartai.data.scenes import generate

SMALL = ["--picture-size", "16", "--places", "2", "--width", "4", "--annotation-size", "6"]
SMALL += ["--hidden-size", "6", "--embedding-size", "6", "--attention-size", "4", "--beam", "2"]
SMALL += ["--min-frequency", "1", "--max-tokens", "12", "--epochs", "1", "--threads", "1"]
SMALL += ["--sample", "2", "--device", "cpu"]
SCENES = generate(20, seed=1, grid=4)


def write_table(folder: Path) -> Path:
    """Twenty pictures, the first with two captions; and rows that cannot be used."""
    (folder / "pictures").mkdir()
    rows = ["picture;text"]
    for place, scene in enumerate(SCENES):
        name = f"pictures/{place}.png"
        Image.fromarray(scene.picture.permute(1, 2, 0).numpy()).save(folder / name)
        rows.append(f"{name};{scene.caption}")
    rows.append("pictures/0.png;some things")
    (folder / "pictures" / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    rows += ["pictures/torn.png;a torn one", "pictures/gone.png;a lost one", "pictures/1.png; "]
    table = folder / "captions.csv"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return table


@pytest.fixture(scope="session")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table, its pictures and a trained captioner. Tests must not change it."""
    folder = tmp_path_factory.mktemp("captioned")
    table = write_table(folder)
    assert main(["train", "caption", str(table), "--out", str(folder / "model"), *SMALL]) == 0
    return folder


def test_training_prints_the_model_beside_honest_baselines(tmp_path: Path, run: Run) -> None:
    table = write_table(tmp_path)
    said = run(
        *("train", "caption", table, "--image", "picture", "--caption", "text"),
        *("--out", tmp_path / "m", *SMALL),
    )
    assert said.code == 0, said.err
    for name in ("most frequent", "nearest", "soft attention"):
        assert f"\n{name} " in said.out
    assert "case:lc" in said.out
    assert "3 rows rejected" in said.err
    rejected = (tmp_path / "m.run" / "rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["reason"] for line in rejected] == [
        "unreadable picture",
        "missing picture",
        "empty text",
    ]
    assert not (tmp_path / "m.run" / "checkpoint.safetensors").exists()
    card = (tmp_path / "m" / "README.md").read_text()
    assert "pipeline_tag: image-to-text" in card


def test_json_holds_bleu_1_to_4(tmp_path: Path, run: Run) -> None:
    table = write_table(tmp_path)
    own = ["--valid", table, "--test", table]
    said = run("train", "caption", table, *own, "--out", tmp_path / "m", *SMALL, "--json")
    answer = said.answer
    assert answer["pictures"] == {"train": 20, "valid": 20, "test": 20}
    assert answer["captions"]["test"] == 21
    assert set(answer["test"]) >= {"bleu_1", "bleu_2", "bleu_3", "bleu_4", "chrf", "exact"}
    assert answer["baselines"]["nearest"]["bleu_4"] == pytest.approx(100.0)  # it has seen them all


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--out", "m"], "expected a table of pictures and captions"),
        (["a.csv", "--demo", "--out", "m"], "found both"),
        (["--demo"], "expected --out DIR"),
        (["--demo", "--out", "m", "--attention", "sofft"], "unknown attention 'sofft'; known: "),
        (["--demo", "--out", "m", "--places", "5"], "cannot be halved down to 5 places a side"),
        (["--demo", "--out", "m", "--soft-share", "1.5"], "soft_share must be from 0 to 1"),
        (["--demo", "--out", "m", "--freeze"], "that of a new model knows nothing"),
    ],
)
def test_what_makes_no_sense_is_a_mistake(
    arguments: list[str], told: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("train", "caption", *arguments)
    assert said.code == 2
    assert told in said.error


def test_options_of_the_demonstration_give_way_to_what_is_typed(run: Run) -> None:
    said = run("train", "caption", "--demo", "--epochs", "3", "--print-config")
    assert "places = 4" in said.out
    assert "epochs = 3" in said.out
    assert "places = 8" in run("train", "caption", "--print-config").out


def test_an_interrupted_run_says_how_to_go_on_and_goes_on(tmp_path: Path, run: Run) -> None:
    table = write_table(tmp_path)
    longer = [*SMALL, "--patience", "4000", "--checkpoint", "1s", "--attention", "hard"]
    longer[SMALL.index("--epochs") + 1] = "4000"
    command = ["train", "caption", str(table), "--out", str(tmp_path / "m"), *longer]
    process = start(*command)
    checkpoint = tmp_path / "m.run" / "checkpoint.safetensors"
    for _ in range(900):
        if checkpoint.exists() or process.poll() is not None:
            break
        signal.sigtimedwait([], 0.1)
    process.send_signal(signal.SIGINT)
    said = finish(process)
    assert said.code == 130, said.err
    assert "--resume" in said.err
    resumed = run(*command, "--resume", "--time", "1s")
    assert resumed.code == 0, resumed.err


def test_a_picture_has_a_line_and_what_cannot_be_read_an_empty_one(
    captioned: Path, run: Run
) -> None:
    pictures = captioned / "pictures"
    names = [pictures / "3.png", pictures / "torn.png", pictures / "4.png"]
    said = run("caption", captioned / "model", *names)
    lines = said.out.split("\n")
    assert said.code == 0
    assert [bool(line) for line in lines] == [True, False, True, False]
    assert "torn.png: is not a picture of a known kind" in said.err
    alone = run("caption", captioned / "model", names[0])
    assert alone.out == lines[0] + "\n"
    refused = run("caption", captioned / "model", names[1])
    assert (refused.code, "torn.png" in refused.error) == (2, True)


def test_alternatives_as_json(captioned: Path, run: Run) -> None:
    pictures = captioned / "pictures"
    said = run(
        *("caption", captioned / "model", pictures / "3.png", pictures / "gone.png"),
        *("--json", "--n-best", "2"),
    )
    first, second = map(json.loads, said.out.splitlines())
    assert len(first["captions"]) == 2
    assert first["captions"][0]["score"] >= first["captions"][1]["score"]
    assert second["captions"] == []
    assert "no such file" in second["error"]


def test_attention_as_numbers_and_as_a_picture(captioned: Path, tmp_path: Path, run: Run) -> None:
    picture = captioned / "pictures" / "3.png"
    numbers, painted = tmp_path / "looks.json", tmp_path / "looks.png"
    for target in (numbers, painted):
        said = run("caption", captioned / "model", picture, "--attention", target)
        assert said.code == 0, said.err
        assert str(target) in said.err
    looks = json.loads(numbers.read_text(encoding="utf-8"))
    assert looks["caption"] == said.out.strip()
    assert looks["side"] == 2
    assert len(looks["weights"]) == len(looks["words"])
    with Image.open(painted) as image:
        assert image.format == "PNG"
        assert image.width == min(6, len(looks["words"])) * 166 + 6


def test_annotations_of_another_program_are_learned_from(tmp_path: Path, run: Run) -> None:
    random = np.random.default_rng(0)
    rows = ["path,caption"]
    for place, scene in enumerate(SCENES):
        size = 7 if place == 5 else 6
        np.save(tmp_path / f"{place}.npy", random.standard_normal((4, size)).astype(np.float32))
        rows.append(f"{place}.npy,{scene.caption}")
    table = tmp_path / "table.csv"
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    said = run("train", "caption", table, "--encoder", "given", "--out", tmp_path / "m", *SMALL)
    assert said.code == 0, said.err
    assert "expected annotations of 4 places × 6 numbers, found 4 × 7" in said.err
    numbers = tmp_path / "looks.json"
    told = run("caption", tmp_path / "m", tmp_path / "0.npy", "--attention", numbers)
    assert told.code == 0, told.err
    assert json.loads(numbers.read_text(encoding="utf-8"))["side"] == 2
    painted = run("caption", tmp_path / "m", tmp_path / "0.npy", "--attention", tmp_path / "l.png")
    assert (painted.code, "no picture to paint on" in painted.error) == (2, True)
    other = run("caption", tmp_path / "m", tmp_path / "5.npy")
    assert (other.code, "expected annotations of 6 numbers, found 7" in other.error) == (2, True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["x.png", "--n-best", "2"], "--n-best writes several captions of a picture; it needs"),
        (["x.png", "--json", "--beam", "1", "--n-best", "2"], "more than the beam of 1 finds"),
        (["x.png", "y.png", "--attention", "a.png"], "--attention shows one picture; expected one"),
        (["x.png", "--attention", "a.gif"], "expected a name that ends in one of .json, .png"),
        (["x.png", "--glance", "harder"], "unknown glance 'harder'; known: expected, likeliest"),
        (["x.png", "--attention", "no/a.png"], "there is no folder no to write it in"),
        (["x.png", "--weights", "w.pth"], "--weights has no use here: this captioner has its own"),
        (["x.png"], "x.png: there is no such file"),
        (["x.png", "y.png"], "expected a picture that can be read, found none in 2 files"),
        ([], "expected pictures to describe"),
    ],
)
def test_options_that_do_not_go_together(
    captioned: Path, options: list[str], told: str, run: Run
) -> None:
    said = run("caption", captioned / "model", *options)
    assert said.code == 2
    assert told in said.error


def test_what_is_no_table_is_named_for_what_it_is(captioned: Path, run: Run) -> None:
    for given, told in (
        (captioned / "pictures" / "3.png", "3.png: is a picture; expected a table that names"),
        (captioned / "pictures", "pictures: is a folder, and not one of features; expected a tab"),
    ):
        said = run("train", "caption", given, "--out", captioned / "never")
        assert (said.code, told in said.error) == (2, True), said.err
        said = run("evaluate", captioned / "model", given, "--out", captioned / "evaluation")
        assert (said.code, told in said.error) == (2, True), said.err


def test_where_it_looked_is_not_written_over_the_picture(captioned: Path, run: Run) -> None:
    picture = captioned / "pictures" / "3.png"
    before = picture.read_bytes()
    same = captioned / "pictures" / ".." / "pictures" / "3.png"
    said = run("caption", captioned / "model", picture, "--attention", same)
    assert (said.code, "would write over the picture" in said.error) == (2, True)
    assert picture.read_bytes() == before


def test_a_model_that_looks_nowhere_shows_nothing(tmp_path: Path, run: Run) -> None:
    table = write_table(tmp_path)
    assert run("train", "caption", table, "--out", tmp_path / "m", *SMALL,
               "--attention", "none").code == 0  # fmt: skip
    said = run("caption", tmp_path / "m", tmp_path / "pictures" / "3.png",
               "--attention", tmp_path / "a.json")  # fmt: skip
    assert (said.code, "this model sees all places alike" in said.error) == (2, True)


def test_a_moving_picture_is_described_by_its_first_and_that_is_said(
    captioned: Path, tmp_path: Path, run: Run
) -> None:
    frames = [Image.new("RGB", (16, 16), shade) for shade in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    said = run("caption", captioned / "model", tmp_path / "a.gif")
    assert (said.code, "a.gif: holds several pictures" in said.err) == (0, True)


def test_a_classifier_does_not_describe_pictures(trained: Path, run: Run) -> None:
    said = run("caption", trained, "x.png")
    assert said.code == 2
    assert "is a model for classify, which has no caption" in said.error


def test_a_captioner_is_evaluated_worst_first(captioned: Path, tmp_path: Path, run: Run) -> None:
    table = captioned / "captions.csv"
    said = run("evaluate", captioned / "model", table, "--out", tmp_path / "e", "--json")
    assert said.code == 0, said.err
    assert (said.answer["pictures"], said.answer["captions"]) == (20, 21)
    worst = (tmp_path / "e" / "worst.jsonl").read_text(encoding="utf-8").splitlines()
    scores = [json.loads(line)["chrf"] for line in worst]
    assert scores == sorted(scores)
    assert len((tmp_path / "e" / "rejects.jsonl").read_text().splitlines()) == 3
    told = run("evaluate", captioned / "model", table, "--out", tmp_path / "e")
    assert "BLEU-4" in told.out
    refused = run("evaluate", captioned / "model", table, "--label", "x")
    assert (refused.code, "--label has no use here" in refused.error) == (2, True)


def test_a_table_of_pictures_is_described_in_its_order(
    captioned: Path, tmp_path: Path, run: Run
) -> None:
    table, out = captioned / "captions.csv", tmp_path / "out.jsonl"
    said = run("predict", captioned / "model", "--input", table, "--output", out)
    assert said.code == 0, said.err
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [record["line"] for record in records] == [*range(2, 22), 23, 24]
    assert [record["error"] is None for record in records] == [True] * 20 + [False] * 2
    printed = run("predict", captioned / "model", "--input", table)
    assert [json.loads(line) for line in printed.out.splitlines()] == records
    refused = run("predict", captioned / "model", "a text")
    assert (refused.code, "a captioner needs pictures" in refused.error) == (2, True)


def test_show_says_what_a_captioner_is(captioned: Path, run: Run) -> None:
    said = run("show", captioned / "model")
    assert "attention: soft" in said.out
    assert "layer 1, forward" in said.out
    facts = run("show", captioned / "model", "--json").answer
    assert facts["pictures"] == "16 pixels"
