"""A bundle is what a model hub takes: five files, and a card that is complete for every task."""

from __future__ import annotations

import re
from pathlib import Path

import huggingface_hub
import pytest
from tests.cli.commands import SMALL, make_rows, write_csv
from tests.cli.tag_files import SMALL_TAGGER, write_corpus

import vartai
from vartai.bundle.card import PIPELINES
from vartai.cli.main import main
from vartai.data.tales import write_tales

TINY = ["--hidden-size", "8", "--epochs", "1", "--threads", "1", "--device", "cpu"]
SECTIONS = ["Data", "Training", "Scores", "Limits"]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A bundle of each task that trains in a second or two."""
    folder = tmp_path_factory.mktemp("hub")
    table = write_csv(folder / "reviews.csv", make_rows(60))
    corpus = write_corpus(folder / "corpus.conllu")
    book = folder / "book.txt"
    book.write_text("".join(write_tales(40, seed=2)), encoding="utf-8")
    typed = {
        "classify": [str(table), *SMALL],
        "tag": [str(corpus), "--column", "upos", *SMALL_TAGGER],
        "generate": [str(book), "--embedding-size", "8", "--streams", "5", *TINY],
        "translate": ["--demo", "--time", "2s", *TINY],
        "answer": ["--demo", "--time", "2s", *TINY],
    }
    found = {}
    for task, arguments in typed.items():
        found[task] = folder / f"{task}-model"
        assert main(["train", task, *arguments, "--out", str(found[task])]) == 0, task
    return found


@pytest.mark.parametrize("task", ["classify", "tag", "generate", "translate", "answer"])
def test_the_card_of_a_trained_model_is_complete(bundles: dict[str, Path], task: str) -> None:
    card = huggingface_hub.ModelCard.load(bundles[task] / "README.md")
    assert card.data.library_name == "vartai"
    assert card.data.pipeline_tag == PIPELINES[task]
    assert "vartai" in card.data.tags
    assert card.data.metrics
    text = card.text
    assert f"for the task *{task}*" in text
    assert "vartai.load(folder)" in text
    assert re.search(r"`vartai \w+ FOLDER", text)
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == SECTIONS
    parts = dict(zip(SECTIONS, re.split(r"^## \w+$", text, flags=re.MULTILINE)[1:], strict=True))
    assert all("Not stated." not in part for part in parts.values())
    for line in ("seed", "machine", "seconds"):
        assert f"- {line}: " in parts["Training"]
    assert "| **this model** |" in parts["Scores"]
    assert parts["Scores"].count("\n|") > 3  # a baseline stands beside it
    assert parts["Limits"].count("\n- ") >= 1


@pytest.mark.parametrize("task", ["classify", "tag", "generate", "translate", "answer"])
def test_a_bundle_loads_from_where_a_hub_has_put_it(bundles: dict[str, Path], task: str) -> None:
    folder = bundles[task]
    # What `snapshot_download(…, local_dir=…)` leaves beside the files.
    (folder / ".gitattributes").write_text("*.safetensors filter=lfs\n", encoding="utf-8")
    (folder / ".cache" / "huggingface").mkdir(parents=True, exist_ok=True)
    assert type(vartai.load(folder)).__name__ in vartai.__all__
