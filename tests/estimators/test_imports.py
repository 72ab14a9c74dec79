"""What `import vartai` brings with it, seen in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import vartai

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "numpy", "sklearn", "pyarrow", "tokenizers", "pandas", "polars")


def _imported(statement: str) -> set[str]:
    """Which top-level packages a statement imports."""
    program = f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_vartai_imports_nothing_heavy() -> None:
    assert _imported("import vartai").isdisjoint(HEAVY)


def test_importing_the_layers_imports_torch_and_numpy_only() -> None:
    brought = _imported("import vartai.nn")
    assert "torch" in brought
    assert brought.isdisjoint(set(HEAVY) - {"torch", "numpy"})


def test_a_classifier_does_without_libraries_of_tables() -> None:
    program = (
        "from importlib.machinery import PathFinder\n"
        "class Without(PathFinder):\n"
        "    def find_spec(name, path=None, target=None):\n"
        "        if name in ('pandas', 'polars'): return None\n"
        "        return PathFinder.find_spec(name, path, target)\n"
        "sys.meta_path[sys.meta_path.index(PathFinder)] = Without\n"
        "from vartai import TextClassifier as C\n"
        "texts = [f'{a} {b}' for b in 'abcde' for a in ('good', 'bad')]\n"
        "C(cell='bag', embedding_size=4, epochs=1, valid_share=0.2)"
        ".fit(texts, [1, 0] * 5).predict(texts)"
    )
    assert _imported(program).isdisjoint({"pandas", "polars"})


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'vartai' has no attribute 'Classifier'"):
        vartai.Classifier  # noqa: B018


def test_every_public_name_is_listed_by_dir() -> None:
    assert set(vartai.__all__) <= set(dir(vartai))


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert vartai.__version__ == project["version"]
