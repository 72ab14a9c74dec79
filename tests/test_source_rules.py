"""Rules about the source text that no linter of ours states."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "vartai"
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
UNPICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


def faults(package: Path) -> list[str]:
    """Every place in `package` where a rule of CONTRIBUTING.md is broken."""
    found = []
    for file in sorted(package.rglob("*.py")):
        name = file.relative_to(package)
        text = file.read_text(encoding="utf-8")
        if file.stem in BANNED_NAMES:
            found.append(f"{name}: a room without a name")
        if text.count("\n") > 400:
            found.append(f"{name}: longer than 400 lines")
        in_cli = name.parts[0] == "cli"
        for node in ast.walk(ast.parse(text)):
            found += [f"{name}:{line}: {what}" for line, what in _broken(node, in_cli=in_cli)]
    return found


def _broken(node: ast.AST, *, in_cli: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if node.args.kwarg is not None:
            yield node.lineno, f"{node.name} takes **{node.args.kwarg.arg}"
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > 60:
            yield node.lineno, f"{node.name} is {length} lines long"
    if not in_cli and _calls_print(node):
        yield getattr(node, "lineno", 0), "prints outside cli/"
    for module in _imported(node):
        if module.split(".")[0] in UNPICKLERS:
            yield getattr(node, "lineno", 0), f"imports {module}"


def _calls_print(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    )


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return [node.module or ""]
    return []


def test_the_source_keeps_its_rules() -> None:
    assert faults(PACKAGE) == []


def test_the_checker_finds_each_planted_violation(tmp_path: Path) -> None:
    planted = {
        "cli/show.py": "print('allowed here')\n",
        "data/tables.py": "def read(path, **options):\n    print(path)\n",
        "text/utils.py": "import pickle\nfrom joblib import load\n",
        "nn/long.py": "def f():\n" + "    x = 1\n" * 60,
        "nn/longer.py": "\n" * 401,
    }
    for name, text in planted.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert faults(tmp_path) == [
        "data/tables.py:1: read takes **options",
        "data/tables.py:2: prints outside cli/",
        "nn/long.py:1: f is 61 lines long",
        "nn/longer.py: longer than 400 lines",
        "text/utils.py: a room without a name",
        "text/utils.py:1: imports pickle",
        "text/utils.py:2: imports joblib",
    ]
