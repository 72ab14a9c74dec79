"""The number that a compiled core and the Python beside it must share."""

from __future__ import annotations

import hashlib
import re
import runpy
from types import ModuleType

import pytest

from vartai import kernels
from vartai.errors import RunError
from vartai.kernels.native import door


def load_beside(core: ModuleType, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What `door` holds once it is read again, beside this core."""
    monkeypatch.setattr(kernels, "_core", core)
    monkeypatch.delenv("VARTAI_ISA", raising=False)
    return runpy.run_path(door.__file__)


@pytest.mark.parametrize("found", [None, door.INTERFACE - 1, door.INTERFACE + 1])
def test_a_core_of_another_interface_is_refused_with_both_numbers(
    found: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = ModuleType("_core")
    if found is not None:
        core.INTERFACE = found
    said = rf"has interface {found or 0}, and this Vartai calls {door.INTERFACE}: .*`make setup`"
    with pytest.raises(RunError, match=said):
        load_beside(core, monkeypatch)


def test_a_core_of_this_interface_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    core = ModuleType("_core")
    core.INTERFACE = door.INTERFACE
    assert load_beside(core, monkeypatch)["core"] is core


def test_other_arguments_are_another_interface() -> None:
    """Fails where what the core takes has changed: raise both numbers, then write the digest."""
    named = "\n".join(re.sub(r": [^,)]+", "", line) for line in signatures(door.core))
    digest = hashlib.sha256(named.encode()).hexdigest()[:12]
    assert (door.core.INTERFACE, digest) == (1, "b1fe4798b9fe"), named


def signatures(owner: object) -> list[str]:
    """Of all functions and methods of the core, by name, as nanobind writes them."""
    found = []
    for name, thing in sorted(vars(owner).items()):
        if isinstance(thing, type):
            found += [f"{name}.{line}" for line in signatures(thing)]
        elif type(thing).__name__.startswith("nb_"):
            found.append(thing.__doc__.partition("\n")[0].partition(" ->")[0])
    return found
