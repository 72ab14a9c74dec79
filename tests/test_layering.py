"""Imports point down: every room may import only from rooms above it in `ROOMS`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "vartai"

# Lowest first. `__init__` is the public face `vartai`, `__main__` is `python -m vartai`.
ROOMS = (
    "errors",
    "lazy_names",
    "sequences",
    "kernels",
    "nn",
    "models",
    "decoding",
    "text",
    "images",
    "data",
    "figures",
    "training",
    "tasks",
    "bundle",
    "exchange",
    "stream",
    "inspect",
    "measure",
    "estimators",
    "__init__",
    "serve",
    "cli",
    "__main__",
)


def faults(package: Path, rooms: tuple[str, ...]) -> list[str]:
    """Every import of `package` that points up or across `tasks/`, and every file in no room."""
    rank = {room: height for height, room in enumerate(rooms)}
    found = []
    for file in sorted(package.rglob("*.py")):
        here = file.relative_to(package).with_suffix("").parts
        if here[0] not in rank:
            found.append(f"{file.relative_to(package)} is in no room")
            continue
        for line, target in _imports(file, package.name, here):
            place = f"{file.relative_to(package)}:{line}"
            if target[0] not in rank:
                found.append(f"{place} imports {target[0]}, which is in no room")
            elif rank[target[0]] > rank[here[0]]:
                found.append(f"{place} imports {target[0]} from above")
            elif _crosses_tasks(package, here, target):
                found.append(f"{place} imports its sibling {'.'.join(target)}")
    return found


def _crosses_tasks(package: Path, here: tuple[str, ...], target: tuple[str, ...]) -> bool:
    """Whether a task imports another one, itself or through the catalogue that names them all.

    A task is a folder; files that lie in `tasks/` beside the folders serve every task.
    """
    if not (here[0] == target[0] == "tasks" and len(here) > 2 and len(target) > 1):
        return False
    is_task = (package / "tasks" / target[1]).is_dir()
    return target[1] == "catalogue" or (is_task and target[1] != here[1])


def _imports(
    file: Path, package: str, here: tuple[str, ...]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and target of each import from the own package, wherever it stands in the file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for name in _names(node, package, here):
            parts = tuple(name.split("."))
            if parts[0] == package:
                yield getattr(node, "lineno", 0), parts[1:] or ("__init__",)


def _names(node: ast.AST, package: str, here: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _base(node, package, here)
        # `from vartai import X`: X is a room, or else a name of the public face.
        if base == package:
            return [_room_or_face(package, alias.name) for alias in node.names]
        # `from vartai.tasks import tag`: the name may be a module, and then it is the target.
        return [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and _called(node.func) in ("import_module", "__import__"):
        literal = node.args[0] if node.args else None
        if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
            return [literal.value]
    return []


def _base(node: ast.ImportFrom, package: str, here: tuple[str, ...]) -> str:
    if node.level == 0:
        return node.module or ""
    above = (package, *here)[: -node.level]
    return ".".join((*above, node.module) if node.module else above)


def _room_or_face(package: str, name: str) -> str:
    return f"{package}.{name}" if name in ROOMS else package


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_imports_point_down() -> None:
    assert faults(PACKAGE, ROOMS) == []


def test_the_checker_finds_each_planted_violation(tmp_path: Path) -> None:
    planted = {
        "__init__.py": "from vartai.estimators import TextClassifier\n",
        "errors.py": "",
        "nn/lstm.py": "def late():\n    from vartai.models import classifier\n",
        "nn/gru.py": "from ..training.loop import run\n",
        "text/__init__.py": "from importlib import import_module\n",
        "text/lazy.py": "import importlib\nimportlib.import_module('vartai.cli')\n",
        "data/face.py": "from vartai import TextClassifier\nfrom vartai import errors\n",
        "tasks/classify/task.py": "from vartai.tasks.tag import build\n",
        "tasks/classify/fit.py": "from vartai.tasks.configs import read\n",
        "tasks/classify/name.py": "from vartai.tasks import catalogue\n",
        "tasks/configs.py": "",
        "tasks/tag/build.py": "from vartai.tasks import classify\nfrom . import task\n",
        "tasks/catalogue.py": "from vartai.tasks import classify\n",
        "helpers.py": "",
        "estimators/tagger.py": "import vartai.helpers\nimport numpy\n",
    }
    package = tmp_path / "vartai"
    for name, text in planted.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, encoding="utf-8")
    assert faults(package, ROOMS) == [
        "data/face.py:1 imports __init__ from above",
        "estimators/tagger.py:1 imports helpers, which is in no room",
        "helpers.py is in no room",
        "nn/gru.py:1 imports training from above",
        "nn/lstm.py:2 imports models from above",
        "tasks/classify/name.py:1 imports its sibling tasks.catalogue",
        "tasks/classify/task.py:1 imports its sibling tasks.tag.build",
        "tasks/tag/build.py:1 imports its sibling tasks.classify",
        "text/lazy.py:2 imports cli from above",
    ]
