"""`vartai features`, and captioners that are trained on what it wrote.

Small networks stand in for torchvision and timm; the rest is as a user runs it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import safetensors.torch
import torch
from PIL import Image
from tests.cli.commands import Run
from tests.cli.test_caption import SCENES, SMALL, write_table
from tests.images.stand_ins import Net, put_stand_ins

from vartai.bundle.trained import load_task
from vartai.images.pretrained import PretrainedEncoder

ENCODER = ["--encoder", "torchvision:small", "--picture-size", "32", "--threads", "1"]


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    return put_stand_ins(monkeypatch)


@pytest.fixture
def featured(tmp_path: Path, run: Run) -> Path:
    """A folder with a table, a file of weights and features made with it."""
    table = write_table(tmp_path)
    write_weights(tmp_path / "w.safetensors", 5)
    said = run("features", table, *ENCODER, "--weights", tmp_path / "w.safetensors",
               "--out", tmp_path / "features")  # fmt: skip
    assert said.code == 0, said.err
    return tmp_path


def write_weights(path: Path, seed: int) -> None:
    torch.manual_seed(seed)
    safetensors.torch.save_file(Net().state_dict(), path)


def train(run: Run, folder: Path, *more: object) -> None:
    said = run("train", "caption", folder / "features", "--out", folder / "m", *SMALL, *more)
    assert said.code == 0, said.err
    assert "features of torchvision:small with weights of a file" in said.err


def test_a_captioner_trained_on_features_describes_pictures_through_their_encoder(
    featured: Path, run: Run
) -> None:
    train(run, featured)
    options = load_task(featured / "m").task.config.pictures
    assert (options.pretrained, options.picture_size, options.annotation_size, options.places) == (
        ("torchvision:small", 32, 6, 4)
    )
    picture = featured / "pictures" / "3.png"
    weights = ["--weights", featured / "w.safetensors"]
    seen = run("caption", featured / "m", picture, "--json", *weights)
    assert seen.code == 0, seen.err
    rows = (featured / "features" / "captions.csv").read_text(encoding="utf-8").splitlines()
    [row] = [row for row in rows if row.endswith("pictures/3.png")]
    read = run("caption", featured / "m", featured / "features" / row.partition(",")[0], "--json")
    assert read.answer["captions"] == seen.answer["captions"]
    painted = featured / "looks.png"
    assert run("caption", featured / "m", picture, *weights, "--attention", painted).code == 0
    with Image.open(painted) as image:
        assert image.format == "PNG"


def test_whoever_captions_must_have_the_same_weights(featured: Path, run: Run) -> None:
    train(run, featured)
    picture = featured / "pictures" / "3.png"
    said = run("caption", featured / "m", picture)
    assert said.code == 2
    assert "torchvision:small with weights of a file" in said.error
    assert "--weights FILE names it" in said.error
    write_weights(featured / "other.safetensors", 6)
    said = run("caption", featured / "m", picture, "--weights", featured / "other.safetensors")
    assert (said.code, "expected the weights of torchvision:small that" in said.error) == (2, True)
    said = run("caption", featured / "m", picture, "--weights", featured / "none.pth")
    assert (said.code, "none.pth: there is no such file" in said.error) == (2, True)


def test_other_verbs_read_features_too_and_no_others(featured: Path, run: Run) -> None:
    train(run, featured)
    said = run("evaluate", featured / "m", featured / "features", "--json")
    assert said.answer["pictures"] == 20
    said = run("predict", featured / "m", "--input", featured / "features")
    assert len(said.out.splitlines()) == 20
    plain = run("evaluate", featured / "m", featured / "captions.csv")
    assert plain.code == 2
    assert "of pictures, vartai features --encoder torchvision:small makes" in plain.error
    write_weights(featured / "w.safetensors", 7)
    again = ["features", featured / "captions.csv", *ENCODER, "--weights"]
    said = run(*again, featured / "w.safetensors", "--out", featured / "others")
    assert said.code == 0, said.err
    said = run("evaluate", featured / "m", featured / "others")
    assert said.code == 2
    assert "of another encoder than those of training: weights expected" in said.error
    said = run("train", "caption", featured / "features", "--valid", featured / "others",
               "--out", featured / "m2", *SMALL)  # fmt: skip
    assert (said.code, "of another encoder than those of training" in said.error) == (2, True)
    said = run(*again, featured / "w.safetensors", "--out", featured / "features")
    assert (said.code, "holds features of another encoder" in said.error) == (2, True)


def test_a_captioner_goes_on_on_features_of_its_own_encoder(featured: Path, run: Run) -> None:
    train(run, featured)
    said = run("train", "caption", featured / "features", "--from", featured / "m",
               "--out", featured / "m2", "--epochs", "1", "--threads", "1")  # fmt: skip
    assert said.code == 0, said.err
    said = run("train", "caption", featured / "captions.csv", "--from", featured / "m",
               "--out", featured / "m2", "--epochs", "1")  # fmt: skip
    assert (said.code, "vartai features --encoder torchvision:small" in said.error) == (2, True)


def test_ctrl_c_leaves_whole_files_and_typed_again_it_goes_on(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = write_table(tmp_path)
    through = PretrainedEncoder.forward
    calls: list[int] = []

    def forward(self: PretrainedEncoder, pictures: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        if len(calls) == 9:
            raise KeyboardInterrupt
        return through(self, pictures)

    monkeypatch.setattr(PretrainedEncoder, "forward", forward)
    command = ["features", table, *ENCODER, "--out", tmp_path / "f"]
    said = run(*command)
    assert said.code == 130
    assert "typed again it goes on" in said.err
    files = sorted(each.name for each in (tmp_path / "f").rglob("*") if each.is_file())
    assert files[-1] == "features.json"
    assert len(files) == 8  # the first call is of a blank picture, the ninth failed
    said = run("train", "caption", tmp_path / "f", "--out", tmp_path / "m")
    assert (said.code, "no whole table" in said.error) == (2, True)
    said = run(*command, "--json")
    assert said.code == 0, said.err
    [told] = said.answer["tables"]
    assert (told["pictures"], told["computed"], told["found"], told["rejected"]) == (20, 13, 7, 3)
    reasons = (tmp_path / "f" / "captions.rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["reason"] for line in reasons] == [
        "unreadable picture",
        "missing picture",
        "empty text",
    ]


def test_several_tables_go_into_one_folder(tmp_path: Path, run: Run) -> None:
    table = write_table(tmp_path)
    bare = tmp_path / "bare.csv"
    bare.write_text("image\npictures/1.png\npictures/2.png\n", encoding="utf-8")
    said = run("features", table, bare, *ENCODER, "--out", tmp_path / "f", "--json")
    assert said.code == 0, said.err
    assert [each["computed"] for each in said.answer["tables"]] == [20, 0]
    assert said.answer["weights"].startswith("library:")
    said = run("train", "caption", tmp_path / "f", "--out", tmp_path / "m")
    assert (said.code, "several tables, bare.csv, captions.csv" in said.error) == (2, True)
    said = run("train", "caption", tmp_path / "f" / "captions.csv", "--out", tmp_path / "m", *SMALL)
    assert said.code == 0, said.err
    said = run("predict", tmp_path / "m", "--input", tmp_path / "f" / "bare.csv")
    assert len(said.out.splitlines()) == 2
    fetched = run("caption", tmp_path / "m", tmp_path / "pictures" / "2.png")
    assert fetched.code == 0, fetched.err
    assert fetched.out.strip() == json.loads(said.out.splitlines()[1])["caption"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--encoder", "timm:small", "--out", "f"], "expected tables of pictures"),
        (["t.csv", "--out", "f"], "expected --encoder, such as"),
        (["t.csv", "--encoder", "timm:small"], "expected --out DIR"),
        (["t.csv", "--encoder", "keras:x", "--out", "f"], "unknown library 'keras'; known: timm"),
        (["t.csv", "--encoder", "timm:smal", "--out", "f"], "nearest: small"),
        (["t.csv", "--encoder", "timm:rows", "--out", "f"], "timm:rows has no feature map"),
        (["t.csv", "--encoder", "timm:offline", "--out", "f"], "no route; --weights FILE reads"),
        (["no.csv", "--encoder", "timm:small", "--out", "f"], "no.csv: there is no such file"),
        ([".", "--encoder", "timm:small", "--out", "f"], "is a folder; expected a table"),
        (["-", "--encoder", "timm:small", "--out", "f"], "standard input has no name"),
        (["t.csv", "../x/t.csv", "--encoder", "timm:small", "--out", "f"], "be called t.csv"),
        (["t.csv", "--encoder", "timm:small", "--out", "."], "is not empty and holds no features"),
        (
            ["t.csv", "--encoder", "timm:small", "--out", "f", "--image", "pic"],
            "column 'pic', found",
        ),
        (["t.csv", "--encoder", "timm:small", "--out", "f", "--picture-size", "-3"], "from 1 to"),
        (["t.csv", "--encoder", "timm:small", "--out", "f", "--device", "tpu"], "unknown device"),
        (
            ["t.csv", "--encoder", "timm:small", "--out", "f", "--weights", "w"],
            "w: there is no such",
        ),
    ],
)
def test_what_makes_no_sense_is_a_mistake(
    arguments: list[str], told: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(SCENES[0].picture.permute(1, 2, 0).numpy()).save("1.png")
    Path("t.csv").write_text("image,caption\n1.png,a circle\n", encoding="utf-8")
    said = run("features", *arguments)
    assert told in said.error
    assert said.code == 2


def test_features_are_nothing_for_an_encoder_that_is_trained_along(
    featured: Path, run: Run
) -> None:
    said = run("train", "caption", featured / "captions.csv", "--pretrained", "timm:small",
               "--out", featured / "m", *SMALL)  # fmt: skip
    assert (said.code, "it goes with --encoder given" in said.error) == (2, True)
    said = run("train", "caption", featured, "--out", featured / "m", *SMALL)
    assert (said.code, "is a folder, and not one of features" in said.error) == (2, True)
    shutil.rmtree(featured / "features" / "annotations")
    said = run("train", "caption", featured / "features", "--out", featured / "m", *SMALL)
    assert (said.code, "missing picture" in said.error) == (2, True)
