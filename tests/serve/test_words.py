"""The page's words: the same keys in every language, and all that the scripts ask for."""

from __future__ import annotations

import re

import pytest

from vartai.serve.inspector.page import modules

_KEY = re.compile(r'^  (?:"([^"]+)"|(\w+)):', re.MULTILINE)
_PLACES = re.compile(r"\{(\w+)\}")
_ENTRY = re.compile(r'^  (?:"([^"]+)"|(\w+)):\s+"((?:[^"\\]|\\.)*)",$', re.MULTILINE)


def _words(language: str) -> dict[str, str]:
    text = modules()[f"words/{language}"]
    found = {quoted or plain: said for quoted, plain, said in _ENTRY.findall(text)}
    keys = [quoted or plain for quoted, plain in _KEY.findall(text)]
    assert list(found) == keys, "an entry was not understood, or stands twice"
    return found


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(_words("lt")) == list(_words("en"))


def test_both_languages_fill_in_the_same_places() -> None:
    english, lithuanian = _words("en"), _words("lt")
    for key, said in english.items():
        assert set(_PLACES.findall(lithuanian[key])) == set(_PLACES.findall(said)), key


def test_no_lithuanian_entry_was_left_in_english() -> None:
    english, lithuanian = _words("en"), _words("lt")
    same = [key for key in english if english[key] == lithuanian[key]]
    # Nothing but places to fill in.
    assert same == ["tokens.of"]


def test_lithuanian_is_written_with_its_letters() -> None:
    text = " ".join(_words("lt").values()).lower()
    assert set("ąčęėįšųūž") <= set(text)
    for term in ("užmiršimo vartai", "įvesties vartai", "išvesties vartai", "dėmesys", "atmintis"):
        assert term in text


@pytest.mark.parametrize("name", [name for name in modules() if not name.startswith("words/")])
def test_every_word_that_a_script_asks_for_is_there(name: str) -> None:
    asked = set(re.findall(r'\bsay\(\s*"([^"]+)"', modules()[name]))
    assert asked - set(_words("en")) == set()


def test_every_word_is_asked_for_somewhere() -> None:
    scripts = "\n".join(text for name, text in modules().items() if "words/" not in name)
    kinds = set(re.findall(r"`([\w.]+)\.\$\{", scripts)) | set(
        re.findall(r'called\("([\w.]+)"', scripts)
    )
    unused = [
        key
        for key in _words("en")
        if f'"{key}"' not in scripts
        and not any(key.startswith(f"{kind}.") for kind in kinds)
        and key != "language"
    ]
    assert unused == []
