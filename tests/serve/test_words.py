"""The page's words: the same keys in every language, and all that the scripts ask for."""

from __future__ import annotations

import re

import pytest

from vartai.serve.inspector.page import modules as shared_modules
from vartai.serve.service.page.page import modules as own_modules

PAGES = {"page": shared_modules(), "try": own_modules()}
"""Scripts of the inspector, some of which all pages share, and those of the service's own page."""

_KEY = re.compile(r'^  (?:"([^"]+)"|(\w+)):', re.MULTILINE)
_PLACES = re.compile(r"\{(\w+)\}")
_ENTRY = re.compile(r'^  (?:"([^"]+)"|(\w+)):\s+"((?:[^"\\]|\\.)*)",$', re.MULTILINE)


pages = pytest.mark.parametrize("page", PAGES)


def _words(language: str, page: str) -> dict[str, str]:
    text = PAGES[page][f"{page}/words/{language}"]
    found = {quoted or plain: said for quoted, plain, said in _ENTRY.findall(text)}
    keys = [quoted or plain for quoted, plain in _KEY.findall(text)]
    assert list(found) == keys, "an entry was not understood, or stands twice"
    return found


@pages
def test_both_languages_have_the_same_keys_in_the_same_order(page: str) -> None:
    assert list(_words("lt", page)) == list(_words("en", page))


@pages
def test_both_languages_fill_in_the_same_places(page: str) -> None:
    english, lithuanian = _words("en", page), _words("lt", page)
    for key, said in english.items():
        assert set(_PLACES.findall(lithuanian[key])) == set(_PLACES.findall(said)), key


@pages
def test_no_lithuanian_entry_was_left_in_english(page: str) -> None:
    english, lithuanian = _words("en", page), _words("lt", page)
    same = [key for key in english if english[key] == lithuanian[key]]
    # Nothing but places to fill in.
    assert same == (["tokens.of"] if page == "page" else [])


def test_a_page_of_its_own_words_renames_none_of_those_that_all_pages_share() -> None:
    assert set(_words("en", "page")) & set(_words("en", "try")) == set()


def test_lithuanian_is_written_with_its_letters() -> None:
    text = " ".join(_words("lt", "page").values()).lower()
    assert set("ąčęėįšųūž") <= set(text)
    for term in ("užmiršimo vartai", "įvesties vartai", "išvesties vartai", "dėmesys", "atmintis"):
        assert term in text


@pytest.mark.parametrize(
    ("page", "name"),
    [(page, name) for page, scripts in PAGES.items() for name in scripts if "/words/" not in name],
)
def test_every_word_that_a_script_asks_for_is_there(page: str, name: str) -> None:
    asked = set(re.findall(r'\bsay\(\s*"([^"]+)"', PAGES[page][name]))
    assert asked - set(_words("en", page)) - set(_words("en", "page")) == set()


@pages
def test_every_word_is_asked_for_somewhere(page: str) -> None:
    scripts = "\n".join(text for name, text in PAGES[page].items() if "/words/" not in name)
    scripts += PAGES["page"]["page/tabs"]
    kinds = set(re.findall(r"`([\w.]+)\.\$\{", scripts)) | set(
        re.findall(r'called\("([\w.]+)"', scripts)
    )
    unused = [
        key
        for key in _words("en", page)
        if f'"{key}"' not in scripts
        and not any(key.startswith(f"{kind}.") for kind in kinds)
        and key != "language"
    ]
    assert unused == []
